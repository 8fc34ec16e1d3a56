"""``./dev bench``: seed, start, load, print. Exit code 0 whatever the times, unless ``--hold`` asks to be strict."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from bench import report
from bench.cells import Cell, run_round
from bench.pages import DIRECTORY, Page, floor, pages
from bench.probe import probe
from bench.seed import seed
from bench.servers import App, Engine, engines

RESULTS = Path("var/bench")
SIZES, QUICK_SIZES = (1_000, 100_000), (1_000, 10_000)
SECONDS, QUICK_SECONDS = 2.0, 1.0
ROUNDS = 2


@dataclass
class Market:
    """A seeded database and the app on it."""

    engine: Engine
    size: int
    url: str
    app: App
    pages: list[Page]
    cells: dict[str, Cell] = field(default_factory=dict)
    drawing: tuple[float, float] = (0.0, 0.0)
    """CPU ms to draw the directory without a database: with kept cards, and with all drawn anew."""
    written: tuple[int, int] = (0, 0)
    """Offers acknowledged and offers stored."""


def main(words: list[str]) -> int:
    options = _options(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    now = datetime.now(UTC).replace(microsecond=0)
    folder = Path(tempfile.mkdtemp(prefix="postwright-bench-"))
    folder.chmod(0o711)
    try:
        with engines(options.engines, folder, options.processes) as made:
            urls = {(engine.name, size): engine.create(f"of_{size}") for engine in made for size in options.sizes}
            contracts = _seed(urls, now)
            markets: list[Market] = []
            for engine in made:
                print(f"measuring {engine.name}", flush=True)
                wanted = [(size, urls[engine.name, size], contracts[engine.name, size]) for size in options.sizes]
                with _markets(engine, wanted, now, folder) as running:
                    _measure(running, options)
                    markets += running
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    holds = report.holds(markets)
    report.show(markets, holds)
    _keep(markets, holds, now)
    return 1 if options.hold and not all(hold.passed for hold in holds) else 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, epilog="Example: ./dev bench --quick")
    parser.add_argument("--quick", action="store_true", help="1,000 and 10,000 of each, one second a round")
    parser.add_argument("--sizes", type=_sizes, help="such as 1000,100000")
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=["sqlite", "postgresql"])
    parser.add_argument("--processes", type=int, help="of the app; by default 1 on SQLite and 2 on PostgreSQL")
    parser.add_argument("--seconds", type=float, help="of load in each round, at most 4 a page")
    parser.add_argument("--hold", action="store_true", help="exit with 1 if a hold fails")
    options = parser.parse_args(words)
    options.sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
    options.seconds = min(options.seconds or (QUICK_SECONDS if options.quick else SECONDS), 4 / ROUNDS)
    return options


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def _seed(urls: dict[tuple[str, int], str], now: datetime) -> dict[tuple[str, int], UUID]:
    """Fill the databases, two at a time, the largest first; the contract measured in each."""
    print(f"seeding {', '.join(f'{name} {size:,}' for name, size in urls)}", flush=True)
    with ProcessPoolExecutor(max_workers=2) as pool:
        order = sorted(urls, key=lambda key: -key[1])
        started = {key: pool.submit(seed, urls[key], key[1], now) for key in order}
        return {key: future.result() for key, future in started.items()}


@contextmanager
def _markets(
    engine: Engine, wanted: list[tuple[int, str, UUID]], now: datetime, folder: Path
) -> Iterator[list[Market]]:
    """The app on each database of an engine at once, so that their rounds can take turns."""
    running: list[Market] = []
    try:
        for size, url, contract_id in wanted:
            app = App(engine, url, folder / f"{engine.name}-{size}.log")
            running.append(Market(engine, size, url, app, pages(size, contract_id, now.date())))
        yield running
    finally:
        for market in running:
            market.app.stop()


def _measure(markets: list[Market], options: argparse.Namespace) -> None:
    """Floor, pages, floor again; small and large take turns in each."""
    for market in markets:
        market.pages = [page for page in market.pages if options.only in page.name]
        with probe(market.url) as inside:
            for page in [*floor(), *market.pages]:
                queries = inside.queries(page)
                market.cells[page.name] = Cell(market.engine.name, market.size, page.name, queries)
            for page in floor():
                name = report.last(page.name)
                market.cells[name] = Cell(market.engine.name, market.size, name, 0)
            if market.pages and market.pages[0].name == DIRECTORY:
                market.drawing = inside.drawing(market.pages[0])
    for page in floor():
        _take_turns(markets, [page] * len(markets), page.name, options.seconds)
    for turn in zip(*(market.pages for market in markets), strict=True):
        if turn[0].writes:
            _take_writes(markets, list(turn), options.seconds)
        else:
            _take_turns(markets, list(turn), turn[0].name, options.seconds)
    for page in floor():
        _take_turns(markets, [page] * len(markets), report.last(page.name), options.seconds)


def _take_turns(markets: list[Market], turn: list[Page], name: str, seconds: float) -> None:
    for _round in range(ROUNDS):
        for market, page in zip(markets, turn, strict=True):
            run_round(market.app, page, market.cells[name], seconds)


def _take_writes(markets: list[Market], turn: list[Page], seconds: float) -> None:
    """As other pages; afterwards every acknowledged write must be there."""
    for market, page in zip(markets, turn, strict=True):
        with probe(market.url) as inside:
            before = inside.offers()
            cell = market.cells[page.name]
            acknowledged = sum(run_round(market.app, page, cell, seconds) for _round in range(ROUNDS))
            market.written = acknowledged, inside.offers() - before
            if market.written[0] != market.written[1]:
                cell.faults.append(f"{acknowledged} acknowledged, {market.written[1]} stored")


def _keep(markets: list[Market], holds: list[report.Hold], now: datetime) -> None:
    """One JSON line for each cell and each hold."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    lines = [cell.line() for market in markets for cell in market.cells.values()]
    lines += [hold.line() for hold in holds]
    file = RESULTS / f"{now:%Y-%m-%d-%H%M%S}.jsonl"
    facts = {"at": now.isoformat(), "cores": os.cpu_count(), "load": os.getloadavg()}
    file.write_text("".join(f"{json.dumps({**line, **facts}, ensure_ascii=False)}\n" for line in lines))
    print(f"\nkept in {file}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
