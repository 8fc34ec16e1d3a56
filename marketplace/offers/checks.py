"""Rules that hold for all stored offers; ``postwright check`` names the rows that break one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlmodel import col

from core.db import Session
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.counts import BIDS
from marketplace.offers.models import (
    LIVE,
    TAKEN,
    Billing,
    Offer,
    OfferKind,
    OfferLine,
    OfferMilestone,
    OfferStatus,
    OfferVersion,
)

_TO_DECIDE = frozenset({BriefStatus.OPEN, BriefStatus.PAUSED, BriefStatus.CLOSED_TO_OFFERS, BriefStatus.AWARDED})
"""Where a brief's offers are not decided yet; what comes after voids them, drafts too."""


def broken_offers(db: Session) -> list[str]:
    """Offers without their current version, by the wrong side, with wrong sums, or beyond the seats of their brief."""
    current = exists().where(
        col(OfferVersion.offer_id) == Offer.id,
        col(OfferVersion.number) == Offer.number,
        col(OfferVersion.total) == Offer.total,
        col(OfferVersion.currency) == Offer.currency,
    )
    frozen = exists().where(col(OfferVersion.offer_id) == Offer.id, col(OfferVersion.frozen_at).is_(None))
    live, drafted = col(Offer.status).in_(LIVE), col(Offer.status) == OfferStatus.DRAFT
    waits, proposal = col(Offer.turn_id).is_not(None), col(Offer.kind) == OfferKind.PROPOSAL
    elsewhere = exists().where(col(Brief.id) == Offer.brief_id, col(Brief.workspace_id) != Offer.business_id)
    author = case((proposal, col(Offer.specialist_id)), else_=col(Offer.business_id))
    rules: list[tuple[str, Any]] = [
        ("has no current version, or another total", ~current),
        ("is on the table unfrozen", col(Offer.sent_at).is_not(None) & frozen),
        ("is live but waits for nobody", live & ~waits & ~col(Offer.on_board)),
        ("is decided but waits for somebody", ~live & ~drafted & waits),
        ("is a proposal to no brief, or a hire to one", proposal != col(Offer.brief_id).is_not(None)),
        ("is to a brief of another client", elsewhere),
        ("is not by the side that makes such offers", author.is_distinct_from(col(Offer.author_id))),
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


def briefs_follow_their_seats(db: Session) -> list[str]:
    """A brief is awarded exactly while its seats are taken and a contract is waited for, and filled once none is."""
    taken = func.count(col(Offer.id))
    filled = func.count(case((col(Offer.status) == OfferStatus.CONVERTED, 1))) >= col(Brief.seats)
    awarded = and_(taken >= col(Brief.seats), ~filled)
    rows = db.rows(
        select(col(Brief.id), col(Brief.status), col(Brief.seats), taken.label("taken"))
        .join(Offer, (col(Offer.brief_id) == Brief.id) & col(Offer.status).in_(TAKEN), isouter=True)
        .group_by(col(Brief.id), col(Brief.status), col(Brief.seats))
        .having(
            or_(
                (col(Brief.status) == BriefStatus.AWARDED) != awarded,
                (col(Brief.status) == BriefStatus.FILLED) != filled,
            )
        )
    )
    return [f"brief {row.id}: {row.status} with {row.taken} of {row.seats} seats taken" for row in rows]


def briefs_count_their_offers(db: Session) -> list[str]:
    """A brief knows how many specialists sent it an offer they did not take back, whatever became of it."""
    bidders = func.count(col(Offer.author_id).distinct())
    rows = db.rows(
        select(col(Brief.id), col(Brief.offer_count), bidders.label("bidders"))
        .join(Offer, and_(col(Offer.brief_id) == Brief.id, *BIDS), isouter=True)
        .group_by(col(Brief.id), col(Brief.offer_count))
        .having(bidders != col(Brief.offer_count))
    )
    return [f"brief {row.id}: counts {row.offer_count} offers, got {row.bidders}" for row in rows]


def offers_wait_for_their_brief(db: Session) -> list[str]:
    """Only a brief that is not over has undecided offers, and they stand by exactly while it is awarded."""
    live, undecided = col(Offer.status).in_(LIVE), col(Offer.status).in_([OfferStatus.DRAFT, *LIVE])
    stands_by = live & func.coalesce(col(Brief.status) == BriefStatus.AWARDED, False)
    rows = db.rows(
        select(col(Offer.id), col(Offer.status), col(Offer.on_standby), col(Brief.status).label("brief"))
        .join(Brief, col(Brief.id) == Offer.brief_id, isouter=True)
        .where(
            or_(
                and_(undecided, col(Brief.status).not_in(_TO_DECIDE)),
                col(Offer.on_standby) != stands_by,
            )
        )
    )
    return [
        f"offer {row.id}: {row.status}{' on standby' if row.on_standby else ''}, its brief {row.brief or 'none'}"
        for row in rows
    ]


INVARIANTS = (broken_offers, briefs_follow_their_seats, briefs_count_their_offers, offers_wait_for_their_brief)
