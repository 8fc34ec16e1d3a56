"""Verbs on members and invitations. A workspace always keeps an owner."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlmodel import col

from accounts.sessions.models import LoginSession
from accounts.tokens.models import ApiToken
from accounts.users.actor import Oneself
from accounts.users.models import User
from accounts.users.schemas import NewcomerInput
from accounts.users.service import create_user
from accounts.viewers import Viewer
from accounts.workspaces import queries
from accounts.workspaces.models import Invitation, Membership, Role, Workspace
from accounts.workspaces.schemas import InvitationInput
from core.crypto import token_hash
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid
from core.events import Actor, record
from core.i18n import current_locale
from core.i18n import gettext as _
from core.ids import new_token
from core.jobs import enqueue
from core.templating import show_date

INVITATION_LASTS = timedelta(days=7)
MOST_OPEN_INVITATIONS = 50
MOST_MEMBERS = 200


def _may_give(by: Viewer, role: Role) -> None:
    """Nobody gives or takes a role above the own one. Raises ``Forbidden``."""
    if not by.may(role):
        raise Forbidden(_("You cannot give a role above your own."), code="role")


def invite(db: Session, data: InvitationInput, *, by: Viewer) -> Invitation:
    """Mail an invitation that lasts 7 days. An open one to the same address is replaced.

    It dies earlier when the inviter may no longer give the role: rights never outlive those they came from.

    Raises ``Forbidden`` for a role above the inviter's, also to be replaced, ``Invalid`` for someone who is already a
    member, and ``Conflict`` when the workspace is full or has too many open invitations.
    """
    _may_give(by, data.role)
    email = data.email
    member = db.scalar(
        select(col(Membership.id))
        .join(User, col(User.id) == Membership.user_id)
        .where(col(User.email) == email, col(Membership.workspace_id) == by.workspace_id)
    )
    if member is not None:
        raise Invalid(_("Already a member."), {"email": _("This person is already a member.")})
    waiting = queries.list_invitations(db, by)
    for invited in waiting:
        if invited.email == email:
            _may_give(by, invited.role)
    if len(waiting) >= MOST_OPEN_INVITATIONS:
        raise Conflict(_("Too many open invitations. Withdraw some first."))
    if queries.count_members(db, by) >= MOST_MEMBERS:
        raise Conflict(_("A workspace has at most 200 people. Remove somebody first."))
    now = db.now()
    db.execute(
        update(Invitation)
        .where(
            col(Invitation.workspace_id) == by.workspace_id,
            col(Invitation.email) == email,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    token = new_token()
    invitation = Invitation(
        workspace_id=by.workspace_id,
        email=email,
        role=data.role,
        token_hash=token_hash(token),
        invited_by=by.user_id,
        expires_at=now + INVITATION_LASTS,
        created_at=now,
    )
    db.add(invitation)
    record(db, "member.invited", invitation, by=by, title=by.workspace_name)
    params = {"path": f"/invitations/{token}", "workspace": by.workspace_name, "inviter": by.name}
    params["until"] = show_date(invitation.expires_at)
    mail = {"to": email, "template": "invitation", "locale": current_locale(), "params": params}
    enqueue(db, "emails.send", mail)
    return invitation


def revoke(db: Session, invitation: Invitation, *, by: Viewer) -> None:
    """Withdraw an open invitation; its link is dead at once.

    Raises ``Forbidden`` for a role above the own one and ``Conflict`` when it was just taken.
    """
    _may_give(by, invitation.role)
    _use_up(db, invitation, revoked_at=db.now())
    record(db, "member.invitation_revoked", invitation, by=by)


def join(db: Session, token: str, *, by: Viewer) -> Workspace:
    """Take an invitation. Only the invited address may: the link alone is not enough.

    Raises ``InvitationGone`` for a dead link and ``NotFound`` for none, ``Forbidden`` for another person, ``Conflict``
    when it was just taken.
    """
    invitation, workspace = queries.find_invitation_by_token(db, token)
    if by.email.lower() != invitation.email or not by.email_verified:
        raise Forbidden(_("This invitation is for another address. Log in with the address it was sent to."))
    _enter(db, invitation, by.user_id)
    _tell_joined(db, workspace, by.name, by=by if by.place else Oneself(by.user_id))
    if by.session_id is not None:
        switch(db, workspace.id, by=by)
    return workspace


def join_as_newcomer(db: Session, token: str, data: NewcomerInput) -> User:
    """Take an invitation and make the account for it. The link came by mail, so it proves the address.

    Raises ``InvitationGone`` for a dead link and ``NotFound`` for none, ``Invalid`` for a refused password or an
    address that has an account.
    """
    invitation, workspace = queries.find_invitation_by_token(db, token)
    user = create_user(db, data.name, invitation.email, data.password, verified=True, time_zone=data.time_zone)
    _enter(db, invitation, user.id)
    _tell_joined(db, workspace, user.name, by=Oneself(user.id))
    return user


def _enter(db: Session, invitation: Invitation, user_id: UUID) -> None:
    """Take the invitation. Who is a member already stays what they are."""
    now = db.now()
    _use_up(db, invitation, accepted_at=now)
    place = invitation.workspace_id
    known = db.scalar(
        select(col(Membership.id)).where(col(Membership.workspace_id) == place, col(Membership.user_id) == user_id)
    )
    if known is None:
        db.add(Membership(workspace_id=place, user_id=user_id, role=invitation.role, created_at=now))


def _use_up(db: Session, invitation: Invitation, **how: datetime) -> None:
    """Mark the invitation taken or withdrawn; of several callers one gets through, the others get ``Conflict``."""
    done = db.execute(
        update(Invitation)
        .where(
            col(Invitation.id) == invitation.id,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.revoked_at).is_(None),
        )
        .values(**how)
        .returning(col(Invitation.id))
        .execution_options(synchronize_session=False)
    ).scalar()
    if done is None:
        raise Conflict(_("This invitation was taken or withdrawn a moment ago."))


def _tell_joined(db: Session, workspace: Workspace, name: str, *, by: Actor) -> None:
    record(db, "member.joined", workspace, by=by, other=workspace.id, title=name, url="/settings/members")


def change_role(db: Session, member: Membership, role: Role, *, by: Viewer) -> None:
    """Give a member another role.

    Raises ``Forbidden`` above the own role, ``Conflict`` for the last owner, ``NotFound`` for and to who was just
    removed.
    """
    by = queries.lock_member(db, member, by)
    _may_give(by, role)
    _may_give(by, member.role)
    if role is not Role.OWNER:
        _keep_an_owner(db, member)
    member.role = role
    record(db, "member.role_changed", member, by=by, role=role.value)


def remove(db: Session, member: Membership, *, by: Viewer) -> None:
    """End a membership: rights, API tokens and the current place end with it. Anyone may remove themselves.

    Raises ``Forbidden`` for a member above the own role, ``Conflict`` for the last owner, ``NotFound`` for and to
    who was just removed.
    """
    by = queries.lock_member(db, member, by)
    if member.user_id != by.user_id:
        if not by.can_manage:
            raise Forbidden(_("Your role here does not allow this. Ask an owner of the workspace."), code="role")
        _may_give(by, member.role)
    _keep_an_owner(db, member)
    record(db, "member.removed", member, by=by, title=by.workspace_name)
    db.delete(member)
    db.flush()  # waits for a token in the making, which then is there to be deleted
    db.execute(
        delete(ApiToken).where(
            col(ApiToken.user_id) == member.user_id, col(ApiToken.workspace_id) == member.workspace_id
        )
    )
    db.execute(
        update(LoginSession)
        .where(
            col(LoginSession.user_id) == member.user_id,
            col(LoginSession.workspace_id) == member.workspace_id,
        )
        .values(workspace_id=None)
        .execution_options(synchronize_session=False)
    )


def _keep_an_owner(db: Session, member: Membership) -> None:
    if member.role is Role.OWNER and queries.list_owners(db, member.workspace_id) == [member.id]:
        raise Conflict(_("A workspace needs an owner. Make someone else owner first."))


def switch(db: Session, workspace_id: object, *, by: Viewer) -> None:
    """Make another of the person's workspaces the current one of this session."""
    db.execute(
        update(LoginSession)
        .where(col(LoginSession.id) == by.session_id)
        .values(workspace_id=workspace_id)
        .execution_options(synchronize_session=False)
    )
