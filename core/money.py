"""Money is an integer of minor units and a currency; arithmetic and formatting live here alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Self

from babel.numbers import format_currency, get_currency_symbol

from core.i18n import babel_locale, current_locale

# ISO 4217 exponents. Babel's table differs for some (it shows UZS, RSD … without minor digits).
EXPONENTS = {"VND": 0, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}
CURRENCIES = ("EUR", "USD", "GBP", "RUB", "VND", "UAH", "KZT", "GEL", "AMD", "TRY", "PLN", "RSD", "THB")
SIGNS = {"RUB": "₽", "KZT": "₸", "UAH": "₴", "TRY": "₺", "GEL": "₾"}
"""Signs people know, where Babel writes the code in a foreign language; all are in our fonts for screen or PDF."""
LARGEST = 10**12


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one sum."""


def exponent(currency: str) -> int:
    """How many minor digits ``currency`` has."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` minor units of ``currency``."""

    amount: int
    currency: str

    def __add__(self, other: Self) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} + {other.currency}")
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return format_money(self.amount, self.currency)


def major(amount: int, currency: str) -> Decimal:
    """Minor units as a decimal number of the currency's main unit."""
    return Decimal(amount).scaleb(-exponent(currency))


def format_money(amount: int, currency: str, locale: str | None = None) -> str:
    """``128000, "EUR"`` → ``€1,280.00``; whole amounts lose their zeros: ``€1,280``."""
    return _money_text(amount, currency, locale or current_locale())


@lru_cache(maxsize=20_000)
def _money_text(amount: int, currency: str, code: str) -> str:
    return _written(amount, currency, code, _pattern(code), whole=_is_whole(amount, currency))


def format_money_range(low: int, high: int, currency: str, locale: str | None = None) -> str:
    """``64000, 146000, "EUR"`` → ``€640–1,460``: the sign stands once, where the locale puts it."""
    return _range_text(low, high, currency, locale or current_locale())


@lru_cache(maxsize=5_000)
def _range_text(low: int, high: int, currency: str, code: str) -> str:
    if low == high:
        return _money_text(low, currency, code)
    pattern = _pattern(code)
    bare = pattern.replace("¤", "").strip()
    patterns = (pattern, bare) if pattern.startswith("¤") else (bare, pattern)
    whole = _is_whole(low, currency) and _is_whole(high, currency)
    return "–".join(
        _written(amount, currency, code, pattern, whole=whole)
        for amount, pattern in zip((low, high), patterns, strict=True)
    )


def _pattern(code: str) -> str:
    pattern: str = babel_locale(code).currency_formats["standard"].pattern
    return pattern


def _is_whole(amount: int, currency: str) -> bool:
    value = major(amount, currency)
    return value == value.to_integral_value()


def _written(amount: int, currency: str, code: str, pattern: str, *, whole: bool) -> str:
    if whole:
        pattern = pattern.replace("0.00", "0")
    value, locale = major(amount, currency), babel_locale(code)
    text = format_currency(value, currency, format=pattern, locale=locale, currency_digits=not whole)
    return text.replace(f"{currency}\xa0", sign).replace(currency, sign) if (sign := SIGNS.get(currency)) else text


def currency_symbol(currency: str) -> str:
    """The sign shown beside an amount in the current locale."""
    return SIGNS.get(currency) or get_currency_symbol(currency, locale=babel_locale(current_locale()))


MOST_SIGNS = 40
"""Signs in the longest amount that can be meant; a million digits take seconds to read."""


_SPACED = re.compile(r"-?[1-9][0-9]{0,2}(\s[0-9]{3})+([.,][0-9]+)?")
WAYS = (r"([0-9]+)([.,])?", r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(,)?", r"([1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.)?")
"""Whole units, without thousands or with them set off by dots or by commas, and what begins the minor digits then."""


def ungrouped(text: str) -> str:
    """What was typed, without blanks around it or between groups of thousands: ``12 500,5`` → ``12500,5``."""
    typed = text.strip()
    return re.sub(r"\s", "", typed) if _SPACED.fullmatch(typed) else typed


def parse_money(text: str, currency: str) -> int:
    """What a person typed (``1 280,50``, ``1,280.50``, ``1280``) as minor units.

    Raises ``ValueError`` on anything else, on more minor digits than the currency has, and beyond 10¹².
    """
    typed = ungrouped(text)
    if len(typed) > MOST_SIGNS:
        raise ValueError("too large")
    digits = exponent(currency)
    for way in WAYS:
        found = re.fullmatch(rf"{way}([0-9]{{0,{digits}}})", typed)
        if found and bool(found[2]) == bool(found[3]):
            break
    else:
        raise ValueError("not an amount")
    amount = int(re.sub(r"[.,]", "", found[1]) + found[3].ljust(digits, "0"))
    if amount > LARGEST:
        raise ValueError("too large")
    return amount


def amount_text(amount: int | None, currency: str) -> str:
    """Minor units as a person would type them in a form: ``86000, "EUR"`` → ``860.00``."""
    return "" if amount is None else f"{major(amount, currency):f}"
