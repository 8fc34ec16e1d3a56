"""Recovery codes of the second factor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from core.columns import Moment, Row


class RecoveryCode(Row, table=True):
    """One of ten codes shown once; usable once."""

    __tablename__ = "recovery_code"

    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    code_hash: str = Field(max_length=64)
    used_at: datetime | None = Moment(default=None)
