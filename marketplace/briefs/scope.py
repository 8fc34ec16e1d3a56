"""What a scope costs in hours and money: pure arithmetic over lines. Formulas: docs of the trade §2.4."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Protocol

from core.money import exponent
from marketplace.briefs.models import LineOwner, LinePeriod
from marketplace.taxonomy.catalogue import load

USUAL_TERM = 6
"""Months over which one-off work is spread while no term is set."""
TOO_LOW = Decimal("0.6")
LOW = Decimal("0.9")
RATES_NEEDED = 5
"""Fewer hourly floors than this say nothing about a market, so no price is shown."""


class Line(Protocol):
    """What counts of a brief's line, stored or typed."""

    @property
    def responsibility(self) -> str: ...
    @property
    def limit(self) -> int | None: ...
    @property
    def period(self) -> LinePeriod: ...
    @property
    def owner(self) -> LineOwner: ...


class Verdict(StrEnum):
    """What the budget says beside the hours."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Realism:
    """``share`` of the usual price the budget reaches, rounded to be shown.

    ``price`` in minor units a month of the brief's currency.
    """

    share: Decimal
    price: int
    verdict: Verdict


def monthly_minutes(lines: Iterable[Line], term_months: int | None) -> int:
    """Norm minutes a month of what the specialist does.

    Shared lines count half; quarterly ones a third; one-off ones are spread over the term. A line without a limit
    counts with the usual limit of its responsibility.
    """
    total = Decimal(0)
    for line in lines:
        duty = load().responsibilities.get(line.responsibility)
        if duty is None or line.owner not in (LineOwner.SPECIALIST, LineOwner.SHARED):
            continue
        minutes = Decimal(duty.norm_minutes) * (duty.default_limit if line.limit is None else line.limit)
        months = {LinePeriod.MONTH: 1, LinePeriod.QUARTER: 3, LinePeriod.ONCE: term_months or USUAL_TERM}[line.period]
        total += minutes / months / (2 if line.owner is LineOwner.SHARED else 1)
    return int(total.to_integral_value(ROUND_HALF_UP))


def from_euro_cents(cents: Decimal, currency: str) -> int:
    """Euro cents in minor units of ``currency`` by the catalogue's dated reference rates; only for comparing."""
    amount = cents / 100 * load().currency(currency).per_eur
    return int(amount.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_UP))


def realism(budget: int | None, currency: str, minutes: int, hourly_eur: Decimal | None) -> Realism | None:
    """Budget ÷ (scope hours × reference rate): below 0.6 red, below 0.9 amber.

    ``budget``: minor units a month; ``hourly_eur``: euro cents an hour. ``None`` while a part of it is not known.
    """
    if not budget or not minutes or not hourly_eur:
        return None
    price = from_euro_cents(hourly_eur * minutes / 60, currency)
    if price <= 0:
        return None
    share = Decimal(budget) / price
    verdict = Verdict.RED if share < TOO_LOW else Verdict.AMBER if share < LOW else Verdict.GREEN
    whole = 10 ** exponent(currency)
    shown = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Realism(shown, max(1, round(price / whole)) * whole, verdict)
