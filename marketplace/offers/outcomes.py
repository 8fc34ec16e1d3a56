"""What follows from a decision: rivals stand by or live again, offers become contracts, lapse, or fall away.

Called by other verbs, by contracts and by events of the brief; nobody's role is asked. Lock order: brief, offers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.errors import NotFound
from core.events import record
from core.i18n import gettext as _
from core.states import amend, move
from marketplace.briefs import invitations
from marketplace.briefs import queries as brief_queries
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers import counts, queries
from marketplace.offers.models import LIVE, Offer, OfferStatus
from marketplace.offers.terms import end_of


def take(db: Session, offer: Offer) -> Brief | None:
    """Lock an offer's brief, then the offer, and read both anew: what follows decides on the latest state."""
    brief = briefs.lock(db, offer.brief_id) if offer.brief_id else None
    db.refresh(offer, with_for_update=True)
    return brief


def address(db: Session, offer: Offer) -> dict[str, Any]:
    """What every event of an offer carries for notices: its title, where to read it, and what its mail tells."""
    told: dict[str, Any] = {"title": offer.title, "url": f"/offers/{offer.id}"}
    told["billing"] = queries.current_version(db, offer).billing.value
    told |= {"total": offer.total, "currency": offer.currency}
    if offer.is_live and not offer.on_standby:
        told["valid_until"] = offer.valid_until.date().isoformat()
    return told


def convert(db: Session, offer_id: UUID) -> None:
    """The contract is active: the offer is done, and the brief is filled once all its seats are.

    Raises ``Conflict`` unless the offer is accepted.
    """
    offer, brief = _load(db, offer_id)
    move(db, offer, OfferStatus.CONVERTED, updated_at=db.now())
    _record_for_both(db, "offer.converted", offer)
    if brief is None or brief.status is not BriefStatus.AWARDED:
        return
    if counts.count_in(db, brief.id, OfferStatus.CONVERTED) >= brief.seats:
        briefs.fill(db, brief)


def lapse(db: Session, offer_id: UUID, reason: str) -> None:
    """The contract came to nothing: the brief opens again and rivals live again.

    ``reason``: ``unsigned``, ``declined``, ``void`` or ``unpaid``. Raises ``Conflict`` unless the offer is accepted.
    """
    offer, brief = _load(db, offer_id)
    move(db, offer, OfferStatus.LAPSED, updated_at=db.now())
    _record_for_both(db, "offer.lapsed", offer, reason=reason)
    if brief is not None and brief.status is BriefStatus.AWARDED:
        briefs.reopen_after_lapse(db, brief)
        revive(db, brief.id)


def stand_by(db: Session, brief_id: UUID) -> None:
    """All seats are taken: what is still live waits, in case the chosen one does not sign."""
    for rival in _live(db, brief_id):
        if not rival.on_standby:
            amend(db, rival, on_standby=True, updated_at=db.now())
            record(db, "offer.stood_by", rival, by=None, other=rival.specialist_id, **address(db, rival))


def revive(db: Session, brief_id: UUID) -> None:
    """A seat is free again: waiting offers can be accepted again, for as long as was left when they began to wait."""
    award = brief_queries.last_award(db, brief_id)
    if award is not None:
        give_back_time(db, brief_id, award.at)
    for rival in _live(db, brief_id):
        if rival.on_standby:
            amend(db, rival, on_standby=False, updated_at=db.now())
            also = str(rival.business_id)
            record(db, "offer.revived", rival, by=None, other=rival.specialist_id, also=also, **address(db, rival))


def void_all(db: Session, brief_id: UUID, reason: str) -> None:
    """The brief is over: no offer to it can be accepted any more. Nobody's record suffers.

    ``reason``: ``brief_cancelled``, ``brief_expired`` or ``brief_filled``.
    """
    for offer in _live(db, brief_id, OfferStatus.DRAFT):
        move(db, offer, OfferStatus.VOIDED, turn_id=None, on_standby=False, updated_at=db.now())
        record(db, "offer.voided", offer, by=None, other=offer.specialist_id, reason=reason, **address(db, offer))


def void_of(db: Session, workspace_id: UUID) -> None:
    """One side's workspace is closed: its undecided offers hold no longer, and the other side hears of it."""
    for offer_id in queries.list_live(db, workspace_id):
        offer, _brief = _load(db, offer_id)
        if offer.is_live:
            move(db, offer, OfferStatus.VOIDED, turn_id=None, on_standby=False, updated_at=db.now())
            _record_for_both(db, "offer.voided", offer, reason="suspended")


def ask_confirmation(db: Session, brief_id: UUID) -> None:
    """Scope or budget of the brief changed: authors confirm that their offer stands, or withdraw it."""
    for offer in _live(db, brief_id):
        if not offer.needs_confirmation:
            amend(db, offer, needs_confirmation=True, updated_at=db.now())
            record(db, "offer.confirmation_asked", offer, by=None, other=offer.author_id, **address(db, offer))


def tell_bidders(db: Session, brief_id: UUID, kind: str) -> None:
    """Something happened to the brief that everybody with an undecided offer should know: ``kind`` says what."""
    for offer in _live(db, brief_id):
        record(db, kind, offer, by=None, other=offer.author_id, **address(db, offer))


def keep_bidders_in(db: Session, brief_id: UUID) -> None:
    """Fewer people see the brief from now on; those with an undecided offer still do."""
    for offer in _live(db, brief_id):
        invitations.keep_in(db, brief_id, offer.author_id)


def give_back_time(db: Session, brief_id: UUID, since: datetime) -> None:
    """Clocks stood still ``since`` then: validity grows by that time, or by as much as the version has known.

    It ends with a day as ever, the one in which that time is over: the day that is named can be used to its end.
    """
    for offer in _live(db, brief_id):
        frozen_at = queries.current_version(db, offer).frozen_at
        stood = db.now() - max(since, frozen_at or since)
        amend(db, offer, valid_until=end_of((offer.valid_until + stood).date()), warned_at=None)


def _live(db: Session, brief_id: UUID, *more: OfferStatus) -> Iterable[Offer]:
    """Undecided offers to a brief, locked, oldest first."""
    return db.scalars(
        select(Offer)
        .where(col(Offer.brief_id) == brief_id, col(Offer.status).in_([*LIVE, *more]))
        .order_by(col(Offer.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _load(db: Session, offer_id: UUID) -> tuple[Offer, Brief | None]:
    offer = db.get(Offer, offer_id)
    if offer is None:
        raise NotFound(_("There is no such offer here."))
    return offer, take(db, offer)


def _record_for_both(db: Session, kind: str, offer: Offer, **data: Any) -> None:
    told = {"also": str(offer.business_id), **address(db, offer), **data}
    record(db, kind, offer, by=None, other=offer.specialist_id, **told)
