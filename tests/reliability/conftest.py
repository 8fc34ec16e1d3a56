"""One world for each engine, shared by the tests of wrong input, which leave nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Scene:
    """The world, and its database twice: as it is, and taking back what is written."""

    stage: Stage
    real: Database
    rehearsal: Rehearsal


@pytest.fixture(scope="session")
def scenes(templates: Callable[[str], SQLite | Postgres], built_app: FastAPI) -> Iterator[Callable[[str], Scene]]:
    """``scenes("sqlite")``: the world on that engine, built when it is first asked for."""
    made: dict[str, Scene] = {}

    def scene(engine: str) -> Scene:
        if engine not in made:
            url = templates(engine).clone("template_cast", f"wrong_{os.getpid()}")
            options: dict[str, Any] = {"clock": ManualClock(START), "reactions": REACTIONS, "synchronous": "OFF"}
            real = Database(url, **options)
            with real.write() as db:
                stage = set_stage(db, built_app.state.keys)
            made[engine] = Scene(stage, real, Rehearsal(url, **options))
        return made[engine]

    yield scene
    for world in made.values():
        world.real.dispose()
        world.rehearsal.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, scenes: Callable[[str], Scene]) -> Scene:
    return scenes(request.param)


@pytest.fixture
def stage(scene: Scene) -> Stage:
    return scene.stage


@pytest.fixture
def real(scene: Scene) -> Database:
    return scene.real


@pytest.fixture
def rehearsal(scene: Scene) -> Database:
    return scene.rehearsal


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
