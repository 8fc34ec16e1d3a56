"""What goes out about offers over JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator

from core.fields import Read
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing, Coverage, DeclineReason, OfferKind, OfferStatus


def _day_of(moment: Any) -> Any:
    return moment.date() if isinstance(moment, datetime) else moment


LastDay = Annotated[date, BeforeValidator(_day_of)]
"""The last day (UTC) on which an offer can be accepted, as it is sent; kept as its last second.

While its brief is paused or the offer is on standby this clock stands still.
"""


class OfferLineRead(Read):
    id: UUID
    brief_line_id: UUID | None
    coverage: Coverage
    responsibility: str
    platform: str
    unit: str
    limit: int | None
    period: LinePeriod
    owner: LineOwner
    price: int | None
    overage_price: int | None
    sla_minutes: int | None
    revision_rounds: int
    note: str


class MilestoneRead(Read):
    title: str
    amount: int
    due_on: date


class OfferChangeRead(Read):
    """``before`` is empty for what was added, ``after`` for what was taken out."""

    subject: str
    what: str
    before: str
    after: str


class CoveredScopeRead(Read):
    """Of ``asked`` lines of the brief ``covered`` are answered whole and ``partial`` more in part."""

    covered: int
    partial: int
    asked: int


class VersionRead(Read):
    """``valid_until`` as it was sent; the offer's own is later if its clock stood still."""

    number: int
    by_workspace_id: UUID
    message: str
    billing: Billing
    currency: str
    total: int
    starts_on: date
    term_months: int
    valid_until: LastDay
    frozen_at: datetime | None
    lines: list[OfferLineRead]
    milestones: list[MilestoneRead]
    scope: CoveredScopeRead | None
    """What of the brief it covers, as the brief is now; null without a brief."""
    changes: list[OfferChangeRead]
    """Against the version before, in words of the request's language."""


class OfferRead(Read):
    """``total``: minor units of ``currency``, a month of a retainer or of all milestones."""

    id: UUID
    kind: OfferKind
    status: OfferStatus
    brief_id: UUID | None
    author_id: UUID
    specialist_id: UUID | None
    business_id: UUID
    turn_id: UUID | None
    on_board: bool
    title: str
    number: int
    rounds: int
    on_standby: bool
    needs_confirmation: bool
    currency: str
    total: int
    billing: Billing
    valid_until: LastDay
    sent_at: datetime | None
    viewed_at: datetime | None
    accepted_at: datetime | None
    decline_reason: DeclineReason | None
    decline_note: str


class OfferWithVersions(OfferRead):
    """``versions``: newest first. ``specialist_name`` is empty until somebody takes an offer of the board up.

    ``specialist_slug`` is empty while there is no specialist or the profile is not public.
    """

    business_name: str
    specialist_name: str
    specialist_slug: str
    versions: list[VersionRead]


class OfferSummary(Read):
    id: UUID
    kind: OfferKind
    status: OfferStatus
    brief_id: UUID | None
    title: str
    other_name: str
    on_board: bool
    on_standby: bool
    needs_confirmation: bool
    number: int
    currency: str
    total: int
    billing: Billing
    valid_until: LastDay


class OfferPage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[OfferSummary]
    next: str | None


class FitRead(Read):
    qualified: bool
    covered: int
    asked: int
    matches: list[str]
    misses: list[str]


class BoardOffer(Read):
    id: UUID
    title: str
    business_name: str
    currency: str
    total: int
    billing: Billing
    valid_until: LastDay
    fit: FitRead


class OfferBoardPage(Read):
    rows: list[BoardOffer]
    next: str | None


class CellRead(Read):
    """``covered`` is true of what is covered in part too, ``partial`` of that alone."""

    text: str
    note: str
    covered: bool
    partial: bool
    best: bool


class CompareRow(Read):
    label: str
    cells: list[CellRead]


class CompareColumn(Read):
    """``slug`` is empty while the specialist's profile is not public; ``turn_id`` is whose decision is waited for.

    Of ``asked`` lines ``covered`` are answered with all that was asked and ``partial`` more with a part of it. With
    ``needs_confirmation`` the brief changed since: the author confirms or withdraws.
    """

    offer_id: UUID
    number: int
    specialist: str
    slug: str
    status: OfferStatus
    on_standby: bool
    turn_id: UUID | None
    needs_confirmation: bool
    covered: int
    partial: int
    asked: int


class ComparisonRead(Read):
    """Responsibilities as rows, offers as columns; cells in the order of ``columns``."""

    columns: list[CompareColumn]
    rows: list[CompareRow]
