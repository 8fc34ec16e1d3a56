"""The job table: queue and outbox in one. Nothing but ``enqueue`` and the worker knows what is behind it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Index, delete, func, select, update
from sqlmodel import Field, col

from core.columns import Document, Moment, Row, Stored
from core.db import Session
from core.rows import insert_row

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
MOST_ATTEMPTS_OUTSIDE = 13
"""Of a job whose effect is outside, such as a mail: its server may be away for a day."""
LONGEST_WAIT = timedelta(hours=4)
KEPT = timedelta(days=7)
"""So long a job that was done is remembered."""
BURIED = timedelta(days=30)
"""So long one that was buried may be looked at and tried again; see ``core.dead_letters``."""


class Hopeless(Exception):
    """Raised by a handler when another attempt would end the same; the job is buried at once."""


class JobState(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    DEAD = "dead"


class Job(Row, table=True):
    """Work to be done after the commit that asked for it. ``dedupe_key`` makes a second request a no-op."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_ready", "state", "run_at"),)

    kind: str = Field(max_length=64)
    payload: dict[str, Any] = Document(default_factory=dict)
    state: JobState = Stored(JobState, default=JobState.QUEUED)
    run_at: datetime = Moment()
    attempts: int = 0
    leased_by: str | None = Field(default=None, max_length=64)
    leased_until: datetime | None = Moment(default=None)
    dedupe_key: str | None = Field(default=None, unique=True, max_length=160)
    created_at: datetime = Moment()
    finished_at: datetime | None = Moment(default=None)
    error: str | None = None


def enqueue(
    db: Session, kind: str, payload: dict[str, Any] | None = None, *, at: datetime | None = None, key: str | None = None
) -> None:
    """Ask for ``kind`` to be run, in this transaction: it exists only if the transaction commits.

    ``at``: not before (UTC). ``key``: at most one job ever with this key.
    """
    if key is not None and db.scalar(select(col(Job.id)).where(col(Job.dedupe_key) == key)) is not None:
        return
    now = db.now()
    insert_row(db, Job(kind=kind, payload=payload or {}, run_at=at or now, dedupe_key=key, created_at=now))


def claim(db: Session, worker: str, *, most: int = 10) -> list[Job]:
    """Lease up to ``most`` ready jobs to ``worker``; a lease that ran out makes a job ready again.

    A job whose eighth attempt, or a later one, nobody came back from is buried: it may be what ended the worker.
    """
    now = db.now()
    _bury_given_up(db, now)
    ready = (
        select(col(Job.id))
        .where(*_ready(now))
        .order_by(col(Job.run_at), col(Job.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list(db.scalars(ready))
    if not ids:
        return []
    db.execute(
        update(Job)
        .where(col(Job.id).in_(ids))
        .values(leased_by=worker, leased_until=now + LEASE, attempts=col(Job.attempts) + 1)
        .execution_options(synchronize_session=False)
    )
    return list(db.scalars(select(Job).where(col(Job.id).in_(ids)).order_by(col(Job.run_at), col(Job.id))))


def _ready(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = col(Job.leased_until).is_(None) | (col(Job.leased_until) < now)
    return col(Job.state) == JobState.QUEUED, col(Job.run_at) <= now, free


def _bury_given_up(db: Session, now: datetime) -> None:
    db.execute(
        update(Job)
        .where(*_ready(now), col(Job.leased_until).is_not(None), col(Job.attempts) >= MOST_ATTEMPTS)
        .values(
            state=JobState.DEAD,
            finished_at=now,
            leased_by=None,
            leased_until=None,
            error="no worker came back from it",
        )
        .execution_options(synchronize_session=False)
    )


def renew(db: Session, job_id: UUID, worker: str) -> bool:
    """Take the full lease anew, right before an effect outside the database; ``False`` if it was lost."""
    changed = db.execute(
        update(Job)
        .where(col(Job.id) == job_id, col(Job.leased_by) == worker, col(Job.state) == JobState.QUEUED)
        .values(leased_until=db.now() + LEASE)
        .returning(col(Job.id))
        .execution_options(synchronize_session=False)
    )
    return changed.scalar() is not None


def finish(db: Session, job_id: UUID, worker: str, **changes: Any) -> bool:
    """Mark a leased job done in the transaction of its effects; ``False`` if the lease was lost."""
    changed = db.execute(
        update(Job)
        .where(col(Job.id) == job_id, col(Job.leased_by) == worker, col(Job.state) == JobState.QUEUED)
        .values(state=JobState.DONE, finished_at=db.now(), leased_until=None, error=None, **changes)
        .returning(col(Job.id))
        .execution_options(synchronize_session=False)
    )
    return changed.scalar() is not None


def fail(db: Session, job: Job, worker: str, error: str, *, most: int = MOST_ATTEMPTS, hopeless: bool = False) -> None:
    """Give a failed job back with backoff (2, 4, 8… minutes, at most 4 hours), or bury it.

    That is after ``most`` attempts (8: some 4 hours, 13: a day), or when it is ``hopeless``.
    """
    dead = hopeless or job.attempts >= most
    now = db.now()
    later = now + min(timedelta(minutes=2**job.attempts), LONGEST_WAIT)
    db.execute(
        update(Job)
        .where(col(Job.id) == job.id, col(Job.leased_by) == worker, col(Job.state) == JobState.QUEUED)
        .values(
            state=JobState.DEAD if dead else JobState.QUEUED,
            run_at=later,
            finished_at=now if dead else None,
            leased_by=None,
            leased_until=None,
            error=error[:2000],
        )
        .execution_options(synchronize_session=False)
    )


def count_waiting(db: Session) -> int:
    """Jobs that are due and not done; ``/readyz`` shows it."""
    statement = select(func.count()).where(col(Job.state) == JobState.QUEUED, col(Job.run_at) <= db.now())
    return db.scalar(statement) or 0


def sweep(db: Session) -> None:
    """Forget jobs done a week ago and those buried a month ago; run by the worker's schedule."""
    now = db.now()
    buried_at = func.coalesce(col(Job.finished_at), col(Job.run_at))  # burials once left ``finished_at`` empty
    done = (col(Job.state) == JobState.DONE) & (col(Job.finished_at) < now - KEPT)
    dead = (col(Job.state) == JobState.DEAD) & (buried_at < now - BURIED)
    db.execute(delete(Job).where(done | dead).execution_options(synchronize_session=False))
