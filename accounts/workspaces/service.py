"""Verbs on workspaces."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.users.actor import Oneself
from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces import queries
from accounts.workspaces.models import Membership, Role, Workspace, WorkspaceKind
from accounts.workspaces.schemas import WorkspaceInput
from core.db import Session
from core.events import record


def create(db: Session, *, kind: WorkspaceKind, name: str, owner: User) -> Workspace:
    """A new workspace with ``owner`` as its first member; it takes over the owner's time zone."""
    workspace = Workspace(kind=kind, name=name, time_zone=owner.time_zone, created_at=db.now())
    db.add(workspace)
    db.flush()
    db.add(Membership(workspace_id=workspace.id, user_id=owner.id, role=Role.OWNER, created_at=db.now()))
    db.flush()
    record(db, "workspace.created", workspace, by=Oneself(owner.id, workspace.id), kind=kind.value)
    return workspace


def edit(db: Session, workspace: Workspace, data: WorkspaceInput, *, by: Viewer) -> None:
    """Overwrite the workspace's facts. Contracts already frozen keep the names they were signed with."""
    for name, value in data.model_dump().items():
        setattr(workspace, name, value if value is not None else "")
    record(db, "workspace.edited", workspace, by=by)


def complete(db: Session, workspace_id: UUID, *, by: Viewer, **details: str) -> None:
    """Keep ``details``, columns by name, where the workspace says nothing yet; what it says stays."""
    statement = select(Workspace).where(col(Workspace.id) == workspace_id).with_for_update(key_share=True)
    workspace = db.scalars(statement.execution_options(populate_existing=True)).one()
    new = {name: value for name, value in details.items() if value and not getattr(workspace, name)}
    for name, value in new.items():
        setattr(workspace, name, value)
    if new:
        record(db, "workspace.edited", workspace, by=by)


def suspend(db: Session, workspace: Workspace) -> None:
    """Nobody who may answer for it is left: others see nothing of it, and what it has on the table is void."""
    workspace.suspended_at = db.now()
    record(db, "workspace.suspended", workspace, by=None)


def restore_owned(db: Session, user_id: UUID) -> None:
    """Workspaces that waited for this owner go on. What was void stays so; closed ones have no owner any more."""
    for workspace in queries.list_suspended(db, user_id):
        workspace.suspended_at = None
        record(db, "workspace.restored", workspace, by=None)
