"""What stands in the database before a test begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.db import Session
from tests.cast import put_cast_on_stage


@dataclass(frozen=True)
class Backdrop:
    """Set once for each engine, on top of another (of the cast, if none is named), and copied for every test."""

    name: str
    set: Callable[[Session], object]
    after: Backdrop | None = None

    @property
    def template(self) -> str:
        """The name of the database that is copied."""
        return f"template_{self.name}"

    @property
    def below(self) -> Backdrop | None:
        """What it is set on top of; the cast stands on the bare schema."""
        return None if self is CAST_ALONE else self.after or CAST_ALONE

    def then(self, work: Callable[[Session], object]) -> Backdrop:
        """This backdrop after some ``work``, which is known by its name and its file."""
        file = work.__module__.rpartition(".")[2]
        return Backdrop(f"{self.name}_{file}_{work.__name__}", work, self)


CAST_ALONE = Backdrop("cast", put_cast_on_stage)
