"""Counting statements: a page asks the database a fixed number of times, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from core.db import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The SQL statements both engines ran inside the block, transaction marks left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in (database.reader, database.writer):
            event.remove(engine, "before_cursor_execute", note)
