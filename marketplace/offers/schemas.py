"""What comes in about offers. Form and JSON are read by the same models."""

from __future__ import annotations

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from core.fields import (
    Amount,
    Blank,
    Code,
    CurrencyCode,
    Day,
    Input,
    MaybeLine,
    Price,
    Quantity,
    Remark,
    ShortLine,
    SlugText,
    SmallCount,
)
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing, Coverage, DeclineReason
from marketplace.taxonomy.catalogue import load

MOST_LINES = 80
MOST_MILESTONES = 24


def _responsibility(code: str | None) -> str | None:
    if code is not None and code not in load().responsibilities:
        raise PydanticCustomError("responsibility", "Choose a responsibility from the list.")
    return code


def _platform(code: str | None) -> str | None:
    if code is not None and code not in load().platforms:
        raise PydanticCustomError("platform", "Choose a platform from the list.")
    return code


class OfferLineInput(Input):
    """One row. With ``brief_line_id`` it answers that line, which then says what, where, by whom and how often.

    ``price`` and ``overage_price`` (for one unit beyond the limit) in minor units, only for what the specialist does.
    No ``limit`` means without limit.
    """

    brief_line_id: Annotated[UUID | None, Blank] = None
    coverage: Coverage = Coverage.COVERED
    responsibility: Annotated[Code | None, Blank, AfterValidator(_responsibility)] = None
    platform: Annotated[Code | None, Blank, AfterValidator(_platform)] = None
    limit: Annotated[Quantity | None, Blank] = None
    period: LinePeriod = LinePeriod.MONTH
    owner: LineOwner = LineOwner.SPECIALIST
    price: Annotated[Amount | None, Blank] = None
    overage_price: Annotated[Amount | None, Blank] = None
    sla_minutes: Annotated[Quantity | None, Blank] = None
    revision_rounds: SmallCount = 2
    note: MaybeLine = ""


class MilestoneInput(Input):
    title: ShortLine
    amount: Price
    due_on: Day


class Terms(Input):
    """What one side puts on the table. ``valid_until`` is the last day (UTC) on which it can be accepted.

    ``total``: minor units a month, or of all milestones; with priced lines or milestones it may be left out and is
    their sum.
    """

    currency: CurrencyCode
    lines: Annotated[list[OfferLineInput], Field(max_length=MOST_LINES, default_factory=list)]
    total: Annotated[Amount | None, Blank] = None
    billing: Billing = Billing.RETAINER
    milestones: Annotated[list[MilestoneInput], Field(max_length=MOST_MILESTONES, default_factory=list)]
    starts_on: Day
    term_months: Annotated[SmallCount, Field(ge=1, le=60)] = 3
    valid_until: Day
    message: Remark = ""


class ProposalInput(Terms):
    """A specialist's answer to a brief. ``send`` false keeps it as a draft."""

    send: bool = True


class HireInput(Terms):
    """A business's fixed terms: ``to`` names one specialist's profile, ``on_board`` asks every qualified one."""

    title: ShortLine
    to: Annotated[SlugText | None, Blank] = None
    on_board: bool = False
    send: bool = True


class AnswerInput(Terms):
    """A counter-offer or a revision; ``number`` is the version it answers."""

    number: Quantity


class _Rows(Terms):
    """What a form adds: last rows nobody filled in are left out; ``action`` is the button that was pressed."""

    action: str = Field(default="send", max_length=20)

    @field_validator("lines", mode="before")
    @classmethod
    def drop_blank_lines(cls, rows: Any) -> Any:
        return _filled(rows, "responsibility", "brief_line_id")

    @field_validator("milestones", mode="before")
    @classmethod
    def drop_blank_milestones(cls, rows: Any) -> Any:
        return _filled(rows, "title", "due_on", "amount")


def _filled(rows: Any, *names: str) -> Any:
    kept = list(rows) if isinstance(rows, list) else []
    while kept and isinstance(kept[-1], dict) and not any(kept[-1].get(name) for name in names):
        kept.pop()
    return kept


class ProposalForm(_Rows, ProposalInput):
    @model_validator(mode="after")
    def read_button(self) -> Self:
        self.send = self.action == "send"
        return self


class HireForm(_Rows, HireInput):
    @model_validator(mode="after")
    def read_button(self) -> Self:
        self.send = self.action == "send"
        return self


class AnswerForm(_Rows, AnswerInput):
    pass


class VersionNumber(Input):
    """Which version is meant: the one that was read."""

    number: Quantity


class DeclineInput(Input):
    reason: DeclineReason
    note: Remark = ""
