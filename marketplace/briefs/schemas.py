"""What comes in about briefs. One set of fields serves the guided form, step by step, and JSON, whole."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from core.fields import (
    Amount,
    Blank,
    CurrencyCode,
    Day,
    Input,
    MaybeLine,
    Measure,
    PageSize,
    Quantity,
    Query,
    Remark,
    SlugText,
    Whole,
)
from core.paging import PAGE_SIZE
from marketplace.briefs.models import CancelReason, LineOwner, LinePeriod, ReturnReason, Visibility
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.entries import Question

MOST_LINES = 60


class Step(StrEnum):
    """The steps of the guided brief; after them comes the review."""

    BUSINESS = "business"
    SCOPE = "scope"
    MONEY = "money"
    WORK = "work"


SECTIONS: dict[Step, tuple[str, ...]] = {
    Step.BUSINESS: ("business", "audience", "now"),
    Step.SCOPE: ("content", "engagement"),
    Step.MONEY: ("goal", "growth", "conversion"),
    Step.WORK: ("work", "risk"),
}
"""Sections of the questionnaire each step asks."""
OWN_CONTROL = {"reporting"}
"""Questions a column answers although the questionnaire names none."""


def _known(table: str) -> Callable[[str], str]:
    """A check that a code is one of a list of the catalogue; empty means not said."""

    def check(code: str) -> str:
        if code and code not in getattr(load(), table):
            raise PydanticCustomError("code", "Choose one of the list.")
        return code

    return check


def _one_of(codes: frozenset[str]) -> Callable[[str], str]:
    def check(code: str) -> str:
        if code and code not in codes:
            raise PydanticCustomError("code", "Choose one of the list.")
        return code

    return check


def _once(codes: list[str]) -> list[str]:
    return list(dict.fromkeys(code for code in codes if code))


Niche = Annotated[str, AfterValidator(_known("niches"))]
Kpi = Annotated[str, AfterValidator(_known("kpis"))]
Platform = Annotated[str, AfterValidator(_known("platforms"))]
Platforms = Annotated[list[Platform], Field(max_length=20), AfterValidator(_once)]
Language = Annotated[str, AfterValidator(_known("languages"))]
Languages = Annotated[list[Language], Field(max_length=30), AfterValidator(_once)]
Duty = Annotated[str, AfterValidator(_known("responsibilities"))]
Responsibility = Annotated[Duty, Field(min_length=1)]


class BriefLineInput(Input):
    """One thing asked for. ``limit`` counts units of the responsibility per ``period``; ``sla_minutes`` to reply."""

    responsibility: Responsibility
    platform: Platform = ""
    limit: Annotated[Quantity | None, Blank] = None
    period: LinePeriod = LinePeriod.MONTH
    owner: LineOwner = LineOwner.SPECIALIST
    sla_minutes: Annotated[Annotated[Whole, Field(ge=1, le=43_200)] | None, Blank] = None
    note: MaybeLine = ""


Lines = Annotated[list[BriefLineInput], Field(max_length=MOST_LINES)]


class BusinessFields(Input):
    title: MaybeLine = ""
    summary: Remark = ""
    niche: Niche = ""


class ScopeFields(Input):
    platforms: Platforms = Field(default_factory=list)
    lines: Lines = Field(default_factory=list)


class MoneyFields(Input):
    """Budget in minor units a month; KPI values are plain numbers with at most three decimals."""

    goal: Remark = ""
    kpi: Kpi = ""
    kpi_baseline: Annotated[Measure | None, Blank] = None
    kpi_target: Annotated[Measure | None, Blank] = None
    kpi_by: Annotated[Day | None, Blank] = None
    currency: CurrencyCode = "EUR"
    budget_min: Annotated[Amount | None, Blank] = None
    budget_max: Annotated[Amount | None, Blank] = None


class WorkFields(Input):
    starts_on: Annotated[Day | None, Blank] = None
    term_months: Annotated[Annotated[Whole, Field(ge=1, le=60)] | None, Blank] = None
    decision_on: Annotated[Day | None, Blank] = None
    approver_name: Annotated[MaybeLine, Field(max_length=120)] = ""
    approval_hours: Annotated[Annotated[Whole, Field(ge=1, le=720)] | None, Blank] = None
    report_every: Literal["week", "month", "quarter"] = "month"
    languages: Languages = Field(default_factory=list)
    visibility: Visibility = Visibility.PUBLIC


def _answer(question: Question) -> tuple[Any, Any]:
    """Type and default of a question's answer."""
    codes = frozenset(option.code for option in question.options)
    match question.kind:
        case "text":
            return Remark, ""
        case "number":
            return Annotated[Annotated[Measure, Field(ge=0)] | None, Blank], None
        case "choice":
            return Annotated[str, AfterValidator(_one_of(codes))], ""
        case "multi":
            item = Annotated[str, AfterValidator(_one_of(codes))]
            return Annotated[list[item], Field(max_length=30), AfterValidator(_once)], []


