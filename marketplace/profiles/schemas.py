"""What comes in and goes out about a specialist's profile."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from core.fields import (
    Amount,
    Blank,
    Code,
    CurrencyCode,
    Day,
    Input,
    MaybeLine,
    Prose,
    Read,
    ShortLine,
    SlugText,
    SmallCount,
)
from marketplace.taxonomy.catalogue import load

ABOUT_LEAST = 80
"""Characters of ``about`` a published profile has at least."""


class PlatformLevel(StrEnum):
    BASIC = "basic"
    CONFIDENT = "confident"
    EXPERT = "expert"


class LanguageLevel(StrEnum):
    BASIC = "basic"
    CONVERSATIONAL = "conversational"
    FLUENT = "fluent"
    NATIVE = "native"


def known(table: str) -> AfterValidator:
    """Put into a field's ``Annotated``: the code must be in that table of the catalogue."""

    def check(code: str) -> str:
        if code not in getattr(load(), table):
            raise PydanticCustomError("unlisted", "Choose one of the list.")
        return code

    return AfterValidator(check)


def _once(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(codes))


def _each_once(rows: list[Any]) -> list[Any]:
    if len({row.code for row in rows}) < len(rows):
        raise PydanticCustomError("twice", "Name each only once.")
    return rows


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Every zone named by place, in order."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(areas)))


def _zone(name: str) -> str:
    if name not in time_zones():
        raise PydanticCustomError("unlisted", "Choose one of the list.")
    return name


def _at_most(most: int) -> tuple[Any, ...]:
    return Field(max_length=most), AfterValidator(_once)


ResponsibilityCodes = Annotated[list[Annotated[Code, known("responsibilities")]], *_at_most(60)]
NicheCodes = Annotated[list[Annotated[Code, known("niches")]], *_at_most(26)]
SkillCodes = Annotated[list[Annotated[Code, known("skills")]], *_at_most(60)]
Hours = Annotated[SmallCount, Field(le=80)]


class PlatformSkill(Input):
    code: Annotated[Code, known("platforms")]
    level: PlatformLevel


class LanguageSkill(Input):
    code: Annotated[str, known("languages")]
    level: LanguageLevel = LanguageLevel.FLUENT


LANGUAGES: tuple[Any, ...] = (Field(max_length=12), AfterValidator(_each_once))
"""How many there are at most, and each once."""


class ProfileInput(Input):
    """The whole profile; what is left out becomes empty. Money is in minor units, rates are for a month or an hour."""

    name: ShortLine
    slug: Annotated[SlugText | None, Blank] = None
    """The address; left out, it stays."""
    headline: MaybeLine = ""
    about: Prose = ""
    """Markdown."""
    region: Annotated[MaybeLine, Field(max_length=80)] = ""
    city: Annotated[MaybeLine, Field(max_length=80)] = ""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    languages: Annotated[list[LanguageSkill], *LANGUAGES] = Field(default_factory=list)
    platforms: Annotated[list[PlatformSkill], Field(max_length=20), AfterValidator(_each_once)] = Field(
        default_factory=list
    )
    responsibilities: ResponsibilityCodes = Field(default_factory=list)
    niches: NicheCodes = Field(default_factory=list)
    skills: SkillCodes = Field(default_factory=list)
    currency: CurrencyCode = "EUR"
    rate_min: Annotated[Amount | None, Blank] = None
    rate_max: Annotated[Amount | None, Blank] = None
    hourly_floor: Annotated[Amount | None, Blank] = None
    weekly_hours: Hours = 0
    available_from: Annotated[Day | None, Blank] = None


class PresetInput(Input):
    archetype: Annotated[Code, known("archetypes")]


class PresetRead(Read):
    code: str
    sentence: str


class SkillRead(Read):
    code: str
    level: str


class ProfileRead(Read):
    """A profile as its owner sees it; ``missing`` names what publishing still needs."""

    id: UUID
    status: str
    slug: str
    name: str
    headline: str
    about: str
    about_html: str
    photo_id: UUID | None
    region: str
    city: str
    time_zone: str
    languages: list[SkillRead]
    platforms: list[SkillRead]
    responsibilities: list[str]
    niches: list[str]
    skills: list[str]
    currency: str
    rate_min: int | None
    rate_max: int | None
    hourly_floor: int | None
    weekly_hours: int
    free_hours: int
    available_from: date | None
    case_count: int
    published_at: datetime | None
    missing: list[str]
