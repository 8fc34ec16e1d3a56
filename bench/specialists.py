"""Published profiles with their facets and search words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, Table
from sqlmodel import SQLModel

from bench.bulk import Kind, id_of, put, put_rows
from bench.people import workspace_id
from bench.vocabulary import CITIES, vocabulary
from core.search import normal
from marketplace.profiles.index import facets_of
from marketplace.profiles.models import Profile, ProfileFacet, ProfileStatus
from marketplace.profiles.ranking import rank
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import language_name, niche_name, platform_name, responsibility_name, skill_name

BATCH = 5_000
CHOICES = 500
LANGUAGES = ("en", "ru", "en", "vi", "ru", "en", "ru", "en", "vi", "en")
"""Languages of ten specialists in a row, and so of all."""
ZONES = {"en": "Europe/London", "ru": "Europe/Riga", "vi": "Asia/Ho_Chi_Minh"}


@lru_cache
def _choices(table: str, number: int) -> list[tuple[list[str], str]]:
    """Sets of ``number`` different codes, the first ones of the catalogue far more often, with their search words."""
    random = Random(f"{table}-{number}")
    codes = list(getattr(load(), table))
    falling = list(accumulate(1 / (place + 1) for place in range(len(codes))))
    made = []
    for _number in range(CHOICES):
        chosen: dict[str, None] = {}
        while len(chosen) < number:
            chosen[random.choices(codes, cum_weights=falling)[0]] = None
        made.append((list(chosen), " ".join(searchable(table, code) for code in chosen)))
    return made


def skewed(random: Random, table: str, least: int, most: int) -> tuple[list[str], str]:
    """Codes of a table of the catalogue, and the search words of their names."""
    return random.choice(_choices(table, random.randint(least, most)))


@lru_cache(maxsize=2_000)
def searchable(table: str, code: str) -> str:
    """The search words of a code's name."""
    names = {
        "platforms": platform_name,
        "responsibilities": responsibility_name,
        "niches": niche_name,
        "skills": skill_name,
        "languages": language_name,
    }
    return normal(names[table](code))


@lru_cache
def _place(city: str, region: str) -> str:
    return normal(city, region)


def address_of(number: int) -> str:
    """The slug of a profile."""
    return f"specialist-{number}"


def seed_specialists(connection: Connection, size: int, now: datetime) -> None:
    """``size`` published profiles, the same for the same ``size``; the first thousand are the same at every size."""
    search: Table = SQLModel.metadata.tables["profile_search"]
    facet: Table = ProfileFacet.__table__  # type: ignore[attr-defined]
    random = Random("specialists")
    for start in range(0, size, BATCH):
        rows: list[dict[str, Any]] = []
        facets: list[tuple[Any, ...]] = []
        texts: list[tuple[Any, ...]] = []
        for number in range(start, min(size, start + BATCH)):
            row, words = _profile(random, number, now)
            profile = cast(Profile, SimpleNamespace(**row))
            row["rank"] = rank(profile, row["published_at"])
            facets += [(row["id"], kind, value, row["rank"]) for kind, value in facets_of(profile)]
            texts.append((number + 1, row["id"], words))
            rows.append(row)
        put(connection, Profile, rows)
        put_rows(connection, facet, ["profile_id", "kind", "value", "rank"], facets)
        put_rows(connection, search, ["n", "subject_id", "text"], texts)


def _profile(random: Random, number: int, now: datetime) -> tuple[dict[str, Any], str]:
    language = LANGUAGES[number % len(LANGUAGES)]
    words = vocabulary(language)
    name, found_name = words.phrase(random, 2)
    headline, found_headline = words.phrase(random, 8)
    about, found_about = words.text(random, random.randint(3, 8))
    city, region = random.choice(CITIES[language])
    platforms, found_platforms = skewed(random, "platforms", 2, 4)
    duties, found_duties = skewed(random, "responsibilities", 5, 9)
    niches, found_niches = skewed(random, "niches", 1, 3)
    skills, found_skills = skewed(random, "skills", 4, 4)
    spoken = list(dict.fromkeys([language, "en"]))
    rate, weekly = random.randrange(20_000, 300_000, 5_000), random.randrange(10, 45, 5)
    found = [found_name, found_headline, found_about, found_platforms, found_duties, found_niches, found_skills]
    found += [_place(city, region), *(searchable("languages", code) for code in spoken)]
    row = {
        "id": id_of(Kind.PROFILE, number),
        "workspace_id": workspace_id(number),
        "slug": address_of(number),
        "status": ProfileStatus.PUBLISHED,
        "name": name.title(),
        "headline": headline,
        "photo_id": None,
        "city": city,
        "region": region,
        "time_zone": ZONES[language],
        "languages": [{"code": code, "level": "fluent"} for code in spoken],
        "platforms": [{"code": code, "level": "confident"} for code in platforms],
        "responsibilities": sorted(duties),
        "niches": niches,
        "skills": skills,
        "rate_min": rate,
        "rate_max": rate * 2,
        "rate_eur": rate,
        "hourly_floor": rate // 40,
        "weekly_hours": weekly,
        "free_hours": random.randrange(0, weekly + 1, 5),
        "available_from": None,
        "case_count": 0,
        "rank": 0,
        "about": about,
        "about_html": f"<p>{about}</p>",
        "published_at": now - timedelta(days=random.randrange(1, 700)),
        "created_at": now,
        "updated_at": now,
    }
    return row, " ".join(found)


def questions() -> Iterator[str]:
    """A word of each language that a twentieth of the profiles has, or more."""
    for language, place in (("en", 60), ("ru", 60), ("vi", 25)):
        yield vocabulary(language).words[place]
