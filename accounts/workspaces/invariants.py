"""What must hold between the stored rows."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Session
from core.events import Event


def every_workspace_has_an_owner(db: Session) -> list[str]:
    """Running workspaces nobody owns: their people could never be changed again."""
    owner = select(col(Membership.id)).where(
        col(Membership.workspace_id) == Workspace.id, col(Membership.role) == Role.OWNER
    )
    found = db.scalars(
        select(col(Workspace.id))
        .where(col(Workspace.suspended_at).is_(None), ~owner.exists())
        .order_by(col(Workspace.id))
    )
    return [f"workspace {workspace_id} has no owner" for workspace_id in found]


def every_empty_workspace_is_closed(db: Session) -> list[str]:
    """Workspaces nobody works in that were never closed: what they say and have signed would be nobody's."""
    member = select(col(Membership.id)).where(col(Membership.workspace_id) == Workspace.id)
    closed = select(col(Event.id)).where(col(Event.subject_id) == Workspace.id, col(Event.kind) == "workspace.closed")
    found = db.scalars(select(col(Workspace.id)).where(~member.exists(), ~closed.exists()).order_by(col(Workspace.id)))
    return [f"workspace {workspace_id} is empty but not closed" for workspace_id in found]


INVARIANTS = (every_workspace_has_an_owner, every_empty_workspace_is_closed)
