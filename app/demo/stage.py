"""What all makers of the demo share: the calendar, who is who, what was made, and the texts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from accounts.viewers import Viewer
from app.demo.calendar import Calendar
from core.money import exponent
from files.storage import Storage

Facts = dict[str, Any]
"""An entry of a data file."""
HERE = Path(__file__).parent
SEED = 2026


@dataclass
class Stage:
    """``viewers`` by key of the person or, for its owner, of the workspace; ``briefs`` and ``offers`` by their key."""

    calendar: Calendar
    storage: Storage
    password_hash: str
    dice: Random = field(default_factory=lambda: Random(SEED))
    viewers: dict[str, Viewer] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    briefs: dict[str, UUID] = field(default_factory=dict)
    offers: dict[str, UUID] = field(default_factory=dict)

    def of_workspace(self, workspace_id: UUID) -> Viewer:
        """The owner of a workspace."""
        return next(viewer for viewer in self.viewers.values() if viewer.workspace_id == workspace_id)


@dataclass(frozen=True)
class Step:
    """``"9.5 counter 780 ; We film ourselves"``: when, what, how and in which words."""

    ago: float
    verb: str
    rest: tuple[str, ...]
    note: str

    @classmethod
    def read(cls, text: str) -> Step:
        """A step as it stands in the data files."""
        head, _semicolon, note = text.partition(";")
        ago, verb, *rest = head.split()
        return cls(float(ago), verb, tuple(rest), note.strip())


@lru_cache
def read(folder: str) -> dict[str, Facts]:
    """All entries of the data files in ``folder``, in the order of files and lines."""
    found: dict[str, Facts] = {}
    for path in sorted((HERE / "data" / folder).glob("*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def picture(name: str) -> bytes:
    """A ready picture: ``people/marina``, ``cases/loaf``."""
    return (HERE / "pictures" / f"{name}.webp").read_bytes()


def minor(amount: float, currency: str) -> int:
    """An amount as people write it, in minor units."""
    factor: int = 10 ** exponent(currency)
    return round(amount * factor)
