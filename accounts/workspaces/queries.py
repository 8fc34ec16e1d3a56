"""Every SELECT about workspaces, members and invitations, bounded by the viewer's workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Invitation, Membership, Role, Workspace
from core.crypto import token_hash
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _

_members = (
    select(
        col(Membership.id),
        col(Membership.user_id),
        col(User.name),
        col(User.email),
        col(Membership.role),
        col(Membership.created_at),
    )
    .join(User, col(User.id) == Membership.user_id)
    .order_by(func.lower(User.name), col(Membership.id))
)


def find_workspace(db: Session, viewer: Viewer) -> Workspace:
    """The workspace the viewer works in."""
    found = db.get(Workspace, viewer.workspace_id)
    assert found is not None
    return found


def list_members(db: Session, viewer: Viewer) -> list[Any]:
    """Everyone in the viewer's workspace by name."""
    return db.rows(_members.where(col(Membership.workspace_id) == viewer.workspace_id))


def find_member(db: Session, viewer: Viewer, member_id: UUID) -> Membership:
    """A membership of the viewer's workspace. Raises ``NotFound``."""
    found = db.scalar(
        select(Membership).where(col(Membership.id) == member_id, col(Membership.workspace_id) == viewer.workspace_id)
    )
    if found is None:
        raise NotFound(_("There is no such member here."))
    return found


def list_owners(db: Session, workspace_id: UUID) -> list[UUID]:
    """Membership ids of a workspace's owners, locked until the transaction ends."""
    statement = select(col(Membership.id)).where(
        col(Membership.workspace_id) == workspace_id, col(Membership.role) == Role.OWNER
    )
    return list(db.scalars(statement.order_by(col(Membership.id)).with_for_update()))


def list_invitations(db: Session, viewer: Viewer) -> list[Any]:
    """Invitations of the viewer's workspace that can still be taken."""
    return db.rows(
        select(col(Invitation.id), col(Invitation.email), col(Invitation.role), col(Invitation.expires_at))
        .where(
            col(Invitation.workspace_id) == viewer.workspace_id,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            col(Invitation.expires_at) > db.now(),
        )
        .order_by(col(Invitation.id))
    )


def find_invitation(db: Session, viewer: Viewer, invitation_id: UUID) -> Invitation:
    """An open invitation of the viewer's workspace. Raises ``NotFound``."""
    found = db.scalar(
        select(Invitation).where(
            col(Invitation.id) == invitation_id,
            col(Invitation.workspace_id) == viewer.workspace_id,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
    )
    if found is None:
        raise NotFound(_("This invitation was taken or withdrawn."))
    return found


def find_invitation_by_token(db: Session, token: str) -> tuple[Invitation, Workspace]:
    """The open invitation a mailed link stands for, with its workspace. Raises ``NotFound``."""
    found = db.execute(
        select(Invitation, Workspace)
        .join(Workspace, col(Workspace.id) == Invitation.workspace_id)
        .where(
            col(Invitation.token_hash) == token_hash(token),
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            col(Invitation.expires_at) > db.now(),
            col(Workspace.suspended_at).is_(None),
        )
    ).first()
    if found is None:
        raise NotFound(_("This invitation was taken, withdrawn or is too old. Ask for a new one."))
    return found[0], found[1]
