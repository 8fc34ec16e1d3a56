"""Many published profiles at once, past the services but with what they would have derived."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from accounts.workspaces.models import Workspace, WorkspaceKind
from core.db import Session
from core.search import _tables, normal
from marketplace.profiles.index import facets_of
from marketplace.profiles.models import Profile, ProfileFacet, ProfileStatus
from marketplace.profiles.ranking import rank
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.rates import euro_cents

CITIES = ["Riga", "Казань", "Đà Nẵng", "Lisbon", "Tbilisi", "Hà Nội", "Алматы", "London"]
WORDS = ["cafés", "клиники", "quảng cáo", "reels", "таргет", "nội dung", "bakeries", "школы", "surf", "вовлечённость"]


def put_crowd(db: Session, number: int, *, seed: int = 1) -> None:
    """``number`` specialists, some values common and some rare, in 2,000s."""
    chance = random.Random(seed)
    for start in range(0, number, 2000):
        _put(db, range(start, min(start + 2000, number)), chance, seed)


def _put(db: Session, numbers: range, chance: random.Random, seed: int) -> None:
    workspaces, profiles, facets, searches = [], [], [], []
    for n in numbers:
        profile = _profile(db, n, chance, seed)
        workspaces.append(
            {
                "id": profile.workspace_id,
                "kind": WorkspaceKind.SPECIALIST,
                "name": profile.name,
                **dict.fromkeys(("legal_name", "legal_address", "country", "city", "website"), ""),
                "time_zone": "UTC",
                "currency": "EUR",
                "created_at": db.now(),
            }
        )
        profiles.append(profile.model_dump())
        facets += [
            {"profile_id": profile.id, "kind": kind, "value": value, "rank": profile.rank}
            for kind, value in facets_of(profile)
        ]
        searches.append({"subject_id": profile.id, "text": normal(profile.name, profile.headline, profile.city)})
    db.execute(insert(Workspace), workspaces)
    db.execute(insert(Profile), profiles)
    db.execute(insert(ProfileFacet), facets)
    db.execute(insert(_tables["profile"]), searches)


def _some(chance: random.Random, codes: list[str], most: int) -> list[str]:
    """Up to ``most`` codes, the first ones far more often."""
    return list(dict.fromkeys(codes[int(len(codes) * chance.random() ** 3)] for _ in range(chance.randint(1, most))))


def _profile(db: Session, n: int, chance: random.Random, seed: int) -> Profile:
    catalogue = load()
    currency = chance.choice(["EUR", "USD", "RUB", "VND"])
    low = chance.randint(10, 300) * {"EUR": 1_000, "USD": 1_100, "RUB": 90_000, "VND": 300_000}[currency]
    hours = chance.choice([0, 4, 8, 12, 20, 40])
    values: dict[str, Any] = {
        "id": UUID(int=(0x0190_0000_0000_7000_A000_0000_0000_0000 + seed * 10**9 + n)),
        "workspace_id": UUID(int=(0x0190_0000_0000_7000_B000_0000_0000_0000 + seed * 10**9 + n)),
        "slug": f"crowd-{seed}-{n}",
        "status": ProfileStatus.PUBLISHED,
        "name": f"Specialist {n}",
        "headline": " ".join(chance.sample(WORDS, 3)),
        "about": "x" * 90,
        "about_html": f"<p>{'x' * 90}</p>",
        "city": chance.choice(CITIES),
        "platforms": [{"code": c, "level": "expert"} for c in _some(chance, list(catalogue.platforms), 4)],
        "languages": [{"code": c, "level": "fluent"} for c in _some(chance, list(catalogue.languages), 3)],
        "responsibilities": _some(chance, list(catalogue.responsibilities), 12),
        "niches": _some(chance, list(catalogue.niches), 3),
        "skills": ["canva"],
        "currency": currency,
        "rate_min": low,
        "rate_max": low * 2,
        "rate_eur": euro_cents(low, currency),
        "weekly_hours": hours,
        "free_hours": hours,
        "case_count": chance.choice([0, 0, 0, 1, 2, 5]),
        "published_at": db.now(),
        "created_at": db.now(),
        "updated_at": db.now(),
    }
    profile = Profile(**values)
    profile.rank = rank(profile, db.now()) + chance.randint(0, 400)
    return profile
