"""Briefs: what a business asks for, line by line. States: docs of the trade §3.1."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Amount, Document, Moment, Row, Stateful, Stored

OFFER_CAP = 20
"""So many offers, and the brief takes no more."""


class BriefStatus(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED_TO_OFFERS = "closed_to_offers"
    AWARDED = "awarded"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Visibility(StrEnum):
    PUBLIC = "public"
    INVITED = "invited"
    LINK = "link"


class LineOwner(StrEnum):
    """Who does a line."""

    SPECIALIST = "specialist"
    CLIENT = "client"
    THIRD_PARTY = "third_party"
    SHARED = "shared"


class LinePeriod(StrEnum):
    """How often a line's limit starts anew."""

    MONTH = "month"
    QUARTER = "quarter"
    ONCE = "once"


class ReturnReason(StrEnum):
    """Why staff gave a brief back."""

    UNCLEAR = "unclear"
    UNPAID_WORK = "unpaid_work"
    CONTACT_DETAILS = "contact_details"
    BANNED_PRACTICE = "banned_practice"
    OTHER = "other"


class CancelReason(StrEnum):
    """Why a brief was called off."""

    HIRED_ELSEWHERE = "hired_elsewhere"
    BUDGET = "budget"
    PLANS_CHANGED = "plans_changed"
    NO_FIT = "no_fit"
    RULES = "rules"
    OTHER = "other"


class Brief(Stateful, table=True):
    """``answers`` holds the questionnaire by question code. Budget in minor units a month of ``currency``.

    ``typed`` keeps, by step, what was typed into a draft and could not be read yet. ``kpi_baseline`` and
    ``kpi_target`` are thousandths. ``scope_minutes`` is the monthly norm time of all lines the specialist does,
    ``budget_eur`` the upper budget in euro cents by the dated reference rates, only for comparing. ``last_action_at``
    moves with every action of the client; 30 days after it the brief expires.
    """

    __tablename__ = "brief"
    __table_args__ = (
        Index("ix_brief_board", "status", "visibility", "opened_at", "id"),
        Index("ix_brief_stale", "status", "last_action_at"),
        Index("ix_brief_deadline", "status", "decision_on"),
        Index("ix_brief_workspace", "workspace_id", "status", "id"),
    )
    TRANSITIONS: ClassVar[dict[BriefStatus, frozenset[BriefStatus]]] = {
        BriefStatus.DRAFT: frozenset({BriefStatus.IN_REVIEW, BriefStatus.CANCELLED}),
        BriefStatus.IN_REVIEW: frozenset({BriefStatus.OPEN, BriefStatus.DRAFT, BriefStatus.CANCELLED}),
        BriefStatus.OPEN: frozenset(
            {
                BriefStatus.PAUSED,
                BriefStatus.CLOSED_TO_OFFERS,
                BriefStatus.AWARDED,
                BriefStatus.CANCELLED,
                BriefStatus.EXPIRED,
            }
        ),
        BriefStatus.PAUSED: frozenset({BriefStatus.OPEN, BriefStatus.CANCELLED}),
        BriefStatus.CLOSED_TO_OFFERS: frozenset(
            {BriefStatus.OPEN, BriefStatus.AWARDED, BriefStatus.CANCELLED, BriefStatus.EXPIRED}
        ),
        BriefStatus.AWARDED: frozenset({BriefStatus.OPEN, BriefStatus.FILLED, BriefStatus.CANCELLED}),
        BriefStatus.EXPIRED: frozenset({BriefStatus.OPEN}),
    }

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    created_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    status: BriefStatus = Stored(BriefStatus, default=BriefStatus.DRAFT)
    terms_version: int = 1
    """Grows when scope or budget change while offers exist; bidders then confirm or withdraw."""
    visibility: Visibility = Stored(Visibility, default=Visibility.PUBLIC)
    link_hash: str | None = Field(default=None, max_length=64)
    title: str = Field(default="", max_length=200)
    summary: str = ""
    answers: dict[str, Any] = Document(default_factory=dict)
    typed: dict[str, Any] = Document(default_factory=dict)
    goal: str = Field(default="", max_length=2000)
    kpi: str = Field(default="", max_length=40)
    kpi_baseline: int | None = Amount(default=None)
    kpi_target: int | None = Amount(default=None)
    kpi_by: date | None = None
    niche: str = Field(default="", max_length=40)
    platforms: list[str] = Document(default_factory=list)
    languages: list[str] = Document(default_factory=list)
    currency: str = Field(default="EUR", max_length=3)
    budget_min: int | None = Amount(default=None)
    budget_max: int | None = Amount(default=None)
    budget_eur: int | None = Amount(default=None)
    starts_on: date | None = None
    term_months: int | None = None
    decision_on: date | None = None
    approver_name: str = Field(default="", max_length=120)
    approval_hours: int | None = None
    report_every: str = Field(default="month", max_length=16)
    seats: int = 1
    offer_count: int = 0
    """Specialists who sent an offer and did not take it back, each once, whatever became of it."""
    scope_minutes: int = Amount(default=0)
    opened_at: datetime | None = Moment(default=None)
    closed_at: datetime | None = Moment(default=None)
    last_action_at: datetime = Moment()
    warnings_sent: int = 0
    reopened_after_expiry: bool = False
    returned_at: datetime | None = Moment(default=None)
    """When staff last gave it back; such an author's briefs wait for staff."""
    reason: str = Field(default="", max_length=32)
    reason_note: str = Field(default="", max_length=2000)
    created_at: datetime = Moment()
    updated_at: datetime = Moment()


class BriefLine(Row, table=True):
    """One responsibility asked for: unit and limit per period, who does it, how fast (minutes)."""

    __tablename__ = "brief_line"

    brief_id: UUID = Field(foreign_key="brief.id", index=True, ondelete="CASCADE")
    position: int
    responsibility: str = Field(max_length=8)
    platform: str = Field(default="", max_length=8)
    unit: str = Field(max_length=24)
    limit: int | None = Field(default=None)
    period: LinePeriod = Stored(LinePeriod, default=LinePeriod.MONTH)
    owner: LineOwner = Stored(LineOwner, default=LineOwner.SPECIALIST)
    sla_minutes: int | None = None
    note: str = Field(default="", max_length=200)


class BriefInvitation(Row, table=True):
    """A specialist invited to a brief; the only ones who see an ``invited`` one."""

    __tablename__ = "brief_invitation"
    __table_args__ = (UniqueConstraint("brief_id", "workspace_id"),)

    brief_id: UUID = Field(foreign_key="brief.id", ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    created_at: datetime = Moment()


class BriefFacet(SQLModel, table=True):
    """An inverted index of the board: ``(kind, value)`` → open public briefs, the newest with the highest ``rank``.

    ``rank`` is the moment of opening in microseconds since 1970.
    """

    __tablename__ = "brief_facet"
    __table_args__ = (Index("ix_brief_facet_value", "kind", "value", "rank", "brief_id"),)

    brief_id: UUID = Field(foreign_key="brief.id", primary_key=True, ondelete="CASCADE")
    kind: str = Field(primary_key=True, max_length=16)
    value: str = Field(primary_key=True, max_length=40)
    rank: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
