"""What comes in and goes out about the scope and its use."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.fields import Blank, Day, Input, Line, MaybeLine, Quantity, Read, Url
from crm.contracts.models import EvidenceType, ReplyHours
from marketplace.briefs.models import LineOwner, LinePeriod


class UsageInput(Input):
    """Beyond the limit either ``extra``, at the price the contract names for it, or ``goodwill``, free with a note.

    The line's ``evidence`` says what has to come with it: ``post_url`` an ``evidence_url``, ``report`` and ``file``
    that or a file, ``reply_log`` one of them or a ``note``.
    """

    quantity: Quantity = 1
    done_on: Day
    note: Annotated[MaybeLine, Field(max_length=200)] = ""
    evidence_url: Annotated[Url | None, Blank] = None
    extra: bool = False
    goodwill: bool = False


class UsageWithFile(UsageInput):
    """``upload_id`` is of a file sent to the contract's ``/evidence`` before."""

    upload_id: UUID | None = None


class EvidenceRead(Read):
    upload_id: UUID


class CorrectionInput(Input):
    reason: Line


class UsageEntryRead(Read):
    """A row of the ledger; a correction has the opposite quantity and names what it corrects.

    ``corrected_by_id``: the correction that took the row back; it counts no more. ``by_name`` is null once the person
    is gone.
    ``over``: units beyond the limit; ``charge``: their price in minor units of the scope's currency, 0 as goodwill.
    """

    id: UUID
    line_id: UUID
    period: str
    quantity: int
    done_on: date
    note: str
    evidence_url: str
    upload_id: UUID | None
    corrects_id: UUID | None
    reason: str
    over: int
    charge: int
    goodwill: bool
    by_name: str | None
    corrected_by_id: UUID | None
    at: datetime


class UsagePage(Read):
    rows: list[UsageEntryRead]
    next: str | None


class MeteredLineRead(Read):
    """A line with its meter; ``allowance`` is null without a limit, ``charged`` is the price of extras beyond it.

    ``evidence``: the proof an entry needs; ``manual`` is none.
    ``carried``: units that came over from the period before, ``rollover_cap`` at most; the allowance has them.
    Prices in minor units of the scope's currency.
    """

    id: UUID
    responsibility: str
    platform: str
    owner: LineOwner
    unit: str
    period: LinePeriod
    period_key: str
    period_starts_on: date
    period_ends_on: date
    price: int | None
    overage_price: int | None
    sla_minutes: int | None
    revision_rounds: int
    evidence: EvidenceType
    limit: int | None
    rollover_cap: int
    carried: int
    allowance: int | None
    used: int
    charged: int


class ScopeRead(Read):
    """The lines in one month of the contract; ``starts_on`` and ``ends_on`` are that month's first and last day.

    ``reply_hours``: when the ``sla_minutes`` of lines run, in ``reply_zone``; null in contracts that say nothing of it.
    ``platforms``: what a line that names none is for; empty in contracts that say nothing of it.
    """

    contract_id: UUID
    title: str
    status: str
    currency: str
    month: str
    starts_on: date
    ends_on: date
    reply_hours: ReplyHours | None
    reply_zone: str | None
    platforms: list[str]
    lines: list[MeteredLineRead]
