"""What must hold between the stored rows."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Session


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
