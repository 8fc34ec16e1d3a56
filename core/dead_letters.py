"""Buried jobs: what the worker gave up, to be looked at and tried again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from core.db import Session
from core.jobs import Job, JobState

MOST_SHOWN = 100
LONGEST = 200
"""Characters of an error that are shown."""
_PRIVATE = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|[\w-]{40,}")
"""A link or its secret, or an address: a mail server may quote either in its refusal."""


def count(db: Session) -> int:
    """How many there are; ``/readyz`` shows it."""
    return db.scalar(select(func.count()).where(col(Job.state) == JobState.DEAD)) or 0


def list_newest(db: Session) -> Sequence[Any]:
    """``id``, ``kind``, ``buried_at``, ``attempts`` and ``error``; never the payload, which may hold a working link."""
    buried_at = func.coalesce(col(Job.finished_at), col(Job.run_at)).label("buried_at")
    return db.rows(
        select(col(Job.id), col(Job.kind), buried_at, col(Job.attempts), col(Job.error))
        .where(col(Job.state) == JobState.DEAD)
        .order_by(buried_at.desc(), col(Job.id).desc())
        .limit(MOST_SHOWN)
    )


def fit_to_show(error: str | None) -> str:
    """An error as one short line without addresses, secrets of links or control characters."""
    told = _PRIVATE.sub("…", error or "")
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in told).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def retry(db: Session, job_id: UUID | None = None) -> int:
    """Have a buried job, or without an id all of them, run now with all its attempts before it; how many those are."""
    statement = update(Job).where(col(Job.state) == JobState.DEAD)
    if job_id is not None:
        statement = statement.where(col(Job.id) == job_id)
    revived = db.execute(
        statement.values(state=JobState.QUEUED, run_at=db.now(), attempts=0, finished_at=None, error=None)
        .returning(col(Job.id))
        .execution_options(synchronize_session=False)
    )
    return len(revived.all())
