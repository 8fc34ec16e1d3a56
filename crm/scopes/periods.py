"""The periods a limit counts in. Days are UTC days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.errors import Invalid
from core.i18n import gettext as _
from marketplace.briefs.models import LinePeriod

_MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")


def period_of(period: LinePeriod, day: date) -> str:
    """The key of the period a day falls into: ``2026-11``, ``2026-Q4`` or ``once``."""
    match period:
        case LinePeriod.MONTH:
            return f"{day:%Y-%m}"
        case LinePeriod.QUARTER:
            return f"{day.year}-Q{(day.month - 1) // 3 + 1}"
        case LinePeriod.ONCE:
            return "once"


def period_before(period: LinePeriod, day: date) -> str | None:
    """The key of the period before the one ``day`` falls into; ``None`` for what happens once."""
    match period:
        case LinePeriod.MONTH:
            return period_of(period, day.replace(day=1) - timedelta(days=1))
        case LinePeriod.QUARTER:
            first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return period_of(period, first - timedelta(days=1))
        case LinePeriod.ONCE:
            return None


def month_start(text: str | None, today: date) -> date:
    """The first day of ``2026-11``; of today's month without one. Raises ``Invalid`` on anything else."""
    if not text:
        return today.replace(day=1)
    match = _MONTH.match(text)
    if match is None:
        raise Invalid(_("Choose a month, for example 2026-11."), {"period": _("Choose a month, for example 2026-11.")})
    return date(int(match.group(1)), int(match.group(2)), 1)


def months_between(first: date, last: date) -> list[date]:
    """First days of every month from ``first`` to ``last``, newest first, at most 36."""
    found: list[date] = []
    month = last.replace(day=1)
    while month >= first.replace(day=1) and len(found) < 36:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
