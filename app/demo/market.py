"""The whole demo market, in one transaction: it is there complete, or the database is still empty."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import delete, select
from sqlmodel import col

from accounts.users.models import User
from accounts.users.passwords import hash_password
from app.demo import briefs, businesses, cases, negotiations, people, pipelines, specialists
from app.demo.calendar import Calendar
from app.demo.stage import Stage, read
from app.features import JOBS
from core.clock import system_clock
from core.db import Database, Session
from core.jobs import Job
from core.settings import Settings
from files.storage import Storage
from notifications.inbox import service as inbox

TIMERS = (
    "offers.watch_validity",
    "contracts.expire_unsigned",
    "contracts.remind_of_signing",
    "contracts.end_over",
    "briefs.expire",
)
QUEUED = ("briefs.tell_matches",)
"""Jobs that run on the morning after they were asked for."""
"""What the worker would have done each morning."""
LAST_LOOK = {"marina": 1.2, "brunhild": 2.5, "halden": 3.5, "chau": 6.0, "team": 0.2}
"""Days since these people have read their notices; others looked at some day of the last three weeks."""


def is_empty(database: Database) -> bool:
    """Whether nobody has an account yet."""
    with database.read() as db:
        return db.scalar(select(col(User.id)).limit(1)) is None


def is_loaded(database: Database) -> bool:
    """Whether the first of the demo's log-ins is there."""
    with database.read() as db:
        return db.scalar(select(col(User.id)).where(col(User.email) == people.LOG_INS[0][0])) is not None


def load_demo(settings: Settings, database: Database, *, until: datetime | None = None) -> None:
    """Fill an empty database with five months that end at ``until`` (now, if not said). Sends no mail."""
    calendar = Calendar(until or system_clock())
    stage = Stage(calendar, Storage(settings.storage_url), hash_password(people.PASSWORD))
    _plan(stage)
    past = Database(database.url, clock=calendar.clock, reactions=database.reactions)
    try:
        with past.write() as db:
            calendar.run(db)
            _every_morning(db)
            # Mails of past months would reach nobody; the people of the demo have no mailboxes.
            db.execute(delete(Job).where(col(Job.kind) == "emails.send"))
    finally:
        past.dispose()


def _plan(stage: Stage) -> None:
    specialists.plan(stage)
    businesses.plan(stage)
    cases.plan(stage)
    negotiations.plan(stage, briefs.plan(stage))
    pipelines.plan(stage)
    people.plan_readers(stage)
    for days in range(150, 0, -1):
        stage.calendar.at(days + 0.99, _every_morning)
    for key in (*read("specialists"), *read("businesses"), "chau"):
        ago = LAST_LOOK.get(key) or 21 * stage.dice.random()
        stage.calendar.at(ago, partial(_read_notices, stage=stage, key=key))


def _every_morning(db: Session) -> None:
    for job in db.scalars(select(Job).where(col(Job.kind).in_(QUEUED)).order_by(col(Job.id))).all():
        JOBS[job.kind](db, job.payload)
        db.delete(job)
    for kind in TIMERS:
        JOBS[kind](db, {})


def _read_notices(db: Session, stage: Stage, key: str) -> None:
    if key in stage.viewers:
        inbox.read_all(db, by=stage.viewers[key])
