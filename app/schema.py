"""The database's schema: bring it up or down, and say whether it is current."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from core.db import Database, patience

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).parent.parent
_REVISION = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config  # half a second that a start without migrations saves

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str | None:
    """The newest revision this code knows: the one no other follows."""
    found = [
        match for file in (ROOT / "migrations/versions").glob("*.py") for match in _REVISION.findall(file.read_text())
    ]
    followed = {revision for name, revision in found if name == "down_revision"}
    return next((revision for name, revision in found if name == "revision" and revision not in followed), None)


def current(database: Database) -> str | None:
    """The revision the database is at; ``None`` when it is empty."""
    try:
        with database.reader.connect() as connection:
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except (OperationalError, ProgrammingError) as error:
        if "alembic_version" in str(error.orig):
            return None
        raise


def upgrade(database: Database, to: str = "head") -> None:
    """Run the missing migrations. SQLite needs foreign keys off while tables are rebuilt; they are checked after."""
    from alembic import command

    _run(database, lambda config: command.upgrade(config, to))


def downgrade(database: Database, to: str) -> None:
    """Undo migrations down to revision ``to`` (``base`` for all)."""
    from alembic import command

    _run(database, lambda config: command.downgrade(config, to))


def _run(database: Database, work: Callable[[Config], None]) -> None:
    with database.writer.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if database.sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with patience(connection):
                work(_config(connection))
                connection.commit()
            if database.sqlite:
                broken = raw.execute("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"foreign keys broken after the migration: {broken[:5]}")
        finally:
            if database.sqlite:
                raw.execute("PRAGMA foreign_keys=ON")
