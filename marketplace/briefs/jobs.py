"""What the worker does for briefs: tell who fits a new one; warn on day 23 and 28 without an action of the client,
end on day 30; close after the decision day.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from core.clock import over_everywhere
from core.db import Session
from core.jobs import enqueue
from core.states import amend, move
from marketplace.briefs import index, queries
from marketplace.briefs.matching import OURS, match
from marketplace.briefs.models import Brief, BriefStatus, Visibility
from marketplace.briefs.service import close, tell

EXPIRES_AFTER = timedelta(days=30)
WARNINGS = (timedelta(days=23), timedelta(days=28))
FITTING = 0.8
"""Share of a brief's needs from which a profile fits it."""
MOST_TOLD = 20
BATCH = 200
"""Briefs one run deals with at each of its stages; more are left to a run that follows at once."""
_idle = (BriefStatus.OPEN, BriefStatus.CLOSED_TO_OFFERS)


def expire(db: Session, _payload: dict[str, Any]) -> None:
    """Warn, expire and close what is due. Nothing expires without both warnings; running it again changes nothing."""
    full = [_expire_idle(db), *(_warn(db, number) for number in (2, 1)), _close_decided(db)]
    if any(full):
        enqueue(db, "briefs.expire")


def tell_matches(db: Session, payload: dict[str, Any]) -> None:
    """A brief came onto the board: at most twenty specialists whose profiles fit it best hear of it."""
    brief = db.get(Brief, UUID(payload["brief_id"]))
    if brief is None or brief.status is not BriefStatus.OPEN or brief.visibility is not Visibility.PUBLIC:
        return
    lines = queries.lines_of(db, brief.id)
    duties = list({line.responsibility for line in lines if line.owner in OURS})
    likely = queries.likely_matches(db, brief, duties, ceil(len(duties) * FITTING)) if duties else ()
    fits = [(match(profile, brief.platforms, brief.languages, lines), profile) for profile in likely]
    fitting = [(len(fit.hits), profile) for fit, profile in fits if len(fit.hits) >= fit.needs * FITTING]
    best = sorted(fitting, key=lambda found: (-found[0], -found[1].rank, found[1].id))
    for _hits, profile in best[:MOST_TOLD]:
        tell(db, "brief.matched", brief, by=None, other=profile.workspace_id)


def _due(db: Session, *conditions: ColumnElement[bool]) -> list[Brief]:
    statement = select(Brief).where(*conditions).order_by(col(Brief.id)).limit(BATCH)
    locked = statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return list(db.scalars(locked))


def _expire_idle(db: Session) -> bool:
    """Briefs whose client did nothing for 30 days after two warnings; true if there may be more."""
    due = _due(
        db,
        col(Brief.status).in_(_idle),
        col(Brief.last_action_at) <= db.now() - EXPIRES_AFTER,
        col(Brief.warnings_sent) >= len(WARNINGS),
    )
    for brief in due:
        move(db, brief, BriefStatus.EXPIRED, updated_at=db.now())
        index.refresh(db, brief)
        tell(db, "brief.expired", brief, by=None, other=brief.workspace_id)
    return len(due) == BATCH


def _warn(db: Session, number: int) -> bool:
    """The first or second warning, where it is due; true if there may be more."""
    due = _due(
        db,
        col(Brief.status).in_(_idle),
        col(Brief.last_action_at) <= db.now() - WARNINGS[number - 1],
        col(Brief.warnings_sent) == number - 1,
    )
    for brief in due:
        amend(db, brief, warnings_sent=number)
        left = (EXPIRES_AFTER - WARNINGS[number - 1]).days
        tell(db, "brief.expiring", brief, by=None, other=brief.workspace_id, days_left=left)
    return len(due) == BATCH


def _close_decided(db: Session) -> bool:
    """Open briefs whose decision day is over everywhere take no more offers; true if there may be more."""
    due = _due(db, col(Brief.status) == BriefStatus.OPEN, col(Brief.decision_on) < over_everywhere(db.now()))
    for brief in due:
        close(db, brief, by=None)
    return len(due) == BATCH
