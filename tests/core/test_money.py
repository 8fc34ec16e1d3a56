"""Money is typed as people write it and kept in minor units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    CURRENCIES,
    CurrencyMismatch,
    Money,
    amount_text,
    exponent,
    format_money,
    format_money_range,
    parse_money,
)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("860", "EUR", 86_000),
        ("860.5", "EUR", 86_050),
        ("1 280,50", "EUR", 128_050),
        ("1,280.50", "EUR", 128_050),
        ("1\u202f280", "RUB", 128_000),
        ("14.000.000", "VND", 14_000_000),
        ("1.280", "EUR", 128_000),
        ("1 280 000", "EUR", 128_000_000),
        ("0,05", "EUR", 5),
        ("0", "USD", 0),
    ],
)
def test_what_people_type(text, currency, amount):
    assert parse_money(text, currency) == amount


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-1", "1e3", "abc", "1.2.3", "12,34,5", "NaN", "٣", "1,", "9" * 20, "12.345,6,7"),
        *("0.125", "0,500", "012.345", "1.234,567", "1,000.000", "1000.000", "1,280,50", "12 50", "1  280"),
    ],
)
def test_what_is_no_amount(text):
    with pytest.raises(ValueError, match=r"not an amount|too large"):
        parse_money(text, "EUR")


def test_dong_have_no_decimals():
    with pytest.raises(ValueError, match="not an amount"):
        parse_money("12.34", "VND")


@given(st.integers(0, 10**12), st.sampled_from(CURRENCIES))
def test_what_is_shown_can_be_typed_again(amount, currency):
    assert parse_money(amount_text(amount, currency), currency) == amount
    assert exponent(currency) in {0, 2, 3}


def test_currencies_do_not_mix():
    assert Money(1, "EUR") + Money(2, "EUR") == Money(3, "EUR")
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(2, "USD")


@pytest.mark.parametrize(("amount", "currency", "text"), [(7_000_000, "RUB", "₽70,000"), (1_234, "TRY", "₺12.34")])
def test_known_signs_stand_for_codes(amount, currency, text):
    assert format_money(amount, currency) == text
    assert currency not in format_money(amount, currency, "vi")


@pytest.mark.parametrize(
    ("low", "high", "currency", "locale", "text"),
    [
        (64_000, 146_000, "EUR", "en", "€640–1,460"),
        (26_000_000, 34_000_000, "KZT", "en", "₸260,000–340,000"),
        (64_000, 146_050, "EUR", "en", "€640.00–1,460.50"),
        (64_000, 64_000, "EUR", "en", "€640"),
        (64_000, 146_000, "EUR", "ru", "640–1\xa0460\xa0€"),
        (12_000_000, 15_000_000, "VND", "vi", "12.000.000–15.000.000\xa0₫"),
    ],
)
def test_a_range_has_its_sign_once(low, high, currency, locale, text):
    assert format_money_range(low, high, currency, locale) == text
