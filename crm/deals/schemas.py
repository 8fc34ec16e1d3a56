"""What comes in and goes out about deals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from core.fields import (
    Amount,
    Blank,
    Code,
    CurrencyCode,
    Day,
    Input,
    Line,
    MaybeLine,
    Read,
    Remark,
    ShortLine,
    Whole,
)
from crm.deals.models import MOST_STAGES, LostReason, StageKind
from marketplace.taxonomy.catalogue import load

OpenKind = Literal["lead", "contacted", "qualified", "proposal", "negotiation", "won_pending"]


def _platforms(codes: list[str]) -> list[str]:
    if any(code not in load().platforms for code in codes):
        raise PydanticCustomError("platform", "Choose platforms from the list.")
    return list(dict.fromkeys(codes))


def _source(code: str) -> str:
    if code and code not in load().deal_sources:
        raise PydanticCustomError("source", "Choose a source from the list.")
    return code


Platforms = Annotated[list[Code], Field(max_length=20), AfterValidator(_platforms)]
Source = Annotated[str, Field(max_length=40), AfterValidator(_source)]
Name = Annotated[MaybeLine, Field(max_length=80)]
Version = Annotated[Whole, Field(ge=1)]


class DealFacts(Input):
    """``amount`` in minor units of ``currency``, a month when ``monthly``, else in all."""

    title: MaybeLine = ""
    amount: Annotated[Amount | None, Blank] = None
    currency: CurrencyCode = "EUR"
    monthly: bool = True
    platforms: Platforms = []
    source: Source = ""
    next_step: MaybeLine = ""
    next_step_on: Annotated[Day | None, Blank] = None


class DealInput(DealFacts):
    """Either ``company_id`` or the name of a company, found or made; ``contact`` likewise."""

    company_id: Annotated[UUID | None, Blank] = None
    company: Name = ""
    contact: Name = ""


class DealEdit(DealFacts):
    """``version`` as last read: an edit made on an old page is refused."""

    version: Version
    contact_id: Annotated[UUID | None, Blank] = None


class MoveInput(Input):
    """A move to ``stage_id``; the other fields as the stage asks for them.

    ``version`` as last read. Lost wants ``reason``, On hold ``resume_on``, Won a ``note`` about the contract made
    elsewhere, an open stage a next step with a date: the stored ones, or those sent along. Lost takes a ``note`` too,
    On hold a next step.
    """

    stage_id: UUID
    version: Version
    next_step: MaybeLine = ""
    next_step_on: Annotated[Day | None, Blank] = None
    reason: Annotated[LostReason | None, Blank] = None
    resume_on: Annotated[Day | None, Blank] = None
    note: Remark = ""


class NextStepInput(Input):
    next_step: Line
    next_step_on: Day


class NoteInput(Input):
    text: Annotated[Remark, Field(min_length=1)]


class StageInput(Input):
    """``position`` among the open stages, small first; ``probability`` in percent. Both only count for open ones."""

    id: UUID
    name: Annotated[ShortLine, Field(max_length=60)]
    position: Annotated[Whole, Field(ge=1, le=MOST_STAGES)] = 1
    probability: Annotated[Whole, Field(ge=0, le=100)] = 0


class StagesInput(Input):
    stages: Annotated[list[StageInput], Field(min_length=1, max_length=MOST_STAGES)]


class NewStageInput(Input):
    """``kind``: what the stage means to offers and contracts."""

    name: Annotated[ShortLine, Field(max_length=60)]
    kind: OpenKind
    probability: Annotated[Whole, Field(ge=0, le=100)]


class SumRead(Read):
    """``amount`` in minor units of ``currency``, of ``count`` deals; those without an amount count too."""

    currency: str
    monthly: bool
    amount: int
    count: int


class StageRead(Read):
    id: UUID
    kind: StageKind
    name: str
    position: int
    probability: int
    count: int
    sums: list[SumRead]


class DealRead(Read):
    id: UUID
    version: int
    stage_id: UUID
    stage_kind: StageKind
    company_id: UUID
    company_name: str
    contact_id: UUID | None
    contact_name: str | None
    title: str
    amount: int | None
    currency: str
    monthly: bool
    platforms: list[str]
    source: str
    offer_id: UUID | None
    brief_id: UUID | None
    contract_id: UUID | None
    next_step: str
    next_step_on: date | None
    lost_reason: LostReason | None
    lost_note: str
    external_note: str
    resume_on: date | None
    entered_at: datetime
    closed_at: datetime | None
    created_at: datetime


class DealPage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[DealRead]
    next: str | None


class NoteRead(Read):
    id: UUID
    text: str
    by: Annotated[str, BeforeValidator(lambda name: name or "")]
    at: datetime


class NotePage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[NoteRead]
    next: str | None


class StageChangeRead(Read):
    """One line of the stage history; ``reason`` and ``note`` are what was given with it."""

    from_kind: StageKind | None
    to_kind: StageKind
    to_name: str
    reason: str
    note: str
    at: datetime


class StageChangePage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[StageChangeRead]
    next: str | None


class TimelineEntryRead(Read):
    """One thing that happened: to the deal, its offer or its contract. ``id`` is a note's for what was noted."""

    id: UUID
    kind: str
    text: str
    note: str
    by: str
    at: datetime


class TimelinePage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[TimelineEntryRead]
    next: str | None
