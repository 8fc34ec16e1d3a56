"""The worker: runs due jobs and feeds the schedule. Several may run beside each other on PostgreSQL."""

from __future__ import annotations

import math
import os
import signal
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from types import FrameType

import structlog

from app.features import JOBS, SCHEDULE, JobHandler, OutsideHandler, outside
from core import logs
from core.db import Database
from core.jobs import MOST_ATTEMPTS, MOST_ATTEMPTS_OUTSIDE, Hopeless, Job, claim, enqueue, fail, finish, renew
from core.settings import Settings
from files.storage import Storage

log = structlog.get_logger()
POLL_SECONDS = 1.0


class Worker:
    """Claims jobs under a lease.

    The effects of a handler in ``jobs`` and its ``done`` mark commit together: exactly once. A handler in
    ``outside`` (mail, stored objects) runs without a transaction and is marked done afterwards: at least once;
    killed in between, it runs again when the lease ends.
    """

    def __init__(
        self,
        database: Database,
        jobs: Mapping[str, JobHandler] = JOBS,
        schedule: Mapping[str, timedelta] = SCHEDULE,
        outside: Mapping[str, OutsideHandler] | None = None,
    ) -> None:
        self.database = database
        self.jobs = jobs
        self.outside = outside or {}
        self.schedule = schedule
        self.name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"[:64]
        self._told: SimpleQueue[None] = SimpleQueue()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Finish the job at hand, then end.

        Signals come in crowds, each in the middle of the last: a queue's ``put`` may be entered again, an event's
        ``set`` would wait for itself.
        """
        self._told.put(None)

    @property
    def stopping(self) -> bool:
        return not self._told.empty()

    def run(self) -> None:
        """Work until told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        log.info("worker started", worker=self.name)
        while not self.stopping:
            try:
                self.plan()
                if self.step() == 0:
                    self._rest()
            except Exception:  # a job must not end the worker; its lease does, and then it is tried again
                log.exception("worker round failed")
                self._rest()
        log.info("worker stopped", worker=self.name)

    def _rest(self) -> None:
        """A while without work, cut short by ``stop``."""
        with suppress(Empty):
            self._told.get(timeout=POLL_SECONDS)
            self.stop()

    def plan(self) -> None:
        """Put the current slot of every schedule into the queue; a slot exists once, whoever writes it first."""
        with self.database.write() as db:
            now = db.now().timestamp()
            for kind, every in self.schedule.items():
                slot = math.floor(now / every.total_seconds())
                enqueue(db, kind, key=f"{kind}:{slot}")

    def step(self) -> int:
        """Run what is due; returns how many jobs were claimed."""
        with self.database.write() as db:
            claimed = claim(db, self.name)
        for job in claimed:
            self.perform(job)
        return len(claimed)

    def perform(self, job: Job) -> None:
        """Run one claimed job, or give it back with the error."""
        try:
            if job.kind in self.outside:
                self._perform_outside(self.outside[job.kind], job)
            else:
                self._perform_inside(self.jobs[job.kind], job)
        except Exception as error:
            log.exception("job failed", job=str(job.id), kind=job.kind, attempts=job.attempts)
            most = MOST_ATTEMPTS_OUTSIDE if job.kind in self.outside else MOST_ATTEMPTS
            told, hopeless = f"{type(error).__name__}: {error}", isinstance(error, Hopeless)
            with self.database.write() as db:
                fail(db, job, self.name, told, most=most, hopeless=hopeless)

    def _perform_inside(self, handler: JobHandler, job: Job) -> None:
        with self.database.write() as db:
            handler(db, job.payload)
            if not finish(db, job.id, self.name):
                db.rollback()
                log.warning("lease lost, effects rolled back", job=str(job.id), kind=job.kind)

    def _perform_outside(self, handler: OutsideHandler, job: Job) -> None:
        with self.database.write() as db:
            mine = renew(db, job.id, self.name)
        if not mine:
            return
        handler(job)
        # The payload of a sent mail holds a working link; what is done needs it no more.
        with self.database.write() as db:
            if not finish(db, job.id, self.name, payload={}):
                log.warning("lease lost, the effect may happen twice", job=str(job.id), kind=job.kind)

    def drain(self, most: int = 1000) -> int:
        """Run due jobs until none is left; for tests and the demo market."""
        total = 0
        while total < most and (done := self.step()):
            total += done
        return total


def make_worker(settings: Settings, database: Database) -> Worker:
    """The product's worker: all jobs, its schedule, mail and storage as configured."""
    logs.configure(settings)
    return Worker(database, outside=outside(settings, database, Storage(settings.storage_url)))
