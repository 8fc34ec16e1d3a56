"""A backup is consistent while the product writes, and a restore gives back exactly that or changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.users import deletion
from accounts.users.models import User
from app import schema
from app.backup import BackupError, backup, restore
from app.features import REACTIONS
from core.clock import ManualClock
from core.db import Database
from core.settings import Settings
from crm.companies.models import Company
from files.service import save_file
from files.storage import Storage
from tests.cast import CAST, viewer_of
from tests.conftest import START
from tests.factories.crm import make_company
from tests.services.postgres import Postgres
from tests.services.programs import in_wheel, wheel
from tests.services.sqlite import SQLite


class Place:
    """A database with its settings."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(database_url=url, storage_url=f"file:{folder / 'files'}")
        self.storage = Storage(self.settings.storage_url)
        self.url = url
        self.database = Database(url, clock=ManualClock(START), reactions=REACTIONS)

    def names(self) -> set[str]:
        with self.database.read() as db:
            return set(db.scalars(select(col(Company.name))))

    def reopen(self) -> None:
        self.database.dispose()
        self.database = Database(self.url, clock=ManualClock(START), reactions=REACTIONS)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(
    request: pytest.FixtureRequest,
    templates: Callable[..., SQLite | Postgres],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    if request.param == "postgresql" and shutil.which("pg_dump") is None:
        monkeypatch.setenv("PATH", str(in_wheel(wheel())), prepend=os.pathsep)
    server = templates(request.param)
    name = f"backup_{os.getpid()}"
    made = Place(server.clone("template_cast", name), tmp_path)
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
    assert manifest.revision == schema.head()
    assert place.names() >= {"Before the backup", "In the middle of writing"}
    place.database.dispose()
    restore(place.settings, target)
    place.reopen()
    assert "Before the backup" in place.names()
    assert "In the middle of writing" not in place.names()
    with place.database.write() as db:
        make_company(db, name="After the restore")


def test_only_its_owner_reads_it(place: Place, tmp_path: Path):
    """It holds the hash of every password; one that was open to all does not stay so."""
    target = tmp_path / "monday.tar"
    for leftover in (target, tmp_path / "monday.tar.partial"):
        leftover.touch(0o644)
    before = os.umask(0o022)
    try:
        backup(place.settings, place.database, target, START)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_who_was_erased_since_is_erased_again(place: Place, tmp_path: Path):
    """As long as the backup knows that they asked for it."""
    target = tmp_path / "monday.tar"
    with place.database.write() as db:
        deletion.ask(db, by=viewer_of(db, "dina"))
    backup(place.settings, place.database, target, START)

    def erase_when_due() -> tuple[str, str]:
        place.database.clock = ManualClock(START + deletion.WAIT)
        with place.database.write() as db:
            before = db.get_one(User, CAST.dina.user_id).name
            deletion.carry_out(db)
            return before, db.get_one(User, CAST.dina.user_id).name

    assert erase_when_due() == ("Đinh Dina", "Deleted person")
    place.database.dispose()
    restore(place.settings, target)
    place.reopen()
    assert erase_when_due() == ("Đinh Dina", "Deleted person")


def upload(place: Place, text: bytes) -> str:
    with place.database.write() as db:
        made = save_file(db, place.storage, content=text, name="proof.txt", by=viewer_of(db, "alice"))
        return made.storage_key


def test_the_stored_files_come_back(place: Place, tmp_path: Path):
    target = tmp_path / "monday.tar"
    kept, gone = upload(place, b"What was done in May"), upload(place, b"Lost before the backup")
    place.storage.delete(gone)
    manifest = backup(place.settings, place.database, target, START)
    assert [file.key for file in manifest.files] == [kept]
    assert manifest.lost == [gone]
    assert "1 files and 1 missing" in manifest.summary
    place.storage.delete(kept)
    place.database.dispose()
    restore(place.settings, target)
    assert place.storage.get(kept) == b"What was done in May"
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_a_damaged_file_is_refused_and_nothing_changes(place: Place, tmp_path: Path):
    target = tmp_path / "damaged.tar"
    text = b"What was done in May, and more than once"
    kept = upload(place, text)
    backup(place.settings, place.database, target, START)
    place.storage.delete(kept)
    with place.database.write() as db:
        make_company(db, name="Still here")
    target.write_bytes(target.read_bytes().replace(text, text.swapcase()))
    with pytest.raises(BackupError, match="damaged"):
        restore(place.settings, target)
    assert place.storage.get(kept) is None
    assert "Still here" in place.names()


def test_a_backup_that_cannot_be_written_leaves_the_old_one(place: Place, tmp_path: Path, monkeypatch):
    target = tmp_path / "monday.tar"
    target.write_text("last week's")
    monkeypatch.setattr("app.backup._stored", lambda _database: (_ for _ in ()).throw(BackupError("the disk is full")))
    with pytest.raises(BackupError):
        backup(place.settings, place.database, target, START)
    assert target.read_text() == "last week's"
    assert [path.name for path in tmp_path.glob("*.partial")] == []


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
