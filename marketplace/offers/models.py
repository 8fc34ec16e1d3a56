"""Offers in numbered versions; each answers the brief's lines. States: docs of the trade §3.2."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from core.columns import Amount, Moment, Row, Stateful, Stored
from marketplace.briefs.models import LineOwner, LinePeriod


class OfferKind(StrEnum):
    PROPOSAL = "proposal"
    """Specialist to a brief."""
    HIRE = "hire"
    """Business to a specialist, or on the board for qualified specialists to take up."""


class OfferStatus(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    VIEWED = "viewed"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    CONVERTED = "converted"
    LAPSED = "lapsed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    VOIDED = "voided"


LIVE = frozenset({OfferStatus.SENT, OfferStatus.VIEWED, OfferStatus.COUNTERED})
TAKEN = frozenset({OfferStatus.ACCEPTED, OfferStatus.CONVERTED})
"""Fills a seat of its brief."""
_ENDS = frozenset({OfferStatus.DECLINED, OfferStatus.WITHDRAWN, OfferStatus.EXPIRED, OfferStatus.VOIDED})


class Billing(StrEnum):
    RETAINER = "retainer"
    """A fee each month."""
    MILESTONES = "milestones"


class DeclineReason(StrEnum):
    PRICE = "price"
    SCOPE = "scope"
    TIMING = "timing"
    CHOSE_OTHER = "chose_other"


class Coverage(StrEnum):
    COVERED = "covered"
    EXCLUDED = "excluded"
    EXTRA = "extra"


class Offer(Stateful, table=True):
    """``author`` wrote the first version, ``turn`` is the workspace whose decision is waited for.

    ``on_standby`` offers are live but cannot be accepted: a rival was. ``specialist_id`` is empty for a hire offer on
    the board until somebody takes it up. Amounts of the current version are copied here for lists.
    """

    __tablename__ = "offer"
    __table_args__ = (
        Index("ix_offer_author", "author_id", "status", "id"),
        Index("ix_offer_specialist", "specialist_id", "status", "id"),
        Index("ix_offer_business", "business_id", "status", "id"),
        Index("ix_offer_brief", "brief_id", "status", "id"),
        Index("ix_offer_board", "on_board", "status", "id"),
        Index("ix_offer_validity", "status", "valid_until"),
        Index(
            "uq_offer_one_live_proposal",
            "brief_id",
            "author_id",
            unique=True,
            sqlite_where=text("kind = 'proposal' AND status IN ('draft','sent','viewed','countered','accepted')"),
            postgresql_where=text("kind = 'proposal' AND status IN ('draft','sent','viewed','countered','accepted')"),
        ),
    )
    TRANSITIONS: ClassVar[dict[OfferStatus, frozenset[OfferStatus]]] = {
        OfferStatus.DRAFT: frozenset({OfferStatus.SENT, OfferStatus.WITHDRAWN, OfferStatus.VOIDED}),
        OfferStatus.SENT: frozenset({OfferStatus.VIEWED, OfferStatus.COUNTERED, OfferStatus.ACCEPTED}) | _ENDS,
        OfferStatus.VIEWED: frozenset({OfferStatus.COUNTERED, OfferStatus.ACCEPTED}) | _ENDS,
        OfferStatus.COUNTERED: frozenset({OfferStatus.SENT, OfferStatus.ACCEPTED}) | _ENDS,
        OfferStatus.ACCEPTED: frozenset({OfferStatus.CONVERTED, OfferStatus.LAPSED}),
    }

    kind: OfferKind = Stored(OfferKind)
    status: OfferStatus = Stored(OfferStatus, default=OfferStatus.DRAFT)
    brief_id: UUID | None = Field(default=None, foreign_key="brief.id")
    author_id: UUID = Field(foreign_key="workspace.id")
    specialist_id: UUID | None = Field(default=None, foreign_key="workspace.id")
    business_id: UUID = Field(foreign_key="workspace.id")
    turn_id: UUID | None = Field(default=None, foreign_key="workspace.id")
    on_board: bool = False
    title: str = Field(max_length=200)
    number: int = 1
    """Of the current version."""
    rounds: int = 0
    """Counter-offers so far, at most 5."""
    on_standby: bool = False
    needs_confirmation: bool = False
    """The brief's scope or budget changed since the current version; its author confirms or withdraws."""
    currency: str = Field(max_length=3)
    total: int = Amount(default=0)
    valid_until: datetime = Moment()
    warned_at: datetime | None = Moment(default=None)
    """When both sides were told that the current version expires within 48 hours."""
    created_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    sent_at: datetime | None = Moment(default=None)
    viewed_at: datetime | None = Moment(default=None)
    answered_at: datetime | None = Moment(default=None)
    accepted_at: datetime | None = Moment(default=None)
    decline_reason: DeclineReason | None = Stored(DeclineReason, default=None, nullable=True)
    decline_note: str = Field(default="", max_length=2000)
    created_at: datetime = Moment()
    updated_at: datetime = Moment()

    @property
    def is_live(self) -> bool:
        """Sent and not decided."""
        return self.status in LIVE


class OfferVersion(Row, table=True):
    """What one side put on the table. Once sent it never changes.

    ``total``: minor units a month, or of all milestones.
    """

    __tablename__ = "offer_version"
    __table_args__ = (UniqueConstraint("offer_id", "number"),)

    offer_id: UUID = Field(foreign_key="offer.id", ondelete="CASCADE")
    number: int
    by_workspace_id: UUID = Field(foreign_key="workspace.id")
    by_user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    message: str = ""
    billing: Billing = Stored(Billing, default=Billing.RETAINER)
    currency: str = Field(max_length=3)
    total: int = Amount(default=0)
    starts_on: date
    term_months: int = 3
    valid_until: datetime = Moment()
    frozen_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()


class OfferLine(Row, table=True):
    """One responsibility of a version. ``price`` is a part of the total in minor units, or none if priced in total."""

    __tablename__ = "offer_line"

    version_id: UUID = Field(foreign_key="offer_version.id", index=True, ondelete="CASCADE")
    position: int
    brief_line_id: UUID | None = Field(default=None, foreign_key="brief_line.id", ondelete="SET NULL")
    coverage: Coverage = Stored(Coverage, default=Coverage.COVERED)
    responsibility: str = Field(max_length=8)
    platform: str = Field(default="", max_length=8)
    unit: str = Field(max_length=24)
    limit: int | None = Field(default=None)
    period: LinePeriod = Stored(LinePeriod, default=LinePeriod.MONTH)
    owner: LineOwner = Stored(LineOwner, default=LineOwner.SPECIALIST)
    price: int | None = Amount(default=None)
    overage_price: int | None = Amount(default=None)
    sla_minutes: int | None = None
    revision_rounds: int = 2
    note: str = Field(default="", max_length=200)


class OfferMilestone(Row, table=True):
    __tablename__ = "offer_milestone"

    version_id: UUID = Field(foreign_key="offer_version.id", index=True, ondelete="CASCADE")
    position: int
    title: str = Field(max_length=200)
    amount: int = Amount()
    due_on: date
