"""The job table: once per key, leased, given back with backoff, buried, forgotten when long done."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app.worker import Worker
from core.clock import ManualClock
from core.db import Database
from core.jobs import LEASE, MOST_ATTEMPTS, Job, JobState, claim, enqueue, finish, sweep
from web import idempotency
from web.idempotency import IdempotencyKey


def states(database: Database) -> list[JobState]:
    with database.read() as db:
        return list(db.scalars(select(col(Job.state)).where(col(Job.kind) == "test").order_by(col(Job.id))))


def test_a_key_makes_one_job_and_a_rollback_none(database: Database):
    for _time in range(3):
        with database.write() as db:
            enqueue(db, "test", key="once")
    session = database.session(write=True)
    enqueue(session, "test")
    session.rollback()
    session.close()
    assert states(database) == [JobState.QUEUED]


def test_a_lease_keeps_others_away_until_it_ends(database: Database, clock: ManualClock):
    with database.write() as db:
        enqueue(db, "test")
    with database.write() as db:
        (first,) = claim(db, "one")
    with database.write() as db:
        assert claim(db, "two") == []
    clock.forward(seconds=LEASE.total_seconds() + 1)
    with database.write() as db:
        (again,) = claim(db, "two")
        assert again.id == first.id
        assert not finish(db, first.id, "one"), "the first worker lost its lease"
        assert finish(db, first.id, "two")
    assert states(database) == [JobState.DONE]


def test_a_failing_job_is_tried_later_and_buried_in_the_end(database: Database, clock: ManualClock):
    tries = []

    def broken(_db, _payload) -> None:
        tries.append(clock())
        raise ValueError("broken on purpose")

    worker = Worker(database, jobs={"test": broken}, schedule={})
    with database.write() as db:
        enqueue(db, "test")
    for _attempt in range(MOST_ATTEMPTS + 3):
        worker.drain()
        clock.forward(hours=20)
    assert len(tries) == MOST_ATTEMPTS
    assert states(database) == [JobState.DEAD]
    with database.read() as db:
        assert "broken on purpose" in db.scalars(select(Job).where(col(Job.kind) == "test")).one().error


def test_a_job_that_ends_every_worker_is_buried_in_the_end(database: Database, clock: ManualClock):
    """Whoever claims it is killed and never says so."""
    with database.write() as db:
        enqueue(db, "test")
    tries = 0
    for _worker in range(MOST_ATTEMPTS + 3):
        with database.write() as db:
            tries += len(claim(db, "killed"))
        clock.forward(seconds=LEASE.total_seconds() + 1)
    assert tries == MOST_ATTEMPTS
    assert states(database) == [JobState.DEAD]
    with database.read() as db:
        assert db.scalars(select(Job).where(col(Job.kind) == "test")).one().error


def test_the_last_attempt_has_its_time(database: Database, clock: ManualClock):
    with database.write() as db:
        enqueue(db, "test")
    for _worker in range(MOST_ATTEMPTS):
        clock.forward(seconds=LEASE.total_seconds() + 1)
        with database.write() as db:
            (job,) = claim(db, "slow")
    with database.write() as db:
        assert claim(db, "other") == []
        assert finish(db, job.id, "slow")
    assert states(database) == [JobState.DONE]


def test_effects_of_a_failed_job_are_undone(database: Database):
    def half(db, _payload) -> None:
        enqueue(db, "effect")
        raise ValueError("after the effect")

    with database.write() as db:
        enqueue(db, "test")
    Worker(database, jobs={"test": half}, schedule={}).step()
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Job.kind) == "effect")) == 0


def test_several_workers_fill_a_slot_once(database: Database):
    workers = [Worker(database, jobs={}, schedule={"test": timedelta(hours=1)}) for _number in range(3)]
    for worker in workers:
        worker.plan()
    assert states(database) == [JobState.QUEUED]


def test_what_is_long_done_is_forgotten(database: Database, clock: ManualClock):
    with database.write() as db:
        enqueue(db, "test")
        db.add(IdempotencyKey(caller="c" * 64, key="k", request_hash="h" * 64, created_at=db.now()))
    Worker(database, jobs={"test": lambda _db, _payload: None}, schedule={}).drain()
    for days, left in ((1, 1), (7, 0)):
        clock.forward(days=days)
        with database.write() as db:
            sweep(db)
            idempotency.sweep(db)
        assert len(states(database)) == left
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
