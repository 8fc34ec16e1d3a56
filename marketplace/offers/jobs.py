"""Clocks of offers: a warning 48 hours before the end of validity, then expiry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import col

from core.db import Session
from core.events import record
from core.states import amend, move
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import LIVE, Offer, OfferStatus
from marketplace.offers.outcomes import address

WARNING = timedelta(hours=48)
AT_ONCE = 200
"""Offers a run handles; the next run takes the rest."""


def watch_validity(db: Session, _payload: dict[str, Any]) -> None:
    """Warn both sides of offers that expire within 48 hours, and expire those whose time is over.

    The clock stands still while a brief is paused, and while an offer is on standby.
    """
    now = db.now()
    for offer in _locked(db, _running().where(col(Offer.valid_until) < now)):
        move(db, offer, OfferStatus.EXPIRED, turn_id=None, on_standby=False, updated_at=now)
        record(db, "offer.expired", offer, by=None, other=offer.author_id, **_also(offer), **address(db, offer))
    soon = _running().where(col(Offer.valid_until) < now + WARNING, col(Offer.warned_at).is_(None))
    for offer in _locked(db, soon):
        amend(db, offer, warned_at=now)
        record(db, "offer.expiring", offer, by=None, other=offer.author_id, **_also(offer), **address(db, offer))


def _running() -> Select[Any]:
    return (
        select(Offer)
        .join(Brief, col(Brief.id) == Offer.brief_id, isouter=True)
        .where(col(Offer.status).in_(LIVE), ~col(Offer.on_standby))
        .where(or_(col(Brief.status).is_(None), col(Brief.status) != BriefStatus.PAUSED))
    )


def _locked(db: Session, statement: Select[Any]) -> Sequence[Offer]:
    ordered = statement.order_by(col(Offer.valid_until), col(Offer.id)).limit(AT_ONCE)
    return db.scalars(ordered.with_for_update(of=Offer, skip_locked=True)).all()


def _also(offer: Offer) -> dict[str, str]:
    """The side that is not the author, if there is one yet."""
    other = offer.business_id if offer.author_id == offer.specialist_id else offer.specialist_id
    return {"also": str(other)} if other else {}
