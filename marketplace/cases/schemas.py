"""What comes in and goes out about cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from core.fields import (
    Blank,
    CurrencyCode,
    Day,
    Input,
    Line,
    MaybeLine,
    Measure,
    PageSize,
    Prose,
    Query,
    Read,
    Remark,
    Rows,
    SlugText,
)
from core.paging import PAGE_SIZE
from marketplace.cases.models import CaseStatus, KpiSource
from marketplace.taxonomy.catalogue import load


def _kpi(code: str) -> str:
    if code not in load().kpis:
        raise PydanticCustomError("kpi", "Choose what was measured from the list.")
    return code


def _platform(code: str) -> str:
    if code and code not in load().platforms:
        raise PydanticCustomError("platform", "Choose a platform from the list.")
    return code


def _platforms(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(_platform(code) for code in codes))


def _responsibilities(codes: list[str]) -> list[str]:
    if not set(codes) <= set(load().responsibilities):
        raise PydanticCustomError("responsibility", "Choose responsibilities from the list.")
    return list(dict.fromkeys(codes))


def _niche(code: str) -> str:
    if code and code not in load().niches:
        raise PydanticCustomError("niche", "Choose a field from the list.")
    return code


MOST_KPIS = 12
Name = Annotated[MaybeLine, Field(max_length=120)]


class CaseKpiInput(Input):
    """A number before and after. Money in the main unit of ``currency``, percent as 4.2 for 4.2 %."""

    kpi: Annotated[str, AfterValidator(_kpi)]
    label: Name = ""
    platform: Annotated[str, AfterValidator(_platform)] = ""
    before: Measure
    after: Measure
    currency: Annotated[CurrencyCode | None, Blank] = Field(default=None, validate_default=True)
    source: KpiSource = KpiSource.MANUAL
    source_note: MaybeLine = ""

    @field_validator("currency")
    @classmethod
    def money_needs_a_currency(cls, currency: str | None, info: ValidationInfo) -> str | None:
        kpi = load().kpis.get(info.data.get("kpi", ""))
        if kpi is not None and kpi.unit == "money" and currency is None:
            raise PydanticCustomError("currency", "Say in which currency.")
        return currency if kpi is not None and kpi.unit == "money" else None


_TYPED = ("before", "after", "label", "source_note")


class CaseInput(Input):
    title: Line
    client_name: Name = ""
    is_nda: bool = False
    niche: Annotated[str, AfterValidator(_niche)] = ""
    platforms: Annotated[list[str], Field(max_length=20), AfterValidator(_platforms)] = []
    responsibilities: Annotated[list[str], Field(max_length=60), AfterValidator(_responsibilities)] = []
    goal: Remark = ""
    story: Prose = ""
    period_from: Annotated[Day | None, Blank] = None
    period_to: Annotated[Day | None, Blank] = None
    kpis: Annotated[list[CaseKpiInput], Field(max_length=MOST_KPIS), Rows(_TYPED)] = []


class CaseQuery(Input):
    """What the list of cases is asked."""

    q: Query = ""
    niche: Annotated[str, AfterValidator(_niche)] = ""
    after: Annotated[str | None, StringConstraints(max_length=400), Blank] = None


class CaseFilters(CaseQuery):
    """The same over JSON; ``specialist``: the address of a profile."""

    specialist: Annotated[SlugText | None, Blank] = None
    limit: PageSize = PAGE_SIZE


class CaseKpiRead(Read):
    """A number; under NDA others get its ``change`` in percent alone, which is ``null`` where it was zero before."""

    kpi: str
    label: str
    platform: str
    before: float | None
    after: float | None
    change: int | None
    currency: str
    source: KpiSource
    source_note: str


class CaseImageRead(Read):
    """The picture itself is at ``/api/v1/files/{upload_id}``."""

    id: UUID
    upload_id: UUID
    caption: str
    width: int | None
    height: int | None


class CaseRead(Read):
    id: UUID
    slug: str
    status: CaseStatus
    title: str
    client_name: str
    is_nda: bool
    niche: str
    platforms: list[str]
    responsibilities: list[str]
    goal: str
    story: str
    story_html: str
    period_from: date | None
    period_to: date | None
    published_at: datetime | None
    kpis: list[CaseKpiRead]
    images: list[CaseImageRead]


class OwnCase(CaseRead):
    """A case as its workspace sees it; ``missing`` names what publishing still needs."""

    missing: list[str]


class PublicCase(CaseRead):
    specialist: str
    specialist_slug: str


class OwnCaseRow(Read):
    id: UUID
    slug: str
    title: str
    status: CaseStatus
    updated_at: datetime


class OwnCases(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[OwnCaseRow]
    next: str | None


class CaseCard(Read):
    """A case in a list; ``client_name`` is empty under NDA."""

    id: UUID
    slug: str
    title: str
    client_name: str
    is_nda: bool
    niche: str
    platforms: list[str]
    published_at: datetime
    specialist: str
    specialist_slug: str


class CasePage(Read):
    rows: list[CaseCard]
    next: str | None


def facts_of(case: Any, kpis: Sequence[Any], images: Sequence[Any], *, public: bool) -> dict[str, Any]:
    """What JSON says of a case; to others (``public``) neither the client's name nor a value under NDA."""
    hidden = public and case.is_nda
    facts = {**case.model_dump(), "kpis": [_number(kpi, hidden=hidden) for kpi in kpis], "images": list(images)}
    return facts | ({"client_name": ""} if hidden else {})


def _number(kpi: Any, *, hidden: bool) -> dict[str, Any]:
    plain = {name: getattr(kpi, name) for name in ("kpi", "label", "platform", "source", "source_note")}
    change = None if kpi.before == 0 else round((kpi.after - kpi.before) * 100 / abs(kpi.before))
    if hidden:
        return {**plain, "before": None, "after": None, "change": change, "currency": ""}
    values = {"before": kpi.before / 1000, "after": kpi.after / 1000, "currency": kpi.currency}
    return {**plain, **values, "change": change}
