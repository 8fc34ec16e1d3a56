"""One row for each verb: what happened, to what, by whom. The only source of timelines and notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from core.columns import Document, Moment, Row
from core.db import Session
from core.rows import insert_row

MOVED = "moved"
"""Under this name a session's ``info`` keeps what ``core.states.move`` did to each row until its event is recorded."""


class Actor(Protocol):
    """Whoever does something: a viewer, or the system when there is none."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def workspace_id(self) -> UUID | None: ...


class Event(Row, table=True):
    """Append-only. ``workspace_id`` is the actor's, ``other_workspace_id`` the other side's, if any.

    The ``data`` of a change of state begins with ``from``, ``to`` and the ``version`` it led to.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_id", "id"),
        Index("ix_event_workspace", "workspace_id", "id"),
    )

    at: datetime = Moment()
    kind: str = Field(max_length=64)
    subject_type: str = Field(max_length=32)
    subject_id: UUID
    actor_id: UUID | None = None
    workspace_id: UUID | None = None
    other_workspace_id: UUID | None = None
    data: dict[str, Any] = Document(default_factory=dict)


def record(
    db: Session,
    kind: str,
    subject: Row,
    /,
    *,
    by: Actor | None,
    other: UUID | None = None,
    **data: Any,
) -> Event:
    """Write the event row of a verb and run the reactions ``app.features`` lists for ``kind``.

    Reactions run at once and in the same transaction: they either all hold with the verb or none does.
    ``by`` is ``None`` for timers; ``other`` is the workspace across the table; ``data`` must be JSON.
    """
    moved = db.info.get(MOVED, {}).pop(subject.id, {})
    event = Event(
        at=db.now(),
        kind=kind,
        subject_type=str(type(subject).__tablename__),
        subject_id=subject.id,
        actor_id=by.user_id if by else None,
        workspace_id=by.workspace_id if by else None,
        other_workspace_id=other,
        data={**moved, **data},
    )
    insert_row(db, event)
    for react in db.reactions.get(kind, ()):
        react(db, event)
    return event
