"""Ground of the tests: both databases, a clock that stands still, a cast, and people who click and call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from accounts.users import passwords
from app import schema
from app.features import JOBS, REACTIONS, outside
from app.main import create_app
from app.worker import Worker
from core.clock import ManualClock
from core.db import Database, Session
from core.settings import Environment, Settings
from marketplace.briefs import survey as board_survey
from marketplace.directory import cards as directory_cards
from marketplace.directory import queries as directory_queries
from tests.backdrop import CAST_ALONE, Backdrop
from tests.cast import CAST, Cast
from tests.people import Person
from tests.services.postgres import Postgres
from tests.services.reused import ReusedDatabase
from tests.services.sqlite import SQLite
from web.deps import WriteSlot

pytest_plugins = ["tests.services.plugin"]

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SETTINGS = Settings(
    environment=Environment.TEST, base_url="http://testserver", storage_url="memory:", rate_limits=False
)
_databases: dict[str, ReusedDatabase] = {}


def build(backdrop: Backdrop, url: str) -> None:
    """What a backdrop adds to the one below it; the lowest stands on the migrated schema."""
    database = Database(url, clock=ManualClock(START), reactions=REACTIONS, synchronous="OFF")
    if backdrop.below is None:
        schema.upgrade(database)
    with database.write() as db:
        backdrop.set(db)
    database.dispose()


@pytest.fixture(scope="session")
def backdrop() -> Backdrop:
    """What stands in the database before a test begins; a folder's ``conftest.py`` may set more than the cast."""
    return CAST_ALONE


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest) -> Callable[..., SQLite | Postgres]:
    """``templates("sqlite", backdrop)``: the server of an engine, with the backdrop's template built."""

    def server(engine: str, backdrop: Backdrop = CAST_ALONE) -> SQLite | Postgres:
        found: SQLite | Postgres = request.getfixturevalue("sqlite" if engine == "sqlite" else "postgres")
        if backdrop.below:
            server(engine, backdrop.below)
        base = backdrop.below.template if backdrop.below else ""
        found.template(backdrop.template, partial(build, backdrop), base)
        return found

    return server


@pytest.fixture(scope="session", autouse=True)
def own_hasher() -> Iterator[PasswordHash]:
    """How the product hashes passwords. Tests hash by the same algorithm, with a fraction of the work."""
    own = passwords._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)))
        yield own


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, templates: Callable[..., SQLite | Postgres], backdrop: Backdrop, clock: ManualClock
) -> Database:
    """A database as no other test has touched it, on each engine in turn."""

    def lend(stage: Backdrop) -> str:
        return templates(request.param, stage).lend(stage.template)

    if request.param not in _databases:
        _databases[request.param] = ReusedDatabase(lend(backdrop), reactions=REACTIONS)
    made = _databases[request.param]
    made.begin(backdrop, lend, clock)
    for memory in (directory_cards._drawn, directory_queries._surveys, board_survey._surveys):
        memory.forget()  # the engine is the same, its database another
    return made


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A writing session; commit it before the app is asked."""
    with database.write() as session:
        yield session


@pytest.fixture(scope="session")
def built_app() -> FastAPI:
    """The app, assembled once; each test lends it a database and a clock."""
    return create_app(SETTINGS, Database("sqlite:///:memory:"))


@pytest.fixture
def web(built_app: FastAPI, database: Database, clock: ManualClock) -> FastAPI:
    """The app on this test's database."""
    built_app.state.database = database
    built_app.state.clock = clock
    built_app.state.write_slot = WriteSlot(needed=database.sqlite)
    return built_app


@pytest.fixture
def cast() -> Cast:
    """Who is on stage in every test; see ``tests/cast.py``."""
    return CAST


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """One event loop for all requests of a process; a loop for each request would be most of a test's time."""
    with start_blocking_portal() as made:
        yield made


@pytest.fixture
def in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that come one after another need no threads: long walks save the way to them, a third of their time."""

    async def run_here(work: Callable[..., Any], *arguments: Any, **_options: Any) -> Any:
        return work(*arguments)

    monkeypatch.setattr(to_thread, "run_sync", run_here)


@pytest.fixture
def as_(web: FastAPI, portal: BlockingPortal) -> Callable[..., Person]:
    """``as_("alice")`` is alice at her browser and her API client; ``as_("")`` is nobody.

    ``as_("alice", other)`` uses another app than ``web``.
    """

    def person(name: str, app: FastAPI = web) -> Person:
        return Person(app, CAST.members[name] if name else None, portal)

    return person


@pytest.fixture
def mail_folder(tmp_path: Path) -> Path:
    """Where the worker of this test puts its mail, one ``.eml`` file each."""
    return tmp_path / "mail"


@pytest.fixture
def worker(built_app: FastAPI, database: Database, mail_folder: Path) -> Worker:
    """``worker.drain()`` runs the jobs that are due."""
    settings = SETTINGS.model_copy(update={"mail_folder": mail_folder})
    effects = outside(settings, database, built_app.state.storage)
    return Worker(database, jobs=JOBS, schedule={}, outside=effects)
