"""Numbers of results in words."""

from __future__ import annotations

import pytest

from marketplace.taxonomy.words import kpi_better, kpi_value


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (24, "24 min"), (60, "1 h"), (110, "1 h 50 min"), (660, "11 h"), (-90, "−1 h 30 min")],
)
def test_a_long_time_is_told_in_hours(minutes, words):
    assert kpi_value(minutes * 1000, "response_time") == words


@pytest.mark.parametrize(
    ("kpi", "before", "after", "better"),
    [
        ("leads", 1, 2, True),
        ("response_time", 1, 2, False),
        ("delivery_vs_scope", 130, 100, True),
        ("delivery_vs_scope", 90, 150, False),
        ("delivery_vs_scope", 60, 95, True),
    ],
)
def test_better_depends_on_the_direction(kpi, before, after, better):
    assert kpi_better(kpi, before * 1000, after * 1000) is better
