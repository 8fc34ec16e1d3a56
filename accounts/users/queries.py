"""Every SELECT about people and their mailed links."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from accounts.users.models import LinkPurpose, MailLink, User
from core.crypto import token_hash
from core.db import Session
from core.errors import DomainError, NotSignedIn
from core.i18n import gettext as _


class LinkGone(DomainError):
    """A mailed link that means nothing (any more)."""

    status = 410
    code = "link_gone"

    def __init__(self) -> None:
        super().__init__(_("This link was used already or is too old. Log in, or ask for a new one."))


_account = select(
    col(User.id),
    col(User.name),
    col(User.email),
    col(User.email_verified_at),
    col(User.locale),
    col(User.time_zone),
    col(User.password_changed_at),
    col(User.totp_confirmed_at),
    col(User.totp_sealed).is_not(None).label("totp_begun"),
    col(User.deletion_requested_at),
).where(col(User.id) == bindparam("user_id"))

_link = select(MailLink).where(
    col(MailLink.token_hash) == bindparam("hash"),
    col(MailLink.purpose) == bindparam("purpose"),
    col(MailLink.used_at).is_(None),
    col(MailLink.expires_at) > bindparam("now"),
)


def account(db: Session, user_id: UUID) -> Any:
    """The facts of one's own account, for showing."""
    return db.execute(_account, {"user_id": user_id}).one()


def get(db: Session, user_id: UUID) -> User:
    """The person of that id, to change. The caller is allowed to already."""
    return db.get_one(User, user_id)


def lock(db: Session, user_id: UUID) -> User:
    """The person as they are now; nobody else changes them until the transaction ends."""
    statement = select(User).where(col(User.id) == user_id).with_for_update(key_share=True)
    return db.scalars(statement.execution_options(populate_existing=True)).one()


def find_by_email(db: Session, email: str) -> User | None:
    """The person with that address (lower case)."""
    return db.scalar(select(User).where(col(User.email) == email))


def hold_as_checked(db: Session, user: User) -> None:
    """Keep the password that was just checked, and whether the person may come in, until the transaction ends.

    Raises ``NotSignedIn`` when either changed since ``user`` was read: a reset must not be overtaken by a log-in under
    way, which it could not end. The lock is the one ``lock`` takes: two who share it could not both go on to write.
    """
    statement = select(col(User.password_hash), col(User.suspended_at)).where(col(User.id) == user.id)
    password_hash, suspended_at = db.execute(statement.with_for_update(key_share=True)).one()
    if password_hash != user.password_hash or suspended_at is not None:
        raise NotSignedIn(_("Your account changed a moment ago. Log in again."))


def find_leaving(db: Session, *, before: datetime, after: UUID | None) -> User | None:
    """Who comes after ``after`` of those who asked to be deleted before then, locked.

    What another worker holds is left to it.
    """
    statement = select(User).where(col(User.deletion_requested_at) <= before).order_by(col(User.id)).limit(1)
    if after is not None:
        statement = statement.where(col(User.id) > after)
    return db.scalar(statement.with_for_update(skip_locked=True))


def last_destination(db: Session, user_id: UUID) -> str:
    """The path the person's newest confirmation link leads on to; empty when it names none."""
    newest = select(col(MailLink.data)).where(
        col(MailLink.user_id) == user_id, col(MailLink.purpose) == LinkPurpose.CONFIRM_EMAIL
    )
    data = db.scalar(newest.order_by(col(MailLink.id).desc()).limit(1))
    return str(data.get("then", "")) if data else ""


def find_link(db: Session, purpose: LinkPurpose, token: str) -> MailLink:
    """The open link that ``token`` is. Raises ``LinkGone`` when it was used, is too old or never was."""
    found = db.scalar(_link, {"hash": token_hash(token), "purpose": purpose, "now": db.now()})
    if found is None:
        raise LinkGone
    return found
