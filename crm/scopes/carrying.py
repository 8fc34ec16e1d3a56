"""Units that carry over tie two periods together: what the first leaves unused, the second may use.

Work of the first is also logged late. So that both still add up then, units that carried over and were used are not
used again where they came from, and an extra of the second stays beyond its limit.
"""

from __future__ import annotations

from core.db import Session
from core.errors import Invalid
from core.i18n import gettext as _
from crm.contracts.models import ScopeLine
from crm.scopes import queries
from crm.scopes.meter import Meter, meter_of
from crm.scopes.periods import Period, Term, period_after, period_before


def hold(db: Session, line: ScopeLine) -> None:
    """Let nobody else log on a line that carries over until the transaction ends; others need no lock."""
    if line.rollover_cap:
        queries.lock_line(db, line.id)


def allowed_in(db: Session, line: ScopeLine, term: Term, period: Period) -> Meter:
    """The meter of a period with nothing used yet: the limit and what carried over. ``hold`` the line before."""
    before = period_before(line.period, term, period) if line.rollover_cap > 0 else None
    ran = before is not None and line.valid_from <= before.last
    used_before = queries.used_in(db, line.id, before.key) if ran and before else None
    return meter_of(line.limit, line.rollover_cap, 0, used_before)


def require_unspent(db: Session, line: ScopeLine, term: Term, period: Period, *, used: int, quantity: int) -> None:
    """Raise ``Invalid`` if the last ``quantity`` of the ``used`` units carried over and the next period used them."""
    following = _following(line, term, period)
    if following is None or line.limit is None:
        return
    within = queries.used_in(db, line.id, following.key) - queries.units_over(db, line.id, following.key)
    kept = line.limit - max(0, within - line.limit)
    if within > line.limit and used > kept:
        text = _("%(left)s left in this period: what carried over is used in the next one. Log the rest there.")
        sentence = text % {"left": max(0, kept - used + quantity)}
        raise Invalid(sentence, {"quantity": sentence})


def extras_stay_beyond(db: Session, line: ScopeLine, term: Term, period: Period) -> bool:
    """Whether every unit charged as beyond the limit is, in ``period`` and in the one its unused units carry into."""
    for place in (period, _following(line, term, period)):
        allowance = allowed_in(db, line, term, place).allowance if place else None
        if place is None or allowance is None:
            continue
        beyond = max(0, queries.used_in(db, line.id, place.key) - allowance)
        if queries.units_over(db, line.id, place.key, charged=True) > beyond:
            return False
    return True


def _following(line: ScopeLine, term: Term, period: Period) -> Period | None:
    return period_after(line.period, term, period) if line.rollover_cap else None
