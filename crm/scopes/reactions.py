"""What a contract on its way, in force or over means for the specialist's free time."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.events import Event
from crm.contracts.models import OPEN, RUNNING, Contract, ScopeLine
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.profiles import queries as profile_queries
from marketplace.profiles import service as profiles
from marketplace.taxonomy.catalogue import load

CONTRACT_EVENTS = (
    "contract.drafted",
    "contract.activated",
    "contract.declined",
    "contract.expired",
    "contract.voided",
    "contract.ended",
    "contract.terminated",
)
WEEKS_A_MONTH = Decimal("4.33")
MONTHS = {LinePeriod.MONTH: 1, LinePeriod.QUARTER: 3}
SHARE = {LineOwner.SPECIALIST: Decimal(1), LineOwner.SHARED: Decimal("0.5")}
"""How much of a line the specialist does, as in the hours of a brief."""


def refresh_free_time(db: Session, event: Event) -> None:
    """Free capacity = weekly hours − Σ active scope hours ÷ 4.33 − what accepted offers take (docs of the trade §2.4).

    Counts lines the specialist does, half of shared ones, by limit and norm time of a unit; lines without a limit and
    one-off lines take no weekly time. The profile is locked first, so that the sum is of everything committed before.
    """
    contract = db.get_one(Contract, event.subject_id)
    profile_queries.profile_of(db, contract.specialist_id, lock=True)
    rows = db.rows(
        select(col(ScopeLine.responsibility), col(ScopeLine.limit), col(ScopeLine.period), col(ScopeLine.owner))
        .join(Contract, col(Contract.id) == ScopeLine.contract_id)
        .where(
            col(Contract.specialist_id) == contract.specialist_id,
            col(Contract.status).in_(OPEN | RUNNING),
            col(ScopeLine.owner).in_(SHARE),
            col(ScopeLine.limit).is_not(None),
        )
    )
    profiles.refresh(db, contract.specialist_id, busy_minutes=weekly_minutes(rows))


def weekly_minutes(lines: list[Any]) -> int:
    """Minutes a week that lines (responsibility, limit, period, owner) take by the catalogue's norm times."""
    duties = load().responsibilities
    monthly = sum(
        (
            Decimal(limit * duties[code].norm_minutes) * SHARE[owner] / MONTHS[period]
            for code, limit, period, owner in lines
            if period in MONTHS and code in duties
        ),
        Decimal(0),
    )
    return math.ceil(monthly / WEEKS_A_MONTH)
