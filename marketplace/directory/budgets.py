"""Round amounts a month to choose a budget by: the same few in every currency, by the dated reference rates."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from core.money import exponent
from marketplace.taxonomy.catalogue import load

EUROS = (300, 500, 1000, 2000, 5000)


@lru_cache
def steps(currency: str) -> tuple[int, ...]:
    """Minor units of ``currency``, rising, each about as much as a step in euros and rounded to its first digit."""
    return tuple(_round(euros * load().currency(currency).per_eur, currency) for euros in EUROS)


def _round(amount: Decimal, currency: str) -> int:
    first = Decimal(1).scaleb(amount.adjusted())
    return int((amount / first).to_integral_value(ROUND_HALF_UP) * first.scaleb(exponent(currency)))
