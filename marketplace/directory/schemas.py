"""What the directory is asked, and what it answers over JSON."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from core.fields import Amount, Blank, Code, CurrencyCode, Input, PageSize, Query, Read
from core.paging import PAGE_SIZE
from marketplace.profiles.schemas import NicheCodes, ResponsibilityCodes, SkillRead, known


class Sort(StrEnum):
    BEST = "best"
    PRICE = "price"
    FREE = "free"


def _once(codes: list[Any]) -> list[Any]:
    return list(dict.fromkeys(codes))


class DirectoryInput(Input):
    """Filters: several values of one kind mean any of them, several kinds mean all.

    The budget is a month's, in minor units of ``currency``, and is held against the lower rate.
    """

    q: Query = ""
    platform: Annotated[list[Annotated[Code, known("platforms")]], Field(max_length=20), AfterValidator(_once)] = Field(
        default=[]
    )
    responsibility: ResponsibilityCodes = Field(default=[])
    niche: NicheCodes = Field(default=[])
    language: Annotated[list[Annotated[str, known("languages")]], Field(max_length=12), AfterValidator(_once)] = Field(
        default=[]
    )
    free: Annotated[Literal["5", "10", "20"] | None, Blank] = None
    """At least so many free hours a week."""
    currency: CurrencyCode = "EUR"
    budget_from: Annotated[Amount | None, Blank] = None
    budget_to: Annotated[Amount | None, Blank] = None
    sort: Sort = Sort.BEST
    after: Annotated[str | None, StringConstraints(max_length=400), Blank] = None

    @field_validator("budget_to")
    @classmethod
    def budget_runs_upwards(cls, high: int | None, info: ValidationInfo) -> int | None:
        low = info.data.get("budget_from")
        if high is not None and low is not None and high < low:
            raise PydanticCustomError("range", "This is below the amount it starts from.")
        return high


class DirectoryQuery(DirectoryInput):
    limit: PageSize = PAGE_SIZE


class SpecialistCard(Read):
    """A specialist in a list. Rates are minor units of ``currency`` a month."""

    id: UUID
    slug: str
    name: str
    headline: str
    city: str
    region: str
    time_zone: str
    photo_id: UUID | None
    platforms: list[SkillRead]
    responsibilities: list[str]
    languages: list[SkillRead]
    currency: str
    rate_min: int | None
    rate_max: int | None
    free_hours: int
    available_from: date | None
    case_count: int


class SpecialistPage(Read):
    """``total`` and ``facets`` count at most 500 matches: with ``capped`` they read "at least so many".

    ``facets.budget`` counts those whose lower rate a month is no more than a few round amounts, in minor units of the
    ``currency`` asked for.
    """

    rows: list[SpecialistCard]
    next: str | None
    total: int
    capped: bool
    facets: dict[str, dict[str, int]]


class SpecialistRead(SpecialistCard):
    about: str
    about_html: str
    niches: list[str]
    skills: list[str]
    hourly_floor: int | None
    weekly_hours: int
    published_at: datetime | None
