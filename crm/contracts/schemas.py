"""What comes in and goes out about contracts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from core.fields import Day, Input, Line, MaybeLine, Quantity, Read, Remark, SmallCount, Whole
from crm.contracts.models import ContractStatus, EvidenceType, PlanKind, ReplyHours, Side
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.offers.models import Billing

MOST_LINES = 100


def _agreed(value: bool) -> bool:
    if not value:
        raise PydanticCustomError("agree", "Tick the box if you agree to the contract.")
    return value


def _name(value: str) -> str:
    if sum(map(str.isalpha, value)) < 2:
        raise PydanticCustomError("name", "Type your full name, two letters at least.")
    return value


class LineEdit(Input):
    """What may still be said about a scope line: who approves it, how it is proved, what it leaves out.

    ``evidence`` left out stays; it is asked of what the specialist does, alone or with the client.
    ``rollover_cap``: so many unused units carry over into the next period at most; 0, or up to a repeating limit.
    """

    id: UUID
    approver: Annotated[MaybeLine, Field(max_length=120)] = ""
    evidence: EvidenceType | None = None
    exclusions: Annotated[Remark, Field(max_length=500)] = ""
    rollover_cap: Annotated[Whole, Field(ge=0, le=100_000)] = 0


class DraftInput(Input):
    """The fields of a draft that can be edited; ``version`` is the one that was read.

    Lines left out stay, so do ``reply_hours``; those are in the time zone of the specialist's workspace.
    """

    version: Quantity
    specialist_legal_name: MaybeLine = ""
    specialist_address: Annotated[Remark, Field(max_length=300)] = ""
    specialist_country: Annotated[MaybeLine, Field(max_length=80)] = ""
    client_legal_name: MaybeLine = ""
    client_address: Annotated[Remark, Field(max_length=300)] = ""
    client_country: Annotated[MaybeLine, Field(max_length=80)] = ""
    approval_hours: Annotated[SmallCount, Field(ge=1, le=720)]
    notice_days: Annotated[SmallCount, Field(ge=0, le=180)]
    payment_days: Annotated[SmallCount, Field(ge=0, le=180)]
    governing_law: MaybeLine = ""
    notes: Remark = ""
    reply_hours: ReplyHours | None = None
    lines: Annotated[list[LineEdit], Field(max_length=MOST_LINES)] = []


class SendInput(Input):
    """``version``: the draft that was read."""

    version: Quantity


class SignInput(Input):
    """``document_sha256``: the hash of the document that was shown. ``typed_name``: two letters at least."""

    typed_name: Annotated[Line, AfterValidator(_name)]
    agree: Annotated[bool, AfterValidator(_agreed)] = Field(default=False, validate_default=True)
    document_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ReasonInput(Input):
    reason: Annotated[Remark, Field(min_length=1, max_length=2000)]


class NoticeInput(Input):
    """``last_day``: of the work, no earlier than the notice the contract names."""

    last_day: Day
    message: Remark = ""


class ContractSummary(Read):
    id: UUID
    offer_id: UUID
    brief_id: UUID | None
    status: ContractStatus
    title: str
    other_name: str
    currency: str
    total: int
    billing: Billing
    starts_on: date
    term_months: int
    ends_on: date | None
    expires_at: datetime
    signed_here: bool


class ContractPage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[ContractSummary]
    next: str | None


class ContractRead(Read):
    """``total``: minor units of ``currency``, a month of a retainer or of all milestones."""

    id: UUID
    offer_id: UUID
    brief_id: UUID | None
    specialist_id: UUID
    business_id: UUID
    status: ContractStatus
    version: int
    title: str
    currency: str
    total: int
    billing: Billing
    starts_on: date
    term_months: int
    parties: dict[str, Any]
    terms: dict[str, Any]
    document_number: int
    sent_by_id: UUID | None
    sent_at: datetime | None
    expires_at: datetime
    signed_at: datetime | None
    active_at: datetime | None
    ends_on: date | None
    ended_at: datetime | None
    reason: str
    void_asked_by_id: UUID | None
    keep_asked_by: Side | None


class ScopeLineRead(Read):
    id: UUID
    position: int
    responsibility: str
    platform: str
    owner: LineOwner
    unit: str
    limit: int | None
    period: LinePeriod
    price: int | None
    overage_price: int | None
    rollover_cap: int
    sla_minutes: int | None
    revision_rounds: int
    approver: str
    evidence: EvidenceType
    exclusions: str
    note: str
    valid_from: date
    valid_to: date | None


class PlanItemRead(Read):
    id: UUID
    kind: PlanKind
    position: int
    title: str
    amount: int
    currency: str
    due_on: date
    period_from: date | None
    period_to: date | None


class SignatureRead(Read):
    """``address``: of the signer's connection. The hash also covers the browser's name, which is not handed out."""

    id: UUID
    side: Side
    typed_name: str
    intent: str
    document_sha256: str
    address: str
    signed_at: datetime
    previous_sha256: str
    sha256: str


class DocumentRead(Read):
    """``body``: canonical JSON, exactly the text that ``sha256`` is the hash of."""

    number: int
    body: str
    sha256: str
    previous_sha256: str
    frozen_at: datetime


class ContractWhole(ContractRead):
    """``missing`` names what a draft lacks to be sent; ``notice_from``: the earliest last day of a notice given today.

    ``notice_from`` is null where no notice can be given, and where the term is over before one would be.
    """

    missing: list[str]
    notice_from: date | None
    lines: list[ScopeLineRead]
    plan: list[PlanItemRead]
    documents: list[DocumentRead]
    signatures: list[SignatureRead]


class VerificationRead(Read):
    """``faults`` names what does not hold; ``holds`` if there is none."""

    holds: bool
    faults: list[str]
