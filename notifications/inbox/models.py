"""Notices and what each person wants to hear of."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from core.columns import Document, Moment, Row


class Notice(Row, table=True):
    """One event told to one person.

    ``kind`` is the event's, ``params`` fill its sentence, ``url`` is a path on this site.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person", "user_id", "id"),
        UniqueConstraint("event_id", "user_id", "workspace_id"),
    )

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    event_id: UUID = Field(foreign_key="event.id")
    kind: str = Field(max_length=64)
    params: dict[str, Any] = Document(default_factory=dict)
    url: str = Field(max_length=300)
    read_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()


class NoticePreference(Row, table=True):
    """What a person wants of one kind of event; without a row the kind's defaults hold."""

    __tablename__ = "notice_preference"
    __table_args__ = (UniqueConstraint("user_id", "kind"),)

    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: str = Field(max_length=64)
    in_app: bool = True
    email: bool = True
