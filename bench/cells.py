"""One cell of the table: a page under load on one database of one size."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.pages import Page, floor
from bench.servers import App

CONNECTIONS = 8
WARM_UP = 0.4
BESIDE = 0.3
"""Seconds of the do-nothing page before and after each round: a machine's speed may change from second to second."""


@dataclass
class Round:
    """What one stretch of load gave. ``app`` and ``database``: CPU seconds."""

    answers: int
    seconds: float
    p50: float
    p99: float
    app: float
    database: float | None


@dataclass
class Cell:
    """``per_second``, ``p50`` and ``p99`` (ms) of the best round; CPU milliseconds of an answer over all rounds."""

    engine: str
    size: int
    page: str
    queries: int | None
    rounds: list[Round] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    beside: list[Round] = field(default_factory=list)
    """The do-nothing page's, right before and after these; empty for that page itself."""

    @property
    def valid(self) -> bool:
        return bool(self.rounds) and not self.faults

    @property
    def best(self) -> Round:
        return max(self.rounds, key=lambda round: round.answers / round.seconds)

    @property
    def per_second(self) -> float:
        return self.best.answers / self.best.seconds

    @property
    def app_ms(self) -> float:
        return _app_ms(self.rounds)

    @property
    def floor_ms(self) -> float:
        """CPU milliseconds of the do-nothing page while this one was measured."""
        return _app_ms(self.beside or self.rounds)

    @property
    def database_ms(self) -> float | None:
        """``None`` where the server's processes cannot be seen."""
        spent = [round.database for round in self.rounds if round.database is not None]
        return 1000 * sum(spent) / sum(round.answers for round in self.rounds) if spent else None

    @property
    def cpu_ms(self) -> float:
        """App and database together."""
        return self.app_ms + (self.database_ms or 0.0)

    def line(self) -> dict[str, Any]:
        """As it is kept."""
        kept = asdict(self)
        if self.valid:
            kept |= {"per_second": self.per_second, "app_ms": self.app_ms, "database_ms": self.database_ms}
            kept |= {"floor_ms": self.floor_ms}
        return kept


def run_round(app: App, page: Page, cell: Cell, seconds: float) -> int:
    """Warm up, load the page for ``seconds``, and add what was seen to the cell; answers of both that were 2xx."""
    warm = _drive({**_order(app, page), "seconds": WARM_UP})
    cell.beside += _rest(app, page)
    seen, found = _stretch(app, page, seconds)
    cell.beside += _rest(app, page)
    cell.faults += list(_faults(seen))
    cell.rounds += found
    return _good(warm) + _good(seen)


def _rest(app: App, page: Page) -> list[Round]:
    """A little of the do-nothing page, unless ``page`` is one of the floor's own."""
    pages = floor()
    return [] if page.name in {one.name for one in pages} else _stretch(app, pages[0], BESIDE)[1]


def _stretch(app: App, page: Page, seconds: float) -> tuple[dict[str, Any], list[Round]]:
    """What the load generator saw, and the round, if anything was answered."""
    before, database_before = app.cpu(), app.database_cpu()
    seen = _drive({**_order(app, page), "seconds": seconds})
    spent, database_after = app.cpu() - before, app.database_cpu()
    answers = sum(seen["statuses"].values())
    database = None if database_before is None or database_after is None else database_after - database_before
    return seen, [Round(answers, seen["seconds"], seen["p50"], seen["p99"], spent, database)] if answers else []


def _order(app: App, page: Page) -> dict[str, Any]:
    return {
        "port": app.port,
        "connections": CONNECTIONS,
        "requests": page.requests,
        "least_bytes": least_bytes(page),
    }


def _app_ms(rounds: list[Round]) -> float:
    return 1000 * sum(round.app for round in rounds) / sum(round.answers for round in rounds)


def least_bytes(page: Page) -> int:
    """No whole answer is shorter."""
    return 600 * page.rows if page.rows > 1 else 1


def _good(seen: dict[str, Any]) -> int:
    return sum(number for status, number in seen["statuses"].items() if status.startswith("2"))


def _faults(seen: dict[str, Any]) -> Iterable[str]:
    wrong = {status: number for status, number in seen["statuses"].items() if not status.startswith("2")}
    if wrong:
        yield f"answers other than 2xx: {wrong}"
    if seen["short"]:
        yield f"{seen['short']} short answers"
    if seen["asked"] != sum(seen["statuses"].values()):
        yield "requests without an answer"


def _drive(order: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
