"""Stages, companies and deals: 120 deals a pipeline, so that more deals mean more pipelines, not longer ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection

from bench.bulk import Kind, id_of, put
from bench.people import workspace_id
from bench.vocabulary import vocabulary
from core.search import normal
from crm.companies.models import Company
from crm.deals.models import OPEN_KINDS, Deal, LostReason, Stage, StageKind
from crm.deals.stages import LIKELY
from crm.deals.words import STAGE_NAMES

DEALS = 120
"""In each full pipeline."""
COMPANIES = 30
PIPELINES = 1_000
"""So many specialists have stages; the others have not looked at their pipeline yet."""
_KINDS = list(STAGE_NAMES)
_SPREAD = [*OPEN_KINDS, *OPEN_KINDS, StageKind.WON, StageKind.LOST, StageKind.ON_HOLD]


def pipelines(size: int) -> int:
    """How many specialists have stages."""
    return min(size, PIPELINES)


def full_pipelines(size: int) -> int:
    """How many of them have deals."""
    return max(1, size // DEALS)


def seed_pipelines(connection: Connection, size: int, now: datetime) -> None:
    """Nine stages for each pipeline; ``size`` deals, 120 to a pipeline, with 30 companies."""
    put(connection, Stage, (_stage(number, place) for number in range(pipelines(size)) for place in range(len(_KINDS))))
    full = full_pipelines(size)
    put(connection, Company, (_company(number, place, now) for number in range(full) for place in range(COMPANIES)))
    put(connection, Deal, _deals(full, now))


def _stage(number: int, place: int) -> dict[str, Any]:
    kind = _KINDS[place]
    return {
        "id": id_of(Kind.STAGE, number * len(_KINDS) + place),
        "workspace_id": workspace_id(number),
        "kind": kind,
        "name": STAGE_NAMES[kind],
        "position": place + 1,
        "probability": LIKELY.get(kind, 0),
    }


def _company(number: int, place: int, now: datetime) -> dict[str, Any]:
    name = f"Company {number}-{place}"
    return {
        "id": id_of(Kind.COMPANY, number * COMPANIES + place),
        "workspace_id": workspace_id(number),
        "name": name,
        "city": "Riga",
        "search_text": normal(name, "Riga"),
        "created_at": now,
        "updated_at": now,
    }


def _deals(full: int, now: datetime) -> Iterator[dict[str, Any]]:
    random = Random("deals")
    words = vocabulary("en")
    for number in range(full * DEALS):
        owner, place = divmod(number, DEALS)
        kind = _SPREAD[place % len(_SPREAD)]
        entered = now - timedelta(days=random.randrange(30), minutes=place)
        (title, found), amount = words.phrase(random, 4), random.randrange(30_000, 400_000, 1_000)
        yield {
            "id": id_of(Kind.DEAL, number),
            "workspace_id": workspace_id(owner),
            "company_id": id_of(Kind.COMPANY, owner * COMPANIES + place % COMPANIES),
            "stage_id": id_of(Kind.STAGE, owner * len(_KINDS) + _KINDS.index(kind)),
            "stage_kind": kind,
            "rank": -int(entered.timestamp() * 1000),
            "title": title,
            "amount": amount,
            "value": amount,
            "platforms": ["IG", "TG"],
            "source": "referral",
            "next_step": "" if kind is StageKind.WON else "Call them",
            "next_step_on": None if kind is StageKind.WON else (now + timedelta(days=random.randrange(-3, 10))).date(),
            "lost_reason": LostReason.PRICE if kind is StageKind.LOST else None,
            "resume_on": (now + timedelta(days=30)).date() if kind is StageKind.ON_HOLD else None,
            "search_text": found,
            "entered_at": entered,
            "closed_at": entered if kind in (StageKind.WON, StageKind.LOST) else None,
            "created_at": entered,
            "updated_at": entered,
        }
