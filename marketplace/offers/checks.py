"""Rules that hold for all stored offers; ``postwright check`` names the rows that break one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import col

from core.db import Session
from marketplace.briefs.models import Brief
from marketplace.offers.models import LIVE, TAKEN, Billing, Offer, OfferLine, OfferMilestone, OfferStatus, OfferVersion


def broken_offers(db: Session) -> list[str]:
    """Offers without their current version, with sums that do not add up, or beyond the seats of their brief."""
    current = exists().where(
        col(OfferVersion.offer_id) == Offer.id,
        col(OfferVersion.number) == Offer.number,
        col(OfferVersion.total) == Offer.total,
        col(OfferVersion.currency) == Offer.currency,
    )
    frozen = exists().where(col(OfferVersion.offer_id) == Offer.id, col(OfferVersion.frozen_at).is_(None))
    live, drafted = col(Offer.status).in_(LIVE), col(Offer.status) == OfferStatus.DRAFT
    waits = col(Offer.turn_id).is_not(None)
    rules: list[tuple[str, Any]] = [
        ("has no current version, or another total", ~current),
        ("is on the table unfrozen", col(Offer.sent_at).is_not(None) & frozen),
        ("is live but waits for nobody", live & ~waits & ~col(Offer.on_board)),
        ("is decided but waits for somebody", ~live & ~drafted & waits),
        ("is accepted without a specialist", col(Offer.status).in_(TAKEN) & col(Offer.specialist_id).is_(None)),
    ]
    found = [f"offer {row} {text}" for text, rule in rules for row in db.scalars(select(col(Offer.id)).where(rule))]
    found += [f"offer version {row.id} has lines or milestones that do not add up" for row in db.rows(_sums())]
    return found + [f"brief {row.id} has {row.taken} offers taken for {row.seats} seats" for row in db.rows(_seats())]


def _sums() -> Any:
    """Sent versions whose total is not the sum of their priced lines, or of their milestones."""
    lines = select(func.sum(OfferLine.price)).where(col(OfferLine.version_id) == OfferVersion.id).scalar_subquery()
    parts = (
        select(func.sum(OfferMilestone.amount))
        .where(col(OfferMilestone.version_id) == OfferVersion.id)
        .scalar_subquery()
    )
    by_parts = (col(OfferVersion.billing) == Billing.MILESTONES) & (func.coalesce(parts, -1) != OfferVersion.total)
    by_lines = func.coalesce(lines, OfferVersion.total) != OfferVersion.total
    return select(col(OfferVersion.id)).where(col(OfferVersion.frozen_at).is_not(None), by_parts | by_lines)


def _seats() -> Any:
    taken = func.count(col(Offer.id))
    return (
        select(col(Brief.id), col(Brief.seats), taken.label("taken"))
        .join(Offer, col(Offer.brief_id) == Brief.id)
        .where(col(Offer.status).in_(TAKEN))
        .group_by(col(Brief.id), col(Brief.seats))
        .having(taken > col(Brief.seats))
    )
