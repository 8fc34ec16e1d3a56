"""Backup and restore of database and stored files: SQLite by its backup API, PostgreSQL by ``pg_dump``.

An archive holds ``manifest.json``, ``database`` and ``files/0``, ``files/1``…; the manifest knows the hash of each.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from app.schema import current
from core.db import Database
from core.settings import Settings
from files.queries import list_stored
from files.storage import Storage


class BackupError(Exception):
    """The backup could not be written or is not sound; the message says which."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One object of the storage and its hash."""

    key: str
    mime: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds; ``sha256`` is the database's, ``lost`` are uploads whose bytes were not in the storage."""

    engine: str
    revision: str
    at: str
    sha256: str
    files: list[StoredFile] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        lost = f" and {len(self.lost)} missing ones, named in the manifest" if self.lost else ""
        return f"{self.engine}, schema {self.revision}, {len(self.files)} files{lost}, sha256 {self.sha256}"


def backup(settings: Settings, database: Database, target: Path, now: datetime) -> Manifest:
    """Write a consistent copy of the database, then its uploads, into the archive ``target``.

    Files uploaded or removed meanwhile: those of before and after the copy are taken, so that none it knows is missing.
    Only its owner may read the archive: it holds everything, the hashes of all passwords included.
    """
    half = target.with_name(f"{target.name}.partial")
    storage = Storage(settings.storage_url)
    try:
        half.unlink(missing_ok=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            open(half, "xb", opener=_for_the_owner) as file,
            tarfile.open(fileobj=file, mode="w") as archive,
        ):
            known = _stored(database)
            data = Path(folder) / "database"
            if database.sqlite:
                _copy_sqlite(settings.sqlite_path or Path(), data)
            else:
                _run(settings, "pg_dump", "--format=custom", f"--file={data}")
            archive.add(data, "database")
            files, lost = _add_files(archive, storage, known | _stored(database))
            engine = "sqlite" if database.sqlite else "postgresql"
            manifest = Manifest(engine, current(database) or "", now.isoformat(), _sha256(data), files, lost)
            _add(archive, "manifest.json", json.dumps(asdict(manifest)).encode())
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
    return manifest


def restore(settings: Settings, source: Path) -> Manifest:
    """Put database and files of ``source`` in the place of the configured ones. Stop web and worker first.

    Raises ``BackupError`` when the archive is damaged or of the other engine; then nothing was changed.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "database"
        try:
            with tarfile.open(source) as archive:
                manifest = _read_manifest(archive)
                wanted = "sqlite" if settings.sqlite_path else "postgresql"
                if manifest.engine != wanted:
                    raise BackupError(f"this is a backup of {manifest.engine}, the setting says {wanted}")
                with _member(archive, "database") as found, data.open("wb") as copy:
                    shutil.copyfileobj(found, copy)
                _check(_sha256(data) == manifest.sha256)
                for number, file in enumerate(manifest.files):
                    _check(hashlib.sha256(_member(archive, f"files/{number}").read()).hexdigest() == file.sha256)
                storage = Storage(settings.storage_url)
                for number, file in enumerate(manifest.files):
                    storage.put(file.key, _member(archive, f"files/{number}").read(), file.mime)
        except (tarfile.TarError, KeyError, TypeError, ValueError, OSError) as error:
            raise BackupError(f"{source} is not a backup: {error}") from error
        if settings.sqlite_path:
            _replace_sqlite(data, settings.sqlite_path)
        else:
            _run(settings, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", str(data))
    return manifest


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _stored(database: Database) -> set[tuple[str, str]]:
    with database.read() as db:
        return set(list_stored(db))


def _add_files(
    archive: tarfile.TarFile, storage: Storage, stored: set[tuple[str, str]]
) -> tuple[list[StoredFile], list[str]]:
    files: list[StoredFile] = []
    lost: list[str] = []
    for key, mime in sorted(stored):
        content = storage.get(key)
        if content is None:
            lost.append(key)
            continue
        _add(archive, f"files/{len(files)}", content)
        files.append(StoredFile(key, mime, hashlib.sha256(content).hexdigest()))
    return files, lost


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    found = json.loads(_member(archive, "manifest.json").read())
    return Manifest(**{**found, "files": [StoredFile(**file) for file in found["files"]]})


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise BackupError(f"{name} is missing")
    return member


def _check(sound: bool) -> None:
    if not sound:
        raise BackupError("the backup is damaged: its hash does not match")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Through the backup API: copying the file alone would lose what is still in the log."""
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    live.close()
    copy.close()


def _replace_sqlite(data: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".restoring")
    shutil.copyfile(data, fresh)
    for leftover in (Path(f"{target}-wal"), Path(f"{target}-shm")):
        leftover.unlink(missing_ok=True)
    os.replace(fresh, target)


def _run(settings: Settings, program: str, *options: str) -> None:
    """A PostgreSQL client program with the connection in its environment, never on the command line."""
    url = make_url(settings.database_url)
    environment = {
        **os.environ,
        "PGHOST": str(url.query.get("host") or url.host or ""),
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
    }
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is not installed; it comes with PostgreSQL's client package")
    arguments = [found, *options]
    if program == "pg_restore":
        arguments.insert(1, f"--dbname={url.database}")
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a list, no shell
    if done.returncode != 0:
        raise BackupError(done.stderr.strip() or f"{program} failed")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
