"""kill -9 in the middle of a write loop: no acknowledged write is lost, no job is done twice or lost."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from accounts.users.models import MailLink
from app.checks import broken
from core.clock import system_clock
from core.db import Database
from core.jobs import Job, JobState, enqueue
from crm.companies.models import Company
from tests.cast import CAST
from tests.reliability.processes import PATIENCE, Process
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite

WRITES, WRITERS, JOBS = 90, 4, 40


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, templates: Callable[..., SQLite | Postgres]) -> Iterator[str]:
    server = templates(request.param)
    name = f"kill_{os.getpid()}"
    yield server.clone("template_cast", name)
    server.drop(name)


@pytest.fixture
def environment(url: str, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "POSTWRIGHT_ENVIRONMENT": "test",
        "POSTWRIGHT_DATABASE_URL": url,
        "POSTWRIGHT_STORAGE_URL": f"file:{tmp_path / 'files'}",
        "POSTWRIGHT_MAIL_FOLDER": str(tmp_path / "mail"),
        "POSTWRIGHT_RATE_LIMITS": "false",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def insist(client: httpx.Client, number: int, stop: threading.Event) -> None:
    """Send write ``number`` under its own key until it is acknowledged, however often the server dies meanwhile."""
    headers = {"Authorization": f"Bearer {CAST.alice.api_token}", "Idempotency-Key": f"write-{number}"}
    while not stop.is_set():
        try:
            answer = client.post("/api/v1/companies", json={"name": f"Company {number}"}, headers=headers)
        except httpx.TransportError:
            stop.wait(0.05)
            continue
        if answer.status_code == 201:
            return
        assert answer.status_code == 409, answer.text
    pytest.fail("the server never came back")


def test_no_acknowledged_write_is_lost_or_doubled(url: str, environment: dict[str, str]):
    port = free_port()
    web = Process(environment, "serve", "--port", str(port))
    stop = threading.Event()
    watchdog = threading.Timer(PATIENCE, stop.set)
    watchdog.start()
    done = threading.Semaphore(0)
    try:
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client,
            ThreadPoolExecutor(WRITERS) as pool,
        ):

            def write(number: int) -> None:
                insist(client, number, stop)
                done.release()

            writes = [pool.submit(write, number) for number in range(WRITES)]
            for _kill in range(2):
                for _write in range(WRITES // 3):
                    assert done.acquire(timeout=PATIENCE)
                web.restart()
            for write_done in writes:
                write_done.result()
    finally:
        watchdog.cancel()
        web.kill()
    database = Database(url)
    with database.read() as db:
        names = Counter(db.scalars(select(col(Company.name)).where(col(Company.name).startswith("Company "))))
    assert names == {f"Company {number}": 1 for number in range(WRITES)}
    assert broken(database) == []
    database.dispose()


def test_no_job_is_lost_or_done_twice(url: str, environment: dict[str, str]):
    database = Database(url, clock=system_clock)
    with database.write() as db:
        for _number in range(JOBS):
            enqueue(db, "users.send_reset", {"email": CAST.alice.email, "locale": "en"})
    worker = Process(environment, "worker")
    patience = threading.Event()
    try:
        for least in (JOBS // 4, JOBS // 2):
            _wait(patience, lambda least=least: _done(database) >= least)
            worker.kill()
            with database.write() as db:  # what the dead worker held becomes free, as when its lease ends
                past = db.now() - timedelta(seconds=1)
                held = update(Job).where(col(Job.state) == JobState.QUEUED).values(leased_until=past)
                db.execute(held.execution_options(synchronize_session=False))
            worker = Process(environment, "worker")
        _wait(patience, lambda: _done(database) == JOBS)
    finally:
        worker.kill()
    with database.read() as db:
        links = db.scalar(select(func.count()).select_from(MailLink).where(col(MailLink.user_id) == CAST.alice.user_id))
        mails = db.scalar(select(func.count()).select_from(Job).where(col(Job.kind) == "emails.send"))
    assert links == JOBS, "each job makes one link, in the transaction that marks it done"
    assert mails == JOBS
    database.dispose()


def _done(database: Database) -> int:
    with database.read() as db:
        done = (col(Job.kind) == "users.send_reset") & (col(Job.state) == JobState.DONE)
        return db.scalar(select(func.count()).select_from(Job).where(done)) or 0


def _wait(pause: threading.Event, reached: Callable[[], bool]) -> None:
    for _try in range(int(PATIENCE / 0.05)):
        if reached():
            return
        pause.wait(0.05)
    pytest.fail("the worker never got there")
