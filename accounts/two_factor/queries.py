"""Every SELECT about the second factor."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from accounts.two_factor.models import RecoveryCode
from core.db import Session


def unused_code(db: Session, user_id: UUID, code_hash: str) -> UUID | None:
    """The unused recovery code with that hash."""
    return db.scalar(
        select(col(RecoveryCode.id)).where(
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.code_hash) == code_hash,
            col(RecoveryCode.used_at).is_(None),
        )
    )


def codes_left(db: Session, user_id: UUID) -> int:
    """How many recovery codes are unused (at most ten exist)."""
    unused = select(func.count()).where(col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None))
    return db.scalar(unused) or 0
