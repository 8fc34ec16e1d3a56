"""Verbs on log-ins: check a password, open, prove again, end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from accounts.sessions.models import LoginSession
from accounts.users import queries as people
from accounts.users.actor import Oneself
from accounts.users.models import User
from accounts.users.passwords import nobodys_hash, verify_password
from accounts.viewers import Viewer
from core.crypto import token_hash
from core.db import Session
from core.errors import Forbidden, Invalid
from core.events import record
from core.i18n import gettext as _
from core.ids import new_token

SHORT = timedelta(hours=12)
LONG = timedelta(days=30)


def check_password(db: Session, email: str, password: str) -> User:
    """The person with this address and password.

    Raises ``Invalid``, in the same words and after the same work, for an unknown address, a wrong password, a
    suspended person and an address that is not confirmed: else signing up with somebody's address and then trying
    to log in would tell whether it had an account before.
    """
    user = people.find_by_email(db, email)
    right = verify_password(password, user.password_hash if user else nobodys_hash())
    if user is None or not right or user.suspended_at is not None or user.email_verified_at is None:
        raise Invalid(
            _(
                "The address or the password is wrong, or the address is not confirmed yet. "
                "A new password confirms it: choose “Forgot your password?”."
            )
        )
    return user


def open_session(
    db: Session, user: User, *, stay: bool = False, address: str = "", agent: str = "", replaced: str | None = None
) -> str:
    """Log ``user`` in and give the new cookie's token: for 12 hours, or 30 days with ``stay``.

    ``replaced`` is the token the browser had before: it ends, whoever put it there. Raises ``NotSignedIn`` when the
    password changed since ``user`` was read.
    """
    people.hold_as_checked(db, user)
    if replaced:
        db.execute(delete(LoginSession).where(col(LoginSession.token_hash) == token_hash(replaced)))
    token = new_token()
    now = db.now()
    session = LoginSession(
        user_id=user.id,
        token_hash=token_hash(token),
        address=address[:64],
        agent="".join(sign for sign in agent if sign.isprintable())[:300],
        created_at=now,
        seen_at=now,
        proven_at=now,
        expires_at=now + (LONG if stay else SHORT),
    )
    db.add(session)
    record(db, "user.logged_in", user, by=Oneself(user.id), session=str(session.id))
    return token


def require_password(db: Session, password: str, *, by: Viewer, field: str = "password") -> User:
    """The person themselves, if the password is theirs; it stays so until the transaction ends.

    Raises ``Invalid`` beside ``field`` when it is not and ``NotSignedIn`` when it changed meanwhile.
    """
    user = people.get(db, by.user_id)
    if not verify_password(password, user.password_hash):
        raise Invalid(_("The password is wrong."), {field: _("The password is wrong.")})
    people.hold_as_checked(db, user)
    return user


def prove(db: Session, password: str, *, by: Viewer) -> None:
    """Note that the person gave the password again just now. Raises ``Invalid`` when it is wrong."""
    if by.session_id is None:
        raise Forbidden(_("This is done in a browser."))
    user = require_password(db, password, by=by)
    session = db.get_one(LoginSession, by.session_id)
    session.proven_at = session.seen_at = db.now()
    record(db, "user.proved", user, by=Oneself(user.id))


def log_out(db: Session, *, by: Viewer) -> None:
    """End the log-in the person is using."""
    if by.session_id is not None:
        db.execute(delete(LoginSession).where(col(LoginSession.id) == by.session_id))
    record(db, "user.logged_out", people.get(db, by.user_id), by=Oneself(by.user_id))


def revoke(db: Session, session: LoginSession, *, by: Viewer) -> None:
    """End one of the person's log-ins."""
    db.execute(delete(LoginSession).where(col(LoginSession.id) == session.id))
    record(db, "user.session_revoked", people.get(db, by.user_id), by=Oneself(by.user_id), session=str(session.id))


def revoke_others(db: Session, *, by: Viewer) -> None:
    """End all log-ins of the person but the one in use."""
    end_all(db, by.user_id, but=by.session_id)
    record(db, "user.sessions_revoked", people.get(db, by.user_id), by=Oneself(by.user_id))


def end_all(db: Session, user_id: UUID, *, but: UUID | None = None) -> None:
    """Delete the person's log-ins, keeping ``but``; part of other verbs, so it records nothing."""
    statement = delete(LoginSession).where(col(LoginSession.user_id) == user_id)
    if but is not None:
        statement = statement.where(col(LoginSession.id) != but)
    db.execute(statement.execution_options(synchronize_session=False))


def sweep(db: Session) -> None:
    """Forget log-ins that ran out; run by the worker's schedule."""
    db.execute(delete(LoginSession).where(col(LoginSession.expires_at) < db.now()))
