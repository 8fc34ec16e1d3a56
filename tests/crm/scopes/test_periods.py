"""The arithmetic of periods and meters."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Invalid
from crm.scopes.csv_file import safe_cell
from crm.scopes.meter import meter_of
from crm.scopes.periods import month_start, months_between, period_before, period_of
from marketplace.briefs.models import LinePeriod

MONTH, QUARTER, ONCE = LinePeriod.MONTH, LinePeriod.QUARTER, LinePeriod.ONCE


@pytest.mark.parametrize(
    ("period", "day", "key", "before"),
    [
        (MONTH, date(2026, 1, 31), "2026-01", "2025-12"),
        (MONTH, date(2024, 2, 29), "2024-02", "2024-01"),
        (MONTH, date(2026, 3, 1), "2026-03", "2026-02"),
        (QUARTER, date(2026, 1, 1), "2026-Q1", "2025-Q4"),
        (QUARTER, date(2026, 12, 31), "2026-Q4", "2026-Q3"),
        (ONCE, date(2026, 6, 1), "once", None),
    ],
)
def test_keys(period, day, key, before):
    assert period_of(period, day) == key
    assert period_before(period, day) == before


@pytest.mark.parametrize(
    ("limit", "cap", "used", "before", "allowance", "state"),
    [
        (12, 0, 3, 2, 12, ""),
        (12, 4, 3, 2, 16, ""),
        (12, 4, 3, 11, 13, ""),
        (12, 4, 12, 15, 12, "full"),
        (12, 4, 3, None, 12, ""),
        (10, 0, 8, None, 10, "near"),
        (10, 0, 11, None, 10, "over"),
        (None, 4, 99, 2, None, ""),
    ],
)
def test_meter(limit, cap, used, before, allowance, state):
    meter = meter_of(limit, cap, used, before)
    assert meter.allowance == allowance
    assert meter.state == state


def test_the_month_asked_for():
    assert month_start(None, date(2026, 6, 17)) == date(2026, 6, 1)
    assert month_start("2025-12", date(2026, 6, 17)) == date(2025, 12, 1)
    for wrong in ("2026-13", "2026", "x", "2026-6", "1999-01"):
        with pytest.raises(Invalid):
            month_start(wrong, date(2026, 6, 17))
    listed = months_between(date(2026, 4, 30), date(2026, 6, 1))
    assert listed == [date(2026, 6, 1), date(2026, 5, 1), date(2026, 4, 1)]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text) == f"'{text}"
