"""Times on pages: the reader's own zone goes unnamed, what others read too names it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.templating import show_datetime, show_moment

AT = datetime(2026, 6, 14, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "own", "named"),
    [
        ("UTC", "14 Jun 2026, 21:30", "14 Jun 2026, 21:30 UTC"),
        ("Asia/Tbilisi", "15 Jun 2026, 01:30", "15 Jun 2026, 01:30 UTC+4"),
        ("Asia/Kolkata", "15 Jun 2026, 03:00", "15 Jun 2026, 03:00 UTC+5:30"),
        ("America/Sao_Paulo", "14 Jun 2026, 18:30", "14 Jun 2026, 18:30 UTC−3"),
        ("Europe/Riga", "15 Jun 2026, 00:30", "15 Jun 2026, 00:30 UTC+3"),
        (None, "14 Jun 2026, 21:30", "14 Jun 2026, 21:30 UTC"),
        ("Not/There", "14 Jun 2026, 21:30", "14 Jun 2026, 21:30 UTC"),
    ],
)
def test_a_time_names_its_zone_only_where_others_read_it_too(zone, own, named):
    assert show_datetime(AT, zone) == own
    assert show_moment(AT, zone) == named
