"""Buried jobs are counted, shown without what is private, tried again, and forgotten after a month."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.worker import Worker
from core import dead_letters
from core.clock import ManualClock
from core.db import Database
from core.ids import new_id
from core.jobs import Hopeless, Job, JobState, enqueue, sweep


def bury(database: Database, *, number: int = 1, words: str = "no such person") -> None:
    """Have a worker give up so many jobs of the kind ``test``."""

    def hopeless(_db, _payload) -> None:
        raise Hopeless(words)

    with database.write() as db:
        for _job in range(number):
            enqueue(db, "test")
    Worker(database, jobs={"test": hopeless}, schedule={}).drain()


def jobs_of(database: Database) -> list[Job]:
    with database.read() as db:
        return list(db.scalars(select(Job).where(col(Job.kind) == "test").order_by(col(Job.id))))


def test_the_newest_burial_comes_first(database: Database, clock: ManualClock):
    bury(database)
    clock.forward(hours=1)
    bury(database, words="still no such person")
    with database.read() as db:
        newer, older = dead_letters.list_newest(db)
        assert dead_letters.count(db) == 2
    assert newer.buried_at - older.buried_at == timedelta(hours=1)
    assert newer.buried_at == clock()
    assert (newer.kind, newer.attempts, newer.error) == ("test", 1, "Hopeless: still no such person")


def test_waiting_and_done_jobs_are_none(database: Database):
    with database.write() as db:
        enqueue(db, "test")
    Worker(database, jobs={"test": lambda _db, _payload: None}, schedule={}).drain()
    with database.write() as db:
        enqueue(db, "test")
        assert dead_letters.count(db) == 0
        assert dead_letters.list_newest(db) == []
        assert dead_letters.retry(db) == 0
    assert [job.state for job in jobs_of(database)] == [JobState.DONE, JobState.QUEUED]


def test_one_is_tried_again_with_all_its_attempts(database: Database, clock: ManualClock):
    bury(database, number=2)
    first, second = jobs_of(database)
    clock.forward(days=2)
    with database.write() as db:
        assert dead_letters.retry(db, first.id) == 1
        assert dead_letters.retry(db, first.id) == 0, "it is no longer buried"
        assert dead_letters.retry(db, new_id()) == 0
    again, left = jobs_of(database)
    assert (again.state, again.attempts, again.run_at, again.finished_at) == (JobState.QUEUED, 0, clock(), None)
    assert (left.state, left.id) == (JobState.DEAD, second.id)
    Worker(database, jobs={"test": lambda _db, _payload: None}, schedule={}).drain()
    assert [job.state for job in jobs_of(database)] == [JobState.DONE, JobState.DEAD]


def test_all_are_tried_again(database: Database):
    bury(database, number=3)
    with database.write() as db:
        assert dead_letters.retry(db) == 3
        assert dead_letters.count(db) == 0
    assert {job.state for job in jobs_of(database)} == {JobState.QUEUED}


def test_a_month_after_the_burial_they_are_forgotten(database: Database, clock: ManualClock):
    bury(database)
    with database.write() as db:
        enqueue(db, "test", at=clock() + timedelta(days=365))
    for days, left in ((30, 2), (1, 1)):
        clock.forward(days=days)
        with database.write() as db:
            sweep(db)
        assert len(jobs_of(database)) == left
    assert jobs_of(database)[0].state is JobState.QUEUED


def test_one_without_the_time_of_its_burial_is_shown_and_forgotten_too(database: Database, clock: ManualClock):
    bury(database)
    with database.write() as db:
        db.execute(update(Job).where(col(Job.kind) == "test").values(finished_at=None))
    (job,) = jobs_of(database)
    with database.read() as db:
        assert dead_letters.list_newest(db)[0].buried_at == job.run_at
    clock.forward(days=31)
    with database.write() as db:
        sweep(db)
    assert jobs_of(database) == []


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (None, ""),
        ("OSError: [Errno 111]\n  Connection refused\x1b[31m", "OSError: [Errno 111] Connection refused [31m"),
        ("451 greylisted: <Bob.Brunner+x@example.com>", "451 greylisted: <…>"),
        (f"451 https://example.com/reset/{'k' * 43} is a bad link", "451 … is a bad link"),
        (f"451 /reset/{'k-' * 21} is a bad link", "451 /reset/… is a bad link"),
        ("a b " * 100, "a b " * 49 + "a b…"),
    ],
)
def test_an_error_is_shown_in_a_line_without_what_is_private(error, shown):
    assert dead_letters.fit_to_show(error) == shown
