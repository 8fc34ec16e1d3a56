"""People and the single-use links mailed to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field

from core.columns import Document, Moment, Row, Stored


class User(Row, table=True):
    """A person. ``unread`` counts unread notices and is kept by ``notifications.inbox.service``."""

    __tablename__ = "user"

    email: str = Field(unique=True, max_length=254)
    email_verified_at: datetime | None = Moment(default=None)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    password_changed_at: datetime = Moment()
    locale: str = Field(default="en", max_length=8)
    time_zone: str = Field(default="UTC", max_length=64)
    totp_sealed: str | None = Field(default=None, max_length=400)
    totp_confirmed_at: datetime | None = Moment(default=None)
    totp_last_step: int | None = None
    is_staff: bool = False
    suspended_at: datetime | None = Moment(default=None)
    deletion_requested_at: datetime | None = Moment(default=None)
    unread: int = 0
    created_at: datetime = Moment()


class LinkPurpose(StrEnum):
    CONFIRM_EMAIL = "confirm_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"


class MailLink(Row, table=True):
    """A single-use link: only the hash is stored; bound to person, purpose and address."""

    __tablename__ = "mail_link"

    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    purpose: LinkPurpose = Stored(LinkPurpose)
    email: str = Field(max_length=254)
    token_hash: str = Field(unique=True, max_length=64)
    data: dict[str, Any] = Document(default_factory=dict)
    expires_at: datetime = Moment()
    used_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
