"""Prices of different currencies on one scale, for filters and ranking only; nothing is charged by these rates."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from core.money import LARGEST, exponent
from marketplace.taxonomy.catalogue import load


def euro_cents(amount: int, currency: str) -> int:
    """``amount`` minor units of ``currency`` in euro cents by the catalogue's dated reference rates."""
    euros = Decimal(amount).scaleb(-exponent(currency)) / load().currency(currency).per_eur
    return min(LARGEST, int((euros * 100).to_integral_value(ROUND_HALF_UP)))
