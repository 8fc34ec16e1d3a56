"""What stands in the database before a test begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.db import Session


@dataclass(frozen=True)
class Backdrop:
    """Set once for each engine, after the cast, and copied for every test."""

    name: str
    set: Callable[[Session], None]

    @property
    def template(self) -> str:
        """The name of the database that is copied."""
        return f"template_{self.name}"


CAST_ALONE = Backdrop("cast", lambda _db: None)
