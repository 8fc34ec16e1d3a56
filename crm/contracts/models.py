"""Contracts: scope lines, frozen documents, signatures, the billing plan. States: docs of the trade §3.4, §3.0."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from core.columns import Amount, Document, Moment, Row, Stateful, Stored
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing


class ContractStatus(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    PARTIALLY_SIGNED = "partially_signed"
    SIGNED = "signed"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDING = "ending"
    ENDED = "ended"
    TERMINATED = "terminated"
    DECLINED = "declined"
    EXPIRED = "expired"
    VOID = "void"


OPEN = frozenset({ContractStatus.DRAFT, ContractStatus.SENT, ContractStatus.PARTIALLY_SIGNED, ContractStatus.SIGNED})
"""On the way to being in force."""
ON_TABLE = frozenset({ContractStatus.SENT, ContractStatus.PARTIALLY_SIGNED})
"""Frozen, waiting for signatures."""
UNSIGNED = ON_TABLE | {ContractStatus.DRAFT}
"""What expires if nothing happens."""
RUNNING = frozenset({ContractStatus.ACTIVE, ContractStatus.PAUSED, ContractStatus.ENDING})
UNTIL_LAST_DAY = RUNNING - {ContractStatus.PAUSED}
"""What its last day ends."""
OVER = frozenset({ContractStatus.ENDED, ContractStatus.TERMINATED})
"""No longer in force."""
BOUND = RUNNING | OVER | {ContractStatus.SIGNED}
"""Both signed: nothing it says is edited any more."""


class Side(StrEnum):
    SPECIALIST = "specialist"
    CLIENT = "client"


class ReplyHours(StrEnum):
    """When the clock of a reaction time runs, in the specialist's time zone."""

    ALWAYS = "always"
    WEEKDAYS = "weekdays_9_18"
    DAILY = "daily_9_21"


class Contract(Stateful, table=True):
    """``parties`` and ``terms`` hold only allow-listed fields. Amounts in minor units of ``currency``.

    ``parties``: by side ``name``, ``legal_name``, ``address``, ``country``. ``terms``: ``approval_hours``,
    ``notice_days``, ``payment_days``, ``governing_law``, ``notes``, ``reply_hours`` and ``reply_zone`` (contracts older
    than these say nothing of hours), and ``excluded``, what the offer left out as pairs of responsibility and platform.
    ``platforms``: codes a line without one is for, those of the brief; older contracts and hire offers say none.
    """

    __tablename__ = "contract"
    __table_args__ = (
        Index("ix_contract_specialist", "specialist_id", "status", "id"),
        Index("ix_contract_business", "business_id", "status", "id"),
        Index("ix_contract_expiry", "status", "expires_at"),
        Index("ix_contract_end", "status", "ends_on"),
    )
    TRANSITIONS: ClassVar[dict[ContractStatus, frozenset[ContractStatus]]] = {
        ContractStatus.DRAFT: frozenset({ContractStatus.SENT, ContractStatus.VOID, ContractStatus.EXPIRED}),
        ContractStatus.SENT: frozenset(
            {
                ContractStatus.DRAFT,
                ContractStatus.PARTIALLY_SIGNED,
                ContractStatus.DECLINED,
                ContractStatus.EXPIRED,
                ContractStatus.VOID,
            }
        ),
        ContractStatus.PARTIALLY_SIGNED: frozenset(
            {ContractStatus.SIGNED, ContractStatus.DECLINED, ContractStatus.EXPIRED, ContractStatus.VOID}
        ),
        ContractStatus.SIGNED: frozenset({ContractStatus.ACTIVE, ContractStatus.VOID}),
        ContractStatus.ACTIVE: frozenset(
            {ContractStatus.PAUSED, ContractStatus.ENDING, ContractStatus.ENDED, ContractStatus.TERMINATED}
        ),
        ContractStatus.PAUSED: frozenset({ContractStatus.ACTIVE, ContractStatus.ENDING}),
        ContractStatus.ENDING: frozenset({ContractStatus.ACTIVE, ContractStatus.ENDED}),
    }

    offer_id: UUID = Field(foreign_key="offer.id", unique=True)
    brief_id: UUID | None = Field(default=None, foreign_key="brief.id")
    specialist_id: UUID = Field(foreign_key="workspace.id")
    business_id: UUID = Field(foreign_key="workspace.id")
    status: ContractStatus = Stored(ContractStatus, default=ContractStatus.DRAFT)
    title: str = Field(max_length=200)
    currency: str = Field(max_length=3)
    total: int = Amount()
    billing: Billing = Stored(Billing)
    starts_on: date
    term_months: int
    parties: dict[str, Any] = Document(default_factory=dict)
    terms: dict[str, Any] = Document(default_factory=dict)
    document_number: int = 0
    """Of the current frozen document, 0 while there is none."""
    sent_by_id: UUID | None = Field(default=None, foreign_key="workspace.id")
    sent_at: datetime | None = Moment(default=None)
    expires_at: datetime = Moment()
    """Unsigned by then, it expires and the offer lapses (14 days)."""
    reminders_sent: int = 0
    signed_at: datetime | None = Moment(default=None)
    active_at: datetime | None = Moment(default=None)
    ends_on: date | None = None
    """The last day once it is in force: the term's, until notice or a breach brings it forward.

    Before ``starts_on`` where a breach ended it before the work began.
    """
    ended_at: datetime | None = Moment(default=None)
    reason: str = Field(default="", max_length=2000)
    void_asked_by_id: UUID | None = Field(default=None, foreign_key="workspace.id")
    """A signed contract is void only when both ask for it."""
    keep_asked_by: Side | None = Stored(Side, default=None)
    """After notice it goes on only when both want it to."""
    created_at: datetime = Moment()
    updated_at: datetime = Moment()

    @property
    def is_frozen(self) -> bool:
        """Whether the newest document is what stands; a recalled contract is a draft again and has no sender."""
        return self.sent_at is not None

    @property
    def never_began(self) -> bool:
        """Whether it ended before the first day of the work."""
        return self.ends_on is not None and self.ends_on < self.starts_on

    def side_of(self, workspace_id: UUID) -> Side:
        """Which side a party's workspace is."""
        return Side.SPECIALIST if workspace_id == self.specialist_id else Side.CLIENT

    def other_of(self, workspace_id: UUID) -> UUID:
        """The workspace across the table."""
        return self.business_id if workspace_id == self.specialist_id else self.specialist_id


