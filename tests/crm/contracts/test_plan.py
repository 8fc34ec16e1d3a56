"""Months are counted as people count them, and the plan adds up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contracts.plan import add_months, last_day, periods


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-30", 0, "2026-03-30"),
        ("2027-02-28", 1, "2027-03-28"),
    ],
)
def test_the_same_day_of_a_later_month(day, months, later):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


def test_a_term_from_the_31st_meets_every_month_end():
    found = [f"{first:%d.%m}-{last:%d.%m}" for first, last in periods(date(2026, 1, 31), 4)]
    assert found == ["31.01-27.02", "28.02-30.03", "31.03-29.04", "30.04-30.05"]


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(1, 36))
def test_periods_leave_no_day_out_and_none_twice(start, months):
    found = list(periods(start, months))
    assert found[0][0] == start
    assert found[-1][1] == last_day(start, months)
    assert all(first <= last for first, last in found)
    assert all(before[1] + timedelta(days=1) == after[0] for before, after in pairwise(found))
