"""The table, its ratios, and what has to hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.cells import Cell
from bench.pages import DIRECTORY, FLOOR

if TYPE_CHECKING:
    from bench.__main__ import Market

NOISY = 0.2
MOST_GROWTH = 1.3
LIST_CPU = {"sqlite": (2.3, 0.0), "postgresql": (2.8, 1.2)}
"""CPU ms of the app and of the database for a page of the directory (target 7), on a machine of reference."""
REFERENCE = 0.12
"""CPU ms the do-nothing page takes on that machine; another one's times are worth as much less as it is slower."""
LIST_SHARE = {"sqlite": (0.50, 0.065), "postgresql": (0.30, 0.035)}
"""The directory's speed as a share of drawing alone, and of static bytes (target 3)."""


@dataclass(frozen=True)
class Hold:
    """``passed`` is ``None`` where it could not be told."""

    name: str
    text: str
    passed: bool | None

    def line(self) -> dict[str, Any]:
        """As it is kept."""
        return {"hold": asdict(self)}


def last(name: str) -> str:
    """The name of a floor page's cell at the end of the run."""
    return f"{name}, again"


def noisy(market: Market) -> bool:
    """Whether the do-nothing page was over a fifth faster or slower in the end."""
    first, again = market.cells[FLOOR], market.cells[last(FLOOR)]
    if not (first.valid and again.valid):
        return True
    return abs(again.per_second / first.per_second - 1) > NOISY


def show(markets: list[Market], holds: list[Hold]) -> None:
    """Print everything."""
    for market in markets:
        print(f"\n{market.engine.name}, {market.size:,} specialists, briefs and deals", end="")
        print(" (noisy: the do-nothing page changed by more than 20 %)" if noisy(market) else "")
        heads = ("req/s", "p50 ms", "p99 ms", "queries", "CPU app", "CPU DB", "speed", "CPU ×")
        print(f"{'':32}" + "".join(f"{head:>9}" for head in heads))
        for cell in market.cells.values():
            print(_row(cell, market.cells[FLOOR]))
        kept, anew = market.drawing
        if anew:
            print(
                f"{'directory, drawn without database':32} {kept:.2f} ms with kept cards, {anew:.2f} ms with all anew"
            )
    _show_growth(markets)
    print("\nHolds")
    for hold in holds:
        verdict = {True: "PASS", False: "FAIL", None: "–   "}[hold.passed]
        print(f"  {verdict}  {hold.name}: {hold.text}")


def _row(cell: Cell, floor: Cell) -> str:
    if not cell.valid:
        return f"{cell.page:32}void: {'; '.join(dict.fromkeys(cell.faults)) or 'nothing answered'}"
    database = "–" if cell.database_ms is None else f"{cell.database_ms:.2f}"
    queries = "" if cell.queries is None else str(cell.queries)
    speed = f"{cell.per_second / floor.per_second:.1%}" if floor.valid else ""
    times = f"{cell.cpu_ms / (cell.floor_ms if cell.beside else floor.cpu_ms):.0f}" if floor.valid else ""
    return (
        f"{cell.page:32}{cell.per_second:9,.0f}{cell.best.p50:9.1f}{cell.best.p99:9.1f}{queries:>9}"
        f"{cell.app_ms:9.2f}{database:>9}{speed:>9}{times:>9}"
    )


def _growth(markets: list[Market]) -> Iterator[tuple[str, Cell, Cell]]:
    """Engine, and a page's cells with the least and with the most rows."""
    for name in dict.fromkeys(market.engine.name for market in markets):
        sizes = sorted((m for m in markets if m.engine.name == name), key=lambda market: market.size)
        if len(sizes) < 2:
            continue
        for page in sizes[0].pages:
            yield name, sizes[0].cells[page.name], sizes[-1].cells[page.name]


def _show_growth(markets: list[Market]) -> None:
    rows = [(name, small, large) for name, small, large in _growth(markets) if small.valid and large.valid]
    if rows:
        print(f"\n{'growth':32}{'':12}{'CPU':>9}{'p50':>9}")
    for name, small, large in rows:
        cpu, wait = large.cpu_ms / small.cpu_ms, large.best.p50 / small.best.p50
        print(f"{small.page:32}{name:12}{cpu:8.2f}×{wait:8.2f}×")


def holds(markets: list[Market]) -> list[Hold]:
    """What the product promises, held against this run."""
    found: list[Hold] = []
    for market in markets:
        place = f"{market.engine.name} {market.size:,}"
        shown = [market.cells[page.name] for page in market.pages]
        void = [cell.page for cell in shown if not cell.valid]
        found.append(Hold(f"whole answers, {place}", ", ".join(void) or "all cells", not void))
        counts = {page.name: market.cells[page.name].queries or 0 for page in market.pages if page.most_queries}
        most = max(counts.values(), default=0)
        found.append(Hold(f"≤ 8 queries a page, {place}", f"at most {most}", most <= 8))
        found += _of_directory(market, place)
        if any(page.writes for page in market.pages):
            acknowledged, stored = market.written
            text = f"{acknowledged} acknowledged, {stored} stored"
            found.append(Hold(f"no write lost, {place}", text, acknowledged == stored > 0))
    for name, small, large in _growth(markets):
        known = small.valid and large.valid
        growth = large.cpu_ms / small.cpu_ms if known else 0.0
        passed = growth <= MOST_GROWTH if known else None
        sizes = f"{small.size:,} → {large.size:,}"
        found.append(Hold(f"growth ≤ 1.3 ×, {name} {small.page}", f"{growth:.2f} × CPU, {sizes}", passed))
    return found


def _of_directory(market: Market, place: str) -> Iterator[Hold]:
    """Targets 3 and 7 of the directory."""
    cell, floor, static = (market.cells.get(name) for name in (DIRECTORY, FLOOR, "static file"))
    if not (cell and floor and static and cell.valid and floor.valid and static.valid and market.drawing[1]):
        return
    app_most, database_most = LIST_CPU[market.engine.name]
    database = cell.database_ms or 0.0
    worth = REFERENCE / cell.floor_ms
    within = cell.app_ms * worth <= app_most and database * worth <= database_most
    limit = f"{app_most} + {database_most}" if database_most else f"{app_most}"
    both = [(cell.app_ms, database), (cell.app_ms * worth, database * worth)]
    here, there = (f"{app:.2f} + {other:.2f}" if database_most else f"{app:.2f}" for app, other in both)
    text = f"{here} ms here, worth {there} where nothing takes {REFERENCE}"
    yield Hold(f"directory ≤ {limit} ms CPU, {place}", text, within)
    to_drawing, to_static = LIST_SHARE[market.engine.name]
    share = (cell.floor_ms + market.drawing[1]) / cell.cpu_ms
    yield Hold(f"directory ≥ {to_drawing:.0%} of drawing alone, {place}", f"{share:.0%}", share >= to_drawing)
    share = cell.floor_ms / cell.cpu_ms
    yield Hold(f"directory ≥ {to_static:.1%} of static bytes, {place}", f"{share:.1%}", share >= to_static)
