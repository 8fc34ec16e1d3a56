"""All invariants over the stored data, for ``postwright check``."""

from __future__ import annotations

from app.features import INVARIANTS
from core.db import Database


def broken(database: Database) -> list[str]:
    """One sentence for each broken row; empty when all is well."""
    with database.read() as db:
        return [fault for invariant in INVARIANTS for fault in invariant(db)]
