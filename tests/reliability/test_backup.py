"""A backup is consistent while the product writes, and a restore gives back exactly that or changes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.backup import BackupError, backup, restore
from app.features import REACTIONS
from core.clock import ManualClock
from core.db import Database
from core.settings import Settings
from crm.companies.models import Company
from tests.conftest import START
from tests.factories.crm import make_company
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite


class Place:
    """A database with its settings."""

    def __init__(self, url: str) -> None:
        self.settings = Settings(database_url=url)
        self.url = url
        self.database = Database(url, clock=ManualClock(START), reactions=REACTIONS)

    def names(self) -> set[str]:
        with self.database.read() as db:
            return set(db.scalars(select(col(Company.name))))

    def reopen(self) -> None:
        self.database.dispose()
        self.database = Database(self.url, clock=ManualClock(START), reactions=REACTIONS)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, templates: Callable[..., SQLite | Postgres]) -> Iterator[Place]:
    if request.param == "postgresql" and shutil.which("pg_dump") is None:
        pytest.fail("pg_dump is not installed: it comes with PostgreSQL's client package")
    server = templates(request.param)
    name = f"backup_{os.getpid()}"
    made = Place(server.clone("template_cast", name))
    yield made
    made.database.dispose()
    server.drop(name)


def test_what_was_there_comes_back(place: Place, tmp_path: Path):
    target = tmp_path / "monday.tar"
    with place.database.write() as db:
        make_company(db, name="Before the backup")
    with place.database.write() as writing:  # not committed when the backup runs
        make_company(writing, name="In the middle of writing")
        manifest = backup(place.settings, place.database, target, START)
    assert manifest["revision"] == "0001"
    assert place.names() >= {"Before the backup", "In the middle of writing"}
    place.database.dispose()
    restore(place.settings, target)
    place.reopen()
    assert "Before the backup" in place.names()
    assert "In the middle of writing" not in place.names()
    with place.database.write() as db:
        make_company(db, name="After the restore")


def test_a_damaged_backup_is_refused_and_nothing_changes(place: Place, tmp_path: Path):
    target = tmp_path / "damaged.tar"
    backup(place.settings, place.database, target, START)
    with place.database.write() as db:
        make_company(db, name="Still here")
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    with pytest.raises(BackupError, match=r"damaged|not a backup"):
        restore(place.settings, target)
    assert "Still here" in place.names()


def test_a_backup_of_the_other_engine_is_refused(place: Place, tmp_path: Path):
    target = tmp_path / "other.tar"
    backup(place.settings, place.database, target, START)
    other = "postgresql://nowhere/none" if place.database.sqlite else f"sqlite:///{tmp_path / 'other.db'}"
    with pytest.raises(BackupError, match="this is a backup of"):
        restore(Settings(database_url=other), target)
    assert not (tmp_path / "other.db").exists()


def test_something_else_is_no_backup(place: Place, tmp_path: Path):
    target = tmp_path / "letter.txt"
    target.write_text("Dear reader")
    with pytest.raises(BackupError, match="not a backup"):
        restore(place.settings, target)
