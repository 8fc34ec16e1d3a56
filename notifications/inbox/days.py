"""Notices under the days they came on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from core.i18n import gettext as _
from core.templating import show_date, zone
from notifications.inbox.queries import Line


def by_day(lines: Sequence[Line], now: datetime, zone_name: str) -> list[tuple[str, list[Line]]]:
    """Lines, newest first, grouped by the reader's calendar day; each group with its heading."""
    place = zone(zone_name)
    today = now.astimezone(place).date()
    grouped = groupby(lines, key=lambda line: line.created_at.astimezone(place).date())
    return [(_heading(day, today), list(members)) for day, members in grouped]


def _heading(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    return _("Yesterday") if day == today - timedelta(days=1) else show_date(day)
