"""What a contract coming into force, or ending, means for the specialist's free time."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.events import Event
from crm.contracts.models import RUNNING, Contract, ScopeLine
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.profiles import service as profiles
from marketplace.taxonomy.catalogue import load

CONTRACT_EVENTS = ("contract.activated", "contract.ended", "contract.terminated")
WEEKS_A_MONTH = Decimal("4.33")
MONTHS = {LinePeriod.MONTH: 1, LinePeriod.QUARTER: 3}


def refresh_free_time(db: Session, event: Event) -> None:
    """Free capacity = weekly hours − Σ active scope hours ÷ 4.33 (docs of the trade §2.4).

    Counts lines the specialist does, by limit and norm time of a unit; lines without a limit and one-off lines take
    no weekly time.
    """
    contract = db.get_one(Contract, event.subject_id)
    rows = db.rows(
        select(col(ScopeLine.responsibility), col(ScopeLine.limit), col(ScopeLine.period))
        .join(Contract, col(Contract.id) == ScopeLine.contract_id)
        .where(
            col(Contract.specialist_id) == contract.specialist_id,
            col(Contract.status).in_(RUNNING),
            col(ScopeLine.owner).in_((LineOwner.SPECIALIST, LineOwner.SHARED)),
            col(ScopeLine.limit).is_not(None),
        )
    )
    profiles.refresh(db, contract.specialist_id, busy_minutes=weekly_minutes([tuple(row) for row in rows]))


def weekly_minutes(lines: list[tuple[str, int, LinePeriod]]) -> int:
    """Minutes a week that lines (responsibility, limit, period) take by the catalogue's norm times."""
    duties = load().responsibilities
    monthly = sum(
        Decimal(limit * duties[code].norm_minutes) / MONTHS[period]
        for code, limit, period in lines
        if period in MONTHS and code in duties
    )
    return math.ceil(monthly / WEEKS_A_MONTH)
