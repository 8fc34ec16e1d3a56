"""Rows that are written and not looked at again: past the ORM's unit of work, which is most of what they would cost."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Insert, insert

from core.columns import Row
from core.db import Session


def insert_row(db: Session, row: Row) -> None:
    """Store ``row`` at once, after all that waits in ``db``. To the session it is a stranger: to change it, load it."""
    db.flush()
    db.connection().execute(_insert_into(type(row)), dict(row))


@lru_cache
def _insert_into(kind: type[Row]) -> Insert:
    table: Any = kind.__table__  # type: ignore[attr-defined]
    return insert(table)