class ContractDocument(Row, table=True):
    """The canonical snapshot both sides saw. Never updated or deleted; ``previous_sha256`` chains the versions."""

    __tablename__ = "contract_document"
    __table_args__ = (UniqueConstraint("contract_id", "number"),)

    contract_id: UUID = Field(foreign_key="contract.id")
    number: int
    body: str
    """Canonical JSON, exactly the bytes that were hashed."""
    sha256: str = Field(max_length=64)
    previous_sha256: str = Field(default="", max_length=64)
    frozen_at: datetime = Moment()


class Signature(Row, table=True):
    """Typed name and intent, bound to the document's hash. Never updated or deleted; chained to the one before."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("document_id", "side"),)

    contract_id: UUID = Field(foreign_key="contract.id", index=True)
    document_id: UUID = Field(foreign_key="contract_document.id")
    side: Side = Stored(Side)
    workspace_id: UUID = Field(foreign_key="workspace.id")
    user_id: UUID = Field(foreign_key="user.id")
    typed_name: str = Field(max_length=200)
    intent: str = Field(max_length=300)
    document_sha256: str = Field(max_length=64)
    address: str = Field(max_length=64)
    agent: str = Field(max_length=300)
    signed_at: datetime = Moment()
    previous_sha256: str = Field(default="", max_length=64)
    sha256: str = Field(max_length=64)


class PlanKind(StrEnum):
    MILESTONE = "milestone"
    PERIOD = "period"


class PlanItem(Row, table=True):
    """What will be charged and when; planned, nothing is charged yet."""

    __tablename__ = "plan_item"
    __table_args__ = (UniqueConstraint("contract_id", "position"),)

    contract_id: UUID = Field(foreign_key="contract.id", ondelete="CASCADE")
    kind: PlanKind = Stored(PlanKind)
    position: int
    title: str = Field(max_length=200)
    amount: int = Amount()
    currency: str = Field(max_length=3)
    due_on: date
    period_from: date | None = None
    period_to: date | None = None


class EvidenceType(StrEnum):
    POST_URL = "post_url"
    REPLY_LOG = "reply_log"
    REPORT = "report"
    FILE = "file"
    MANUAL = "manual"


class ScopeLine(Row, table=True):
    """Responsibility × platform × owner, with unit, limit per period and price. ``limit`` none means without limit.

    ``price`` and ``overage_price`` in minor units of the contract currency; at most ``rollover_cap`` units of the
    limit carry over into the next period if unused, and no further.
    Lines are versioned by ``valid_from``/``valid_to``; a signed line is never edited.
    """

    __tablename__ = "scope_line"

    contract_id: UUID = Field(foreign_key="contract.id", index=True, ondelete="CASCADE")
    position: int
    responsibility: str = Field(max_length=8)
    platform: str = Field(default="", max_length=8)
    owner: LineOwner = Stored(LineOwner)
    unit: str = Field(max_length=24)
    limit: int | None = Field(default=None)
    period: LinePeriod = Stored(LinePeriod)
    price: int | None = Amount(default=None)
    overage_price: int | None = Amount(default=None)
    rollover_cap: int = 0
    sla_minutes: int | None = None
    revision_rounds: int = 2
    approver: str = Field(default="", max_length=120)
    evidence: EvidenceType = Stored(EvidenceType, default=EvidenceType.MANUAL)
    exclusions: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=200)
    valid_from: date
    valid_to: date | None = None
