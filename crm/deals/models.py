"""The pipeline: stages are rows, their kinds are fixed. States: docs of the trade §3.3."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from core.columns import Amount, Document, Moment, Row, Stateful, Stored


class StageKind(StrEnum):
    LEAD = "lead"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON_PENDING = "won_pending"
    WON = "won"
    ON_HOLD = "on_hold"
    LOST = "lost"


OPEN_KINDS = (
    StageKind.LEAD,
    StageKind.CONTACTED,
    StageKind.QUALIFIED,
    StageKind.PROPOSAL,
    StageKind.NEGOTIATION,
    StageKind.WON_PENDING,
)
MOST_STAGES = 15
"""Columns of a board."""

_EVERY = frozenset(StageKind)
AGES = {
    StageKind.LEAD: 14,
    StageKind.CONTACTED: 14,
    StageKind.QUALIFIED: 10,
    StageKind.PROPOSAL: 10,
    StageKind.NEGOTIATION: 10,
    StageKind.WON_PENDING: 14,
}
"""Days a deal may stay in a stage before it counts as old; half as many again and it is stale."""


class LostReason(StrEnum):
    PRICE = "price"
    SCOPE = "scope"
    TIMING = "timing"
    CHOSE_OTHER = "chose_other"
    NO_ANSWER = "no_answer"
    NOT_A_FIT = "not_a_fit"


class Stage(Row, table=True):
    """A column of the board. Names, order and number are the owner's; rules ask for ``kind`` only.

    Every kind has a stage; an open one may have several. ``probability`` in percent.
    """

    __tablename__ = "stage"
    __table_args__ = (Index("ix_stage_board", "workspace_id", "position"),)

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    kind: StageKind = Stored(StageKind)
    name: str = Field(max_length=60)
    position: int
    probability: int = 0


class Deal(Stateful, table=True):
    """Private to its owner. ``amount``: minor units, a month when ``monthly``. ``version`` guards every change.

    ``value`` is the amount in euro cents by the catalogue's rates, for sorting deals of different currencies only.
    """

    __tablename__ = "deal"
    __table_args__ = (
        Index("ix_deal_board", "workspace_id", "stage_id", "rank", "id"),
        Index("ix_deal_sums", "workspace_id", "stage_id", "currency", "monthly", "amount"),
        Index("ix_deal_next", "workspace_id", "next_step_on", "id"),
        Index("ix_deal_company", "company_id", "id"),
        Index("ix_deal_contract", "contract_id"),
        UniqueConstraint("workspace_id", "offer_id"),
    )
    STATUS: ClassVar[str] = "stage_kind"
    TRANSITIONS: ClassVar[dict[StageKind, frozenset[StageKind]]] = {
        **{kind: _EVERY - {kind} for kind in OPEN_KINDS},
        StageKind.ON_HOLD: _EVERY - {StageKind.ON_HOLD},
        StageKind.LOST: _EVERY - {StageKind.LOST, StageKind.ON_HOLD},
    }
    """What may follow in principle; ``moves`` says who may do it and when."""

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    company_id: UUID = Field(foreign_key="company.id")
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id", ondelete="SET NULL")
    stage_id: UUID = Field(foreign_key="stage.id")
    stage_kind: StageKind = Stored(StageKind)
    rank: int = Amount(default=0)
    """Order inside a column, small first: minus the moment of arrival, so that what comes in lands on top."""
    title: str = Field(max_length=200)
    amount: int | None = Amount(default=None)
    value: int = Amount(default=0)
    currency: str = Field(default="EUR", max_length=3)
    monthly: bool = True
    platforms: list[str] = Document(default_factory=list)
    source: str = Field(default="", max_length=40)
    offer_id: UUID | None = Field(default=None, foreign_key="offer.id")
    brief_id: UUID | None = Field(default=None, foreign_key="brief.id")
    contract_id: UUID | None = None
    next_step: str = Field(default="", max_length=200)
    next_step_on: date | None = None
    lost_reason: LostReason | None = Stored(LostReason, default=None, nullable=True)
    lost_note: str = Field(default="", max_length=2000)
    external_note: str = Field(default="", max_length=2000)
    """Why a deal was set won by hand: the contract made elsewhere."""
    resume_on: date | None = None
    entered_at: datetime = Moment()
    """When it entered its stage; ages 14/14/10/10 days."""
    closed_at: datetime | None = Moment(default=None)
    search_text: str = ""
    created_at: datetime = Moment()
    updated_at: datetime = Moment()


class StageChange(Row, table=True):
    """History of a deal's stages. ``to_name`` is what the stage was called: it may be renamed or gone since."""

    __tablename__ = "stage_change"

    deal_id: UUID = Field(foreign_key="deal.id", index=True, ondelete="CASCADE")
    from_kind: StageKind | None = Stored(StageKind, default=None, nullable=True)
    to_kind: StageKind = Stored(StageKind)
    to_name: str = Field(default="", max_length=60)
    by_user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    reason: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)
    """What was said when the deal was lost, or won by hand; the deal itself forgets it when it comes back."""
    at: datetime = Moment()


class DealNote(Row, table=True):
    __tablename__ = "deal_note"

    deal_id: UUID = Field(foreign_key="deal.id", index=True, ondelete="CASCADE")
    by_user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    text: str = Field(max_length=2000)
    at: datetime = Moment()
