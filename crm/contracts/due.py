"""Which contracts a timer has to see to now: SELECTs for the jobs, of everybody's contracts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from core.clock import over_everywhere
from core.db import Session
from crm.contracts.models import ON_TABLE, UNSIGNED, UNTIL_LAST_DAY, Contract


def ids_expired(db: Session, *, most: int) -> list[UUID]:
    """Contracts nobody signed in time."""
    return list(
        db.scalars(
            select(col(Contract.id))
            .where(col(Contract.status).in_(UNSIGNED), col(Contract.expires_at) <= db.now())
            .order_by(col(Contract.expires_at))
            .limit(most)
        )
    )


def ids_to_remind(db: Session, waits: Sequence[timedelta], *, most: int) -> list[UUID]:
    """Sent contracts whose next reminder is due; ``waits`` are counted from the sending."""
    due = [
        (col(Contract.reminders_sent) == number) & (col(Contract.sent_at) <= db.now() - wait)
        for number, wait in enumerate(waits)
    ]
    return list(
        db.scalars(
            select(col(Contract.id))
            .where(col(Contract.status).in_(ON_TABLE), col(Contract.expires_at) > db.now(), or_(*due))
            .order_by(col(Contract.sent_at))
            .limit(most)
        )
    )


def ids_over(db: Session, *, most: int) -> list[UUID]:
    """Contracts in force whose last day is over."""
    return list(
        db.scalars(
            select(col(Contract.id))
            .where(col(Contract.status).in_(UNTIL_LAST_DAY), col(Contract.ends_on) < over_everywhere(db.now()))
            .order_by(col(Contract.ends_on))
            .limit(most)
        )
    )
