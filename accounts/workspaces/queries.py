"""Every SELECT about workspaces, members and invitations, bounded by the viewer's workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Invitation, Membership, Role, Workspace
from core.crypto import token_hash
from core.db import Session
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.templating import show_date


class InvitationGone(DomainError):
    """An invitation that cannot be taken any more; who holds its link may know why.

    ``workspace_id``: where it led, for doors that lead its people on.
    """

    status = 410
    code = "invitation_gone"

    def __init__(self, detail: str, workspace_id: UUID) -> None:
        super().__init__(detail)
        self.workspace_id = workspace_id


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


def list_places(db: Session, user_id: UUID) -> list[Any]:
    """The running workspaces the person works in, with the role there, the earliest joined first."""
    return db.rows(
        select(col(Workspace.id), col(Workspace.name), col(Workspace.kind), col(Membership.role))
        .join(Membership, col(Membership.workspace_id) == Workspace.id)
        .where(col(Membership.user_id) == user_id, col(Workspace.suspended_at).is_(None))
        .order_by(col(Membership.id))
    )


def list_members(db: Session, viewer: Viewer) -> list[Any]:
    """Everyone in the viewer's workspace by name."""
    return db.rows(_members.where(col(Membership.workspace_id) == viewer.workspace_id))


def count_members(db: Session, viewer: Viewer) -> int:
    """How many people are in the viewer's workspace."""
    mine = col(Membership.workspace_id) == viewer.workspace_id
    return db.scalar(select(func.count()).select_from(Membership).where(mine)) or 0


def find_member(db: Session, viewer: Viewer, member_id: UUID) -> Membership:
    """A membership of the viewer's workspace. Raises ``NotFound``."""
    found = db.scalar(
        select(Membership).where(col(Membership.id) == member_id, col(Membership.workspace_id) == viewer.workspace_id)
    )
    if found is None:
        raise NotFound(_("There is no such member here."))
    return found


def lock_member(db: Session, member: Membership, viewer: Viewer) -> Viewer:
    """Read the membership again, while nobody else changes who works there, and give the viewer with today's role.

    Raises ``NotFound`` when either's membership just ended.
    """
    _lock(db, col(Workspace.id) == member.workspace_id)
    again = select(Membership).where(col(Membership.id) == member.id).execution_options(populate_existing=True)
    mine = (col(Membership.user_id) == viewer.user_id) & (col(Membership.workspace_id) == member.workspace_id)
    role = db.scalar(select(col(Membership.role)).where(mine))
    if db.scalar(again) is None or role is None or viewer.place is None:
        raise NotFound(_("There is no such member here."))
    return replace(viewer, place=replace(viewer.place, role=role))


def lock_workspaces_of(db: Session, user_id: UUID) -> None:
    """Let nobody else change who works where the person does, until the transaction ends."""
    places = select(col(Membership.workspace_id)).where(col(Membership.user_id) == user_id)
    _lock(db, col(Workspace.id).in_(places))


def _lock(db: Session, which: ColumnElement[bool]) -> None:
    """What is read afterwards holds until the transaction ends; rows may be added beside the workspace's."""
    db.execute(select(col(Workspace.id)).where(which).order_by(col(Workspace.id)).with_for_update(key_share=True))


def hold_membership(db: Session, user_id: UUID, workspace_id: UUID) -> None:
    """Keep the person in the workspace until the transaction ends. Raises ``NotFound`` when they just left it."""
    mine = (col(Membership.user_id) == user_id) & (col(Membership.workspace_id) == workspace_id)
    if db.scalar(select(col(Membership.id)).where(mine).with_for_update(read=True)) is None:
        raise NotFound(_("There is no such workspace here."))


def list_owners(db: Session, workspace_id: UUID) -> list[UUID]:
    """Membership ids of a workspace's owners who can act (not suspended)."""
    statement = (
        select(col(Membership.id))
        .join(User, col(User.id) == Membership.user_id)
        .where(col(Membership.workspace_id) == workspace_id, col(Membership.role) == Role.OWNER)
        .where(col(User.suspended_at).is_(None))
    )
    return list(db.scalars(statement.order_by(col(Membership.id))))


