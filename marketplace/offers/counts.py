"""How many offers a brief has; every SELECT that counts them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from core.db import Session
from marketplace.offers.models import Offer, OfferStatus

BIDS = (col(Offer.sent_at).is_not(None), col(Offer.status) != OfferStatus.WITHDRAWN)
"""An offer its brief counts: it was sent and not taken back."""


def count_in(db: Session, brief_id: UUID, *statuses: OfferStatus) -> int:
    """How many offers to a brief are in ``statuses``."""
    found = select(func.count()).where(col(Offer.brief_id) == brief_id, col(Offer.status).in_(statuses))
    return db.scalar(found) or 0


def count_bidders(db: Session, brief_id: UUID) -> int:
    """How many specialists have sent an offer to a brief and not taken it back."""
    bidders = func.count(col(Offer.author_id).distinct())
    return db.scalar(select(bidders).where(col(Offer.brief_id) == brief_id, *BIDS)) or 0
