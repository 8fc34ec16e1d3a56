"""The billing plan: what is due when. It is a plan only; nothing is charged by it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm.contracts.models import PlanItem, PlanKind
from marketplace.offers.models import Billing


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later; where that month is shorter, its last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def periods(starts_on: date, months: int) -> Iterator[tuple[date, date]]:
    """First and last day of each month-long period.

    Each is counted from ``starts_on``, so a term from 31 January gives 28 February and then 31 March again.
    """
    for number in range(months):
        yield add_months(starts_on, number), add_months(starts_on, number + 1) - timedelta(days=1)


def last_day(starts_on: date, months: int) -> date:
    """The last day of a term."""
    return add_months(starts_on, months) - timedelta(days=1)


def retainer(contract_id: UUID, starts_on: date, months: int, fee: int, currency: str) -> list[PlanItem]:
    """One item of ``fee`` minor units for each period, due on its first day."""
    return [
        PlanItem(
            contract_id=contract_id,
            kind=PlanKind.PERIOD,
            position=position,
            title="",
            amount=fee,
            currency=currency,
            due_on=first,
            period_from=first,
            period_to=last,
        )
        for position, (first, last) in enumerate(periods(starts_on, months), 1)
    ]


def milestones(contract_id: UUID, rows: Iterable[Any], currency: str) -> list[PlanItem]:
    """The offer's milestones as planned."""
    return [
        PlanItem(
            contract_id=contract_id,
            kind=PlanKind.MILESTONE,
            position=position,
            title=row.title,
            amount=row.amount,
            currency=currency,
            due_on=row.due_on,
        )
        for position, row in enumerate(rows, 1)
    ]


def expected(billing: Billing, total: int, term_months: int) -> int:
    """What a plan's items add up to in minor units: the fee of each month, or the milestones' total."""
    return total * term_months if billing is Billing.RETAINER else total
