"""What comes in and goes out about cases."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.fields import Blank, Code, CurrencyCode, Day, Input, Line, MaybeLine, Measure, Prose, Read, Remark
from marketplace.cases.models import CaseStatus, KpiSource
from marketplace.taxonomy.catalogue import load


def _kpi(code: str) -> str:
    if code not in load().kpis:
        raise PydanticCustomError("kpi", "Choose a number from the list.")
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


def _filled_rows(rows: Any) -> Any:
    """A form always offers an empty row; one where neither number was typed is not sent."""
    if not isinstance(rows, list):
        return rows
    return [row for row in rows if not (isinstance(row, dict) and row.get("before") == "" == row.get("after"))]


Name = Annotated[MaybeLine, Field(max_length=120)]


class CaseKpiInput(Input):
    """A number before and after. Money in the main unit of ``currency``, percent as 4.2 for 4.2 %."""

    kpi: Annotated[Code, AfterValidator(_kpi)]
    label: Name = ""
    platform: Annotated[str, AfterValidator(_platform)] = ""
    before: Measure
    after: Measure
    currency: Annotated[CurrencyCode | None, Blank] = None
    source: KpiSource = KpiSource.MANUAL
    source_note: MaybeLine = ""


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
    kpis: Annotated[list[CaseKpiInput], Field(max_length=12), BeforeValidator(_filled_rows)] = []


class CaseKpiRead(Read):
    kpi: str
    label: str
    platform: str
    before: float
    after: float
    currency: str
    source: KpiSource
    source_note: str


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
    period_from: date | None
    period_to: date | None
    kpis: list[CaseKpiRead]


class CaseCard(Read):
    """A case in a list; ``client_name`` is empty under NDA."""

    id: UUID
    slug: str
    title: str
    client_name: str
    niche: str
    platforms: list[str]
    specialist: str
    specialist_slug: str


class CasePage(Read):
    rows: list[CaseCard]
    next: str | None


def read(case: Any, kpis: list[Any], *, public: bool) -> CaseRead:
    """A case for JSON; the client's name is left out for others when it is under NDA."""
    shown = CaseRead.model_validate({**case.model_dump(), "kpis": [_number(kpi) for kpi in kpis]})
    if public and case.is_nda:
        shown.client_name = ""
    return shown


def _number(kpi: Any) -> dict[str, Any]:
    plain = {name: getattr(kpi, name) for name in CaseKpiRead.model_fields}
    return {**plain, "before": kpi.before / 1000, "after": kpi.after / 1000}
