"""Open briefs with their lines, facets and search words."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlmodel import SQLModel

from bench.bulk import Kind, id_of, put, put_rows
from bench.people import BUSINESSES, businesses, user_id, workspace_id
from bench.specialists import BATCH, LANGUAGES, skewed
from bench.vocabulary import vocabulary
from marketplace.briefs.index import facets_of, rank_of
from marketplace.briefs.models import Brief, BriefFacet, BriefLine, BriefStatus
from marketplace.taxonomy.catalogue import load

LINES = 5


def seed_briefs(connection: Connection, size: int, now: datetime) -> None:
    """``size`` briefs on the board, five to a business."""
    search: Table = SQLModel.metadata.tables["brief_search"]
    facet: Table = BriefFacet.__table__  # type: ignore[attr-defined]
    random = Random("briefs")
    for start in range(0, size, BATCH):
        rows: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        facets: list[tuple[Any, ...]] = []
        texts: list[tuple[Any, ...]] = []
        for number in range(start, min(size, start + BATCH)):
            row, words = _brief(random, number, size, now)
            duties, found_duties = skewed(random, "responsibilities", LINES, LINES)
            brief = cast(Brief, SimpleNamespace(**row))
            rows.append(row)
            facets += [(row["id"], kind, value, rank_of(brief)) for kind, value in facets_of(brief, set(duties))]
            lines += [_line(row, number, place, code) for place, code in enumerate(duties)]
            texts.append((number + 1, row["id"], f"{words} {found_duties}"))
        put(connection, Brief, rows)
        put(connection, BriefLine, lines)
        put_rows(connection, facet, ["brief_id", "kind", "value", "rank"], facets)
        put_rows(connection, search, ["n", "subject_id", "text"], texts)


def _brief(random: Random, number: int, size: int, now: datetime) -> tuple[dict[str, Any], str]:
    words = vocabulary(LANGUAGES[number % len(LANGUAGES)])
    title, found_title = words.phrase(random, 6)
    summary, found_summary = words.text(random, 3)
    goal, found_goal = words.text(random, 1)
    platforms, found_platforms = skewed(random, "platforms", 1, 3)
    (niche,), found_niche = skewed(random, "niches", 1, 1)
    budget, owner = random.randrange(30_000, 600_000, 10_000), BUSINESSES + number % businesses(size)
    opened = now - timedelta(days=20) + timedelta(seconds=number)
    row = {
        "id": id_of(Kind.BRIEF, number),
        "workspace_id": workspace_id(owner),
        "created_by": user_id(owner),
        "status": BriefStatus.OPEN,
        "title": title,
        "summary": summary,
        "goal": goal,
        "niche": niche,
        "platforms": platforms,
        "languages": [words.language],
        "currency": "EUR",
        "budget_min": budget // 2,
        "budget_max": budget,
        "budget_eur": budget,
        "starts_on": (now + timedelta(days=20)).date(),
        "term_months": 6,
        "decision_on": (now + timedelta(days=10)).date(),
        "scope_minutes": random.randrange(600, 6_000, 60),
        "opened_at": opened,
        "last_action_at": opened,
        "created_at": opened,
        "updated_at": opened,
    }
    return row, " ".join([found_title, found_summary, found_goal, found_platforms, found_niche])


def _line(brief: dict[str, Any], number: int, place: int, code: str) -> dict[str, Any]:
    return {
        "id": id_of(Kind.BRIEF_LINE, number * LINES + place),
        "brief_id": brief["id"],
        "position": place,
        "responsibility": code,
        "platform": brief["platforms"][0],
        "unit": load().responsibilities[code].unit,
        "limit": 4 + place,
    }
