"""Words for the periods of a scope, in the current language."""

from __future__ import annotations

from datetime import date, timedelta

from babel.dates import format_date

from core.i18n import babel_locale, current_locale
from core.i18n import gettext as _
from core.templating import show_month
from crm.scopes.periods import Period

UNDONE = "Undone right after it was logged"
"""The reason of a counter-entry nobody typed one for; stored as it reads in English, translated where it is shown."""


def reason_text(reason: str) -> str:
    """A reason as typed; translated if the product gave it."""
    return _("Undone right after it was logged") if reason == UNDONE else reason


def period_name(period: Period) -> str:
    """``June 2026`` of a calendar month, else ``15 Jun to 14 Jul 2026``; ``once`` of what has no period."""
    if period.key == "once":
        return _("once")
    following = period.last + timedelta(days=1)
    if period.first.day == following.day == 1 and period.last.month == period.first.month:
        return show_month(period.first)
    pattern = "d MMM" if period.first.year == period.last.year else "d MMM y"
    return _("%(first)s to %(last)s") % {
        "first": _day(period.first, pattern),
        "last": _day(period.last, "d MMM y"),
    }


def _day(day: date, pattern: str) -> str:
    """Held together: a date is not torn at the end of a line."""
    return format_date(day, pattern, locale=babel_locale(current_locale())).replace(" ", "\N{NO-BREAK SPACE}")
