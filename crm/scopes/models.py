"""Usage of the scope lines: an append-only ledger and its stored sums. Docs of the trade §3.0."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.columns import Amount, Moment, Row


class UsageEntry(Row, table=True):
    """Append-only. A correction is a counter-entry with the opposite ``quantity`` and a reason."""

    __tablename__ = "usage_entry"
    __table_args__ = (
        Index("ix_usage_entry_line", "line_id", "period", "id"),
        Index("ix_usage_entry_contract", "contract_id", "id"),
    )

    contract_id: UUID = Field(foreign_key="contract.id")
    line_id: UUID = Field(foreign_key="scope_line.id")
    period: str = Field(max_length=10)
    """The month it begins in, ``2026-11``, for a month and for a quarter; ``once``."""
    quantity: int
    done_on: date
    note: str = Field(default="", max_length=500)
    evidence_url: str = Field(default="", max_length=500)
    upload_id: UUID | None = Field(default=None, foreign_key="upload.id", index=True)
    corrects_id: UUID | None = Field(default=None, foreign_key="usage_entry.id", unique=True)
    reason: str = Field(default="", max_length=200)
    over: int = 0
    """Units of ``quantity`` that went beyond the limit."""
    charge: int = Amount(default=0)
    """What those cost by the line's price beyond the limit, in minor units of the contract; 0 if given freely."""
    goodwill: bool = False
    """``over`` was given without a price; counted as drift."""
    by_user_id: UUID | None = Field(default=None, foreign_key="user.id")
    at: datetime = Moment()


class UsageTotal(SQLModel, table=True):
    """The sums of a line's entries in a period; written with every entry, checked by ``postwright check``."""

    __tablename__ = "usage_total"

    line_id: UUID = Field(foreign_key="scope_line.id", primary_key=True, ondelete="CASCADE")
    period: str = Field(primary_key=True, max_length=10)
    used: int = Amount(default=0)
    charged: int = Amount(default=0)
