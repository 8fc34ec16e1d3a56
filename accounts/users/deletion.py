"""Leaving: a person asks, has 30 days to change their mind, then the worker erases who they were.

The person's row stays, without a name or an address: signatures and the ledger of use point at it. Workspaces they
were alone in are closed with them.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_
from sqlmodel import col

from accounts.sessions import queries as log_ins
from accounts.sessions import service as sessions
from accounts.tokens.models import ApiToken
from accounts.two_factor.models import RecoveryCode
from accounts.users import queries
from accounts.users.actor import Oneself
from accounts.users.mail import send
from accounts.users.models import MailLink, User
from accounts.users.passwords import nobodys_hash
from accounts.viewers import Viewer
from accounts.workspaces import queries as workspaces
from accounts.workspaces.models import Invitation, Workspace
from core.db import Session
from core.errors import Conflict
from core.events import record
from core.i18n import gettext as _

WAIT = timedelta(days=30)
BATCH = 50
"""People one run of the worker erases at most."""


def due(asked: datetime | None) -> datetime | None:
    """When what was asked for at ``asked`` happens."""
    return asked + WAIT if asked else None


def ask(db: Session, *, by: Viewer) -> None:
    """Ask for the account to be deleted in 30 days.

    Raises ``Conflict`` when it was asked before, while others would lose their only owner, and, through the reactions
    to the event, while contracts still run; ``NotSignedIn`` when the log-in ended meanwhile.
    """
    user = log_ins.hold_person(db, by)
    if user.deletion_requested_at is not None:
        raise Conflict(_("You asked for this already."))
    closing = _left_alone(db, user)
    user.deletion_requested_at = db.now()
    send(db, "deletion_requested", to=user.email, locale=user.locale, path="/settings/security")
    record(db, "user.deletion_asked", user, by=Oneself(user.id), closing=[str(place.id) for place in closing])


def withdraw(db: Session, *, by: Viewer) -> None:
    """Keep the account after all. Raises ``Conflict`` when nothing was asked."""
    user = queries.get(db, by.user_id)
    if user.deletion_requested_at is None:
        raise Conflict(_("There is nothing to withdraw."))
    user.deletion_requested_at = None
    record(db, "user.deletion_withdrawn", user, by=Oneself(user.id))


def carry_out(db: Session) -> int:
    """Erase everyone whose 30 days are over; returns how many. Whoever may not leave yet is looked at again later."""
    erased, last = 0, None
    while erased < BATCH:
        user = queries.find_leaving(db, before=db.now() - WAIT, after=last)
        if user is None:
            break
        last = user.id
        with suppress(Conflict), db.attempt():
            _erase(db, user)
            erased += 1
    return erased


def _erase(db: Session, user: User) -> None:
    closing = _left_alone(db, user)
    record(db, "user.deleted", user, by=None, closing=[str(place.id) for place in closing])
    send(db, "account_deleted", to=user.email, locale=user.locale, path="/sign-up")
    for place in closing:
        place.suspended_at = db.now()
        record(db, "workspace.closed", place, by=None)
        place.name = _("Closed workspace")
        place.legal_name = place.legal_address = place.city = place.country = place.website = ""
    for member in workspaces.list_memberships(db, user.id):
        record(db, "member.removed", member, by=None)
        db.delete(member)
    sessions.end_all(db, user.id)
    for table in (ApiToken, MailLink, RecoveryCode):
        mine: Any = col(table.user_id) == user.id
        db.execute(delete(table).where(mine).execution_options(synchronize_session=False))
    theirs = col(Invitation.workspace_id).in_([place.id for place in closing])
    invited = delete(Invitation).where(or_(col(Invitation.email) == user.email, theirs))
    db.execute(invited.execution_options(synchronize_session=False))
    user.email = f"deleted-{user.id}@deleted.invalid"
    user.name = _("Deleted person")
    user.password_hash = nobodys_hash()
    user.email_verified_at = user.totp_sealed = user.totp_confirmed_at = user.totp_last_step = None
    user.is_staff = False
    user.suspended_at = db.now()
    user.deletion_requested_at = None
    db.flush()


def _left_alone(db: Session, user: User) -> list[Workspace]:
    """Workspaces that close with the person, also those suspended with them.

    Raises ``Conflict`` for one whose other members need an owner.

    Nobody joins or leaves them until the transaction ends: else two owners could each rely on the other.
    """
    workspaces.lock_workspaces_of(db, user.id)
    closing = []
    for place, others, owners in workspaces.list_owned(db, user.id):
        if others and not owners:
            raise Conflict(
                _("You are the only owner of %(name)s. Make someone else owner first.") % {"name": place.name}
            )
        if not others:
            closing.append(place)
    return closing
