"""What goes out about briefs over JSON. Money in minor units a month, numbers as they were sent, time in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.fields import Read
from marketplace.briefs.models import Brief, BriefStatus, LineOwner, LinePeriod, Visibility
from marketplace.briefs.schemas import MEASURES
from marketplace.briefs.scope import Verdict


class BriefLineRead(Read):
    id: UUID
    responsibility: str
    platform: str
    unit: str
    limit: int | None
    period: LinePeriod
    owner: LineOwner
    sla_minutes: int | None
    note: str


class BriefRead(Read):
    """What everybody who sees a brief may know."""

    id: UUID
    workspace_id: UUID
    status: BriefStatus
    visibility: Visibility
    terms_version: int
    title: str
    summary: str
    goal: str
    kpi: str
    kpi_baseline: float | None
    kpi_target: float | None
    kpi_by: date | None
    niche: str
    platforms: list[str]
    languages: list[str]
    currency: str
    budget_min: int | None
    budget_max: int | None
    starts_on: date | None
    term_months: int | None
    decision_on: date | None
    approval_hours: int | None
    report_every: str
    offer_count: int
    scope_minutes: int
    opened_at: datetime | None
    lines: list[BriefLineRead]


class ClientRead(Read):
    """The client as shown beside a brief; ``posted`` and ``filled`` count its briefs."""

    name: str
    city: str
    country: str
    created_at: datetime
    posted: int
    filled: int


class BriefWithClient(BriefRead):
    client: ClientRead


class RealismRead(Read):
    """The budget beside the usual price of the scope: it reaches ``share`` of ``price``, minor units a month."""

    share: float
    price: int
    verdict: Verdict


class OwnBriefRead(BriefRead):
    """What its own workspace knows besides. ``missing``: what a draft lacks, by field.

    ``realism`` is null without a budget or a scope, and while too few profiles name an hourly floor.
    """

    answers: dict[str, Any]
    approver_name: str
    version: int
    last_action_at: datetime
    reason: str
    reason_note: str
    missing: dict[str, str]
    realism: RealismRead | None


class BriefRow(Read):
    id: UUID
    title: str
    status: BriefStatus
    visibility: Visibility
    platforms: list[str]
    currency: str
    budget_min: int | None
    budget_max: int | None
    decision_on: date | None
    offer_count: int


class BriefPage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[BriefRow]
    next: str | None


class CardRead(Read):
    """A brief on the board."""

    id: UUID
    title: str
    summary: str
    client: str
    city: str
    niche: str
    platforms: list[str]
    languages: list[str]
    currency: str
    budget_min: int | None
    budget_max: int | None
    term_months: int | None
    starts_on: date | None
    decision_on: date | None
    offer_count: int
    scope_minutes: int
    opened_at: datetime
    lines: list[BriefLineRead]


class BriefBoardPage(Read):
    """``total`` and ``facets`` count at most 500 matches: with ``capped`` they read "at least so many".

    ``facets`` by filter and value; of a filter in use, what that value alone would bring. The counts may be a minute
    old, ``rows`` never are.
    """

    rows: list[CardRead]
    next: str | None
    total: int
    capped: bool
    facets: dict[str, dict[str, int]]


class MatchRead(Read):
    """Names of the needs a profile covers and of those it does not; ``lines``: ids of the covered ones."""

    hits: list[str]
    misses: list[str]
    lines: list[UUID]
    needs: int


class AnswerRead(Read):
    section: str
    question: str
    answer: str


class LinkRead(Read):
    """The secret part of the private link, told once."""

    key: str


class InvitedRead(Read):
    name: str
    slug: str
    created_at: datetime


def facts_of(brief: Brief, lines: Sequence[Any]) -> dict[str, Any]:
    """What JSON says of a brief and its ``lines``."""
    return {**_measured(brief.model_dump()), "answers": _measured(brief.answers), "lines": lines}


def _measured(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The same with its measured numbers, which are kept in thousandths, as they were sent."""
    numbers = {name: value / 1000 for name, value in stored.items() if name in MEASURES and value is not None}
    return {**stored, **numbers}
