"""One world for each engine, shared by the tests of wrong input, which leave nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from app.features import REACTIONS
from core.clock import ManualClock
from core.db import Database
from tests.conftest import START
from tests.reliability.stage import Desk, Rehearsal, Stage, set_stage
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite
from web.deps import WriteSlot


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, templates: Callable[[str], SQLite | Postgres], built_app: FastAPI
) -> Iterator[tuple[Stage, str]]:
    """The world and the address of its database."""
    server = templates(request.param)
    name = f"wrong_{os.getpid()}"
    url = server.clone("template_cast", name)
    database = Database(url, clock=ManualClock(START), reactions=REACTIONS, synchronous="OFF")
    with database.write() as db:
        stage = set_stage(db, built_app.state.keys)
    database.dispose()
    yield stage, url
    server.drop(name)


@pytest.fixture
def stage(scene: tuple[Stage, str]) -> Stage:
    return scene[0]


@pytest.fixture
def real(scene: tuple[Stage, str]) -> Iterator[Database]:
    """The database as it is."""
    yield from _opened(Database, scene[1])


@pytest.fixture
def rehearsal(scene: tuple[Stage, str]) -> Iterator[Database]:
    """The database, taking back what is written."""
    yield from _opened(Rehearsal, scene[1])


def _opened(kind: type[Database], url: str) -> Iterator[Database]:
    database = kind(url, clock=ManualClock(START), reactions=REACTIONS, synchronous="OFF")
    yield database
    database.dispose()


@pytest.fixture
def desk(built_app: FastAPI, in_one_thread: None) -> Iterator[Desk]:
    """Requests to the app; a test lends it a database with ``at``."""
    made = Desk(built_app)
    yield made
    made.close()


@pytest.fixture
def at(desk: Desk) -> Callable[[Database], Desk]:
    """``at(real)``: the app on that database."""

    def open_at(database: Database) -> Desk:
        desk.app.state.database = database
        desk.app.state.clock = database.clock
        desk.app.state.write_slot = WriteSlot(needed=database.sqlite)
        return desk

    return open_at
