"""Backup and restore of the database: SQLite by its backup API, PostgreSQL by ``pg_dump`` and ``pg_restore``.

Uploaded files are not part of it: copy the storage folder or bucket beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from app.schema import current
from core.db import Database
from core.settings import Settings


class BackupError(Exception):
    """The backup could not be written or is not sound; the message says which."""


def backup(settings: Settings, database: Database, target: Path, now: datetime) -> dict[str, str]:
    """Write a consistent copy of the database and a manifest with its hash into the archive ``target``."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "database"
        if database.sqlite:
            _copy_sqlite(settings.sqlite_path or Path(), data)
        else:
            _run(settings, "pg_dump", "--format=custom", f"--file={data}")
        manifest = {
            "engine": "sqlite" if database.sqlite else "postgresql",
            "revision": current(database) or "",
            "sha256": _sha256(data),
            "at": now.isoformat(),
        }
        listing = Path(folder) / "manifest.json"
        listing.write_text(json.dumps(manifest))
        with tarfile.open(target, "w") as archive:
            archive.add(listing, "manifest.json")
            archive.add(data, "database")
    return manifest


def restore(settings: Settings, source: Path) -> dict[str, str]:
    """Put the database of ``source`` in the place of the configured one. Stop web and worker first.

    Raises ``BackupError`` when the archive is damaged or of the other engine; then nothing was changed.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(source) as archive:
                for name in ("manifest.json", "database"):
                    member = archive.extractfile(name)
                    if member is None:
                        raise BackupError(f"{name} is missing")
                    with (Path(folder) / name).open("wb") as file:
                        shutil.copyfileobj(member, file)
        except (tarfile.TarError, KeyError, OSError) as error:
            raise BackupError(f"not a backup: {error}") from error
        manifest: dict[str, str] = json.loads((Path(folder) / "manifest.json").read_text())
        data = Path(folder) / "database"
        if _sha256(data) != manifest.get("sha256"):
            raise BackupError("the backup is damaged: its hash does not match")
        wanted = "sqlite" if settings.sqlite_path else "postgresql"
        if manifest.get("engine") != wanted:
            raise BackupError(f"this is a backup of {manifest.get('engine')}, the setting says {wanted}")
        if settings.sqlite_path:
            _replace_sqlite(data, settings.sqlite_path)
        else:
            _run(settings, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", str(data))
    return manifest


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
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BackupError(done.stderr.strip() or f"{program} failed")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
