"""The periods a limit counts in: months and quarters of the term, counted from its first day as the fees are.

A term from 15 June has the months 15 June to 14 July, 15 July to 14 August: as many as are paid for. Days are
calendar days; which one is today depends on where the reader lives, what falls into which period does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from core.errors import Invalid
from core.i18n import gettext as _
from crm.contracts.plan import add_months, last_day
from marketplace.briefs.models import LinePeriod

_MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")
_LENGTH = {LinePeriod.MONTH: 1, LinePeriod.QUARTER: 3}


class Term(NamedTuple):
    """First and last day of a contract."""

    first: date
    last: date

    def nearest(self, day: date) -> date:
        """``day``, or the end of the term it lies beyond."""
        return min(max(day, self.first), self.last)


@dataclass(frozen=True, slots=True)
class Period:
    """``key`` is the month it begins in, ``2026-11``, or ``once``. No two periods of a line begin in one month."""

    key: str
    first: date
    last: date


def term_of(contract: Any) -> Term:
    """The term of anything with ``starts_on``, ``term_months`` and, once in force, ``ends_on``.

    What ended before it began is shown by its first day.
    """
    last = contract.ends_on or last_day(contract.starts_on, contract.term_months)
    return Term(contract.starts_on, max(last, contract.starts_on))


@lru_cache(maxsize=4_096)  # a scope asks the same of each of its lines
def period_of(kind: LinePeriod, term: Term, day: date) -> Period:
    """The period of ``term`` a day falls into; the last one ends with the term."""
    if kind is LinePeriod.ONCE:
        return Period("once", term.first, term.last)
    months = (day.year - term.first.year) * 12 + day.month - term.first.month
    if day < add_months(term.first, months):
        months -= 1
    months -= months % _LENGTH[kind]
    first, following = (add_months(term.first, months + more) for more in (0, _LENGTH[kind]))
    return Period(f"{first:%Y-%m}", first, min(following - timedelta(days=1), term.last))


def period_before(kind: LinePeriod, term: Term, period: Period) -> Period | None:
    """The period before ``period``; ``None`` before the first and for what happens once."""
    if kind is LinePeriod.ONCE or period.first <= term.first:
        return None
    return period_of(kind, term, period.first - timedelta(days=1))


def period_after(kind: LinePeriod, term: Term, period: Period) -> Period | None:
    """The period after ``period``; ``None`` after the last and for what happens once."""
    if kind is LinePeriod.ONCE or period.last >= term.last:
        return None
    return period_of(kind, term, period.last + timedelta(days=1))


def months_of(term: Term, today: date) -> list[Period]:
    """The months of a term that have begun, newest first; of a term to come the first one."""
    found = [period_of(LinePeriod.MONTH, term, term.nearest(today))]
    while before := period_before(LinePeriod.MONTH, term, found[-1]):
        found.append(before)
    return found


def months_beside(month: Period, term: Term, today: date) -> tuple[Period | None, Period | None]:
    """The months before and after ``month`` that a reader can turn to; what has not begun is none of them."""
    following = period_after(LinePeriod.MONTH, term, month)
    if following and following.first > term.nearest(today):
        following = None
    return period_before(LinePeriod.MONTH, term, month), following


def asked_month(text: str | None, term: Term, today: date) -> Period:
    """The month of a term that begins in ``2026-11``; without one today's, or the nearest to it.

    Raises ``Invalid`` on anything else.
    """
    if not text:
        return period_of(LinePeriod.MONTH, term, term.nearest(today))
    match = _MONTH.match(text)
    months = (int(match[1]) - term.first.year) * 12 + int(match[2]) - term.first.month if match else -1
    first = add_months(term.first, months) if months >= 0 else term.last
    if months < 0 or first > term.last:
        raise Invalid(_("Choose a month of the contract."), {"period": _("Choose a month of the contract.")})
    return period_of(LinePeriod.MONTH, term, first)