def questions(step: Step) -> list[Question]:
    """The questions of a step that have no column of their own, in order."""
    found = (question for section in SECTIONS[step] for question in load().questions_of(section))
    return [question for question in found if question.field is None and question.code not in OWN_CONTROL]


class Onward(Input):
    """Which button sent the step."""

    then: Literal["", "next", "leave", "add"] = ""


class BusinessForm(BusinessFields, Onward): ...


class ScopeForm(ScopeFields, Onward):
    """With ``then`` = ``add`` the ticked responsibilities join the lines; ``remove`` is the number of a line."""

    add: Annotated[list[Responsibility], Field(max_length=MOST_LINES), AfterValidator(_once)] = Field(
        default_factory=list
    )
    preset: Annotated[str, AfterValidator(_known("presets"))] = ""
    remove: Annotated[Annotated[Whole, Field(ge=0, lt=100)] | None, Blank] = None

    @property
    def rearranges(self) -> bool:
        """Whether lines come or go before anything is stored."""
        return self.then == "add" or bool(self.preset) or self.remove is not None


class MoneyForm(MoneyFields, Onward): ...


class WorkForm(WorkFields, Onward): ...


def _with_answers(name: str, base: type[Input], *steps: Step) -> type[Input]:
    fields: Any = {question.code: _answer(question) for step in steps for question in questions(step)}
    made: type[Input] = create_model(name, __base__=base, **fields)
    return made


STEPS: dict[Step, type[Input]] = {
    Step.BUSINESS: _with_answers("BusinessStep", BusinessForm, Step.BUSINESS),
    Step.SCOPE: _with_answers("ScopeStep", ScopeForm, Step.SCOPE),
    Step.MONEY: _with_answers("MoneyStep", MoneyForm, Step.MONEY),
    Step.WORK: _with_answers("WorkStep", WorkForm, Step.WORK),
}
"""What each step of the guided form takes: its columns and its questions, flat."""

QUESTIONS = frozenset(question.code for step in Step for question in questions(step))
MEASURES = {"kpi_baseline", "kpi_target"} | {q.code for step in Step for q in questions(step) if q.kind == "number"}
"""Fields stored in thousandths."""
AnswersInput = _with_answers("AnswersInput", Input, *Step)


class BriefInput(BusinessFields, ScopeFields, MoneyFields, WorkFields):
    """A brief, whole or in part: what is left out stays as it is."""

    answers: AnswersInput | None = None  # type: ignore[valid-type]


class StartInput(Input):
    """A new brief: its title and, if wanted, a ready scope to start from."""

    title: MaybeLine = ""
    preset: Annotated[str, AfterValidator(_known("presets"))] = ""


def _slug(value: Any) -> Any:
    """The last part of a profile's address, whichever of both was given."""
    return value.strip().rstrip("/").rsplit("/", 1)[-1] if isinstance(value, str) else value


class BriefInvitationInput(Input):
    profile: Annotated[SlugText, BeforeValidator(_slug)]


class CancellationInput(Input):
    """A draft may go without a reason."""

    reason: CancelReason | None = None
    note: Remark = ""


class ReturnInput(Input):
    reason: ReturnReason
    note: Remark = ""


class ReopeningInput(Input):
    """After closing, a new decision date if the old one is past; after expiry everything is confirmed once more.

    ``starts_on`` counts after expiry only: another start, needed if the old one is past.
    """

    decision_on: Annotated[Day | None, Blank] = None
    starts_on: Annotated[Day | None, Blank] = None
    confirmed: bool = False


class EntryInput(Input):
    """The secret part of a brief's private link."""

    key: Annotated[str, Field(min_length=1, max_length=100)]


class BoardFilters(Input):
    """Filters of the board. Values of one filter are alternatives; ``budget``: euros a month at least."""

    model_config = ConfigDict(extra="ignore")

    q: Query = ""
    platform: Platforms = Field(default_factory=list)
    responsibility: Annotated[list[Duty], Field(max_length=20), AfterValidator(_once)] = Field(default_factory=list)
    niche: Annotated[list[Niche], Field(max_length=30), AfterValidator(_once)] = Field(default_factory=list)
    language: Languages = Field(default_factory=list)
    budget: Literal["", "300", "500", "1000", "2000", "5000"] = ""
    after: Annotated[str, Field(max_length=200)] = ""
    limit: PageSize = PAGE_SIZE

    def chosen(self) -> dict[str, list[str]]:
        """The values asked for, by kind of facet; kinds without one are left out."""
        kinds: dict[str, list[str]] = {
            "responsibility": self.responsibility,
            "niche": self.niche,
            "platform": self.platform,
            "language": self.language,
            "budget": [self.budget] if self.budget else [],
        }
        return {kind: values for kind, values in kinds.items() if values}

    def pairs(self) -> list[tuple[str, str]]:
        """The filters as pairs of an address, without the page."""
        search = [("q", self.q)] if self.q else []
        return search + [(kind, value) for kind, values in self.chosen().items() for value in values]


class BoardQuery(BoardFilters):
    """The same over JSON, where a filter nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid")
