"""How many briefs of the board match, and how many under each value of each filter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlmodel import col

from core.db import Session
from core.paging import Page
from marketplace.briefs import board
from marketplace.briefs.index import ALL
from marketplace.briefs.models import BriefFacet
from marketplace.briefs.schemas import BoardFilters
from marketplace.directory.memory import Memory
from marketplace.directory.queries import Survey
from marketplace.directory.statements import MOST

_surveys: Memory[Survey] = Memory(500, lasts=timedelta(seconds=60))


def survey(db: Session, filters: BoardFilters) -> Survey:
    """Counts of the newest 500 matches, in one statement, with two filters in two.

    Within a kind, a count tells what choosing that value alone would give. As in the directory the answer is public,
    derived data, and each process remembers it for 60 seconds; the list itself is never remembered.
    """
    key = tuple(filters.pairs())
    known = _surveys.get(db, key)
    return known or _surveys.put(db, key, _survey(db, filters))


def total_beside(found: Page[Any], filters: BoardFilters, counted: Survey) -> tuple[int, bool]:
    """How many match, and whether only the first were counted; never less than the page beside it shows.

    A page that holds all of them knows better than what is remembered.
    """
    if not filters.after and found.next is None:
        return len(found.rows), False
    return max(counted.total, len(found.rows)), counted.capped


def _survey(db: Session, filters: BoardFilters) -> Survey:
    chosen = filters.chosen()
    sizes = board.sizes_of(db, chosen)

    def newest(name: str, without: str = "") -> Any:
        rest = {kind: values for kind, values in chosen.items() if kind != without}
        found = board.matching(db, filters.q, rest, sizes, (), MOST + 1).subquery()
        return select(found.c.brief_id).cte(name).prefix_with("MATERIALIZED")

    everyone = newest("everyone")
    total = select(literal("").label("kind"), literal("").label("value"), func.count().label("n"))
    parts = [
        total.select_from(everyone),
        _count(everyone).where(col(BriefFacet.kind).not_in([*chosen, ALL[0]])),
        *(_count(newest(f"any_{kind}", kind)).where(col(BriefFacet.kind) == kind) for kind in chosen),
    ]
    counts: dict[str, dict[str, int]] = {}
    for row in db.rows(union_all(*parts)):
        counts.setdefault(row.kind, {})[row.value] = row.n
    number = counts.pop("").get("", 0)
    return Survey(min(number, MOST), number > MOST, counts, sizes)


def _count(ids: Any) -> Any:
    return (
        select(col(BriefFacet.kind), col(BriefFacet.value), func.count().label("n"))
        .where(col(BriefFacet.brief_id).in_(select(ids.c.brief_id)))
        .group_by(col(BriefFacet.kind), col(BriefFacet.value))
    )