def list_owned(db: Session, user_id: UUID) -> list[tuple[Workspace, int, int]]:
    """Workspaces the person owns, each with how many others work there and how many of those own it too.

    An owner who is suspended cannot act and is not counted as one.
    """
    mine, theirs = aliased(Membership), aliased(Membership)
    owner = case(((col(theirs.role) == Role.OWNER) & col(User.suspended_at).is_(None), 1), else_=0)
    counted = (
        select(
            col(mine.workspace_id),
            func.count(col(theirs.id)).label("others"),
            func.coalesce(func.sum(owner), 0).label("owners"),
        )
        .select_from(mine)
        .join(
            theirs,
            (col(theirs.workspace_id) == mine.workspace_id) & (col(theirs.user_id) != mine.user_id),
            isouter=True,
        )
        .join(User, col(User.id) == theirs.user_id, isouter=True)
        .where(col(mine.user_id) == user_id, col(mine.role) == Role.OWNER)
        .group_by(col(mine.workspace_id))
        .subquery()
    )
    rows = db.execute(
        select(Workspace, counted.c.others, counted.c.owners)
        .join(counted, counted.c.workspace_id == Workspace.id)
        .order_by(col(Workspace.id))
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def list_suspended(db: Session, user_id: UUID) -> Sequence[Workspace]:
    """Suspended workspaces the person owns."""
    mine = (col(Membership.user_id) == user_id, col(Membership.role) == Role.OWNER)
    statement = select(Workspace).join(Membership, col(Membership.workspace_id) == Workspace.id)
    return db.scalars(statement.where(*mine, col(Workspace.suspended_at).is_not(None))).all()


def list_memberships(db: Session, user_id: UUID) -> list[Membership]:
    """Everywhere a person works, to end it."""
    return list(db.scalars(select(Membership).where(col(Membership.user_id) == user_id).order_by(col(Membership.id))))


def _open(db: Session) -> tuple[ColumnElement[bool], ...]:
    """Invitations that can still be taken: their inviter must still be in a position to give that role."""
    inviter = (
        select(col(Membership.id))
        .join(User, col(User.id) == Membership.user_id)
        .where(
            col(Membership.workspace_id) == Invitation.workspace_id,
            col(Membership.user_id) == Invitation.invited_by,
            col(User.suspended_at).is_(None),
            or_(
                col(Membership.role) == Role.OWNER,
                (col(Membership.role) == Role.MANAGER) & (col(Invitation.role) != Role.OWNER),
            ),
        )
    )
    return (
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) > db.now(),
        inviter.exists(),
    )


def list_invitations(db: Session, viewer: Viewer) -> list[Any]:
    """Invitations of the viewer's workspace that can still be taken."""
    return db.rows(
        select(col(Invitation.id), col(Invitation.email), col(Invitation.role), col(Invitation.expires_at))
        .where(col(Invitation.workspace_id) == viewer.workspace_id, *_open(db))
        .order_by(col(Invitation.id))
    )


def find_invitation(db: Session, viewer: Viewer, invitation_id: UUID) -> Invitation:
    """An open invitation of the viewer's workspace. Raises ``NotFound``."""
    found = db.scalar(
        select(Invitation).where(
            col(Invitation.id) == invitation_id,
            col(Invitation.workspace_id) == viewer.workspace_id,
            *_open(db),
        )
    )
    if found is None:
        raise NotFound(_("This invitation was taken or withdrawn."))
    return found


def find_invitation_by_token(db: Session, token: str) -> tuple[Invitation, Workspace]:
    """The open invitation a mailed link stands for, with its workspace.

    Raises ``InvitationGone`` when it is open no more and ``NotFound`` for a link that was never mailed.
    """
    found = db.execute(
        select(Invitation, Workspace)
        .join(Workspace, col(Workspace.id) == Invitation.workspace_id)
        .where(col(Invitation.token_hash) == token_hash(token), col(Workspace.suspended_at).is_(None), *_open(db))
    ).first()
    if found is None:
        raise _gone(db, token)
    return found[0], found[1]


def _gone(db: Session, token: str) -> DomainError:
    """What there is to say of a link that opens nothing."""
    dead = db.scalar(select(Invitation).where(col(Invitation.token_hash) == token_hash(token)))
    if dead is None:
        return NotFound(_("There is no such invitation. Check that the link is whole."))
    if dead.accepted_at is not None:
        why = _("This invitation was used already. If it was you, log in. If not, ask for a new one.")
    elif dead.revoked_at is not None:
        why = _("This invitation was withdrawn, or a newer one took its place. Look for a newer mail or ask for one.")
    elif dead.expires_at <= db.now():
        why = _("This invitation ran out on %(day)s. Ask for a new one.") % {"day": show_date(dead.expires_at)}
    else:
        why = _("This invitation does not hold any more. Ask for a new one.")
    return InvitationGone(why, dead.workspace_id)
