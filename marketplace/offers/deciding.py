"""Verbs on an offer that lies on the table (§3.2): read, counter, accept, decline, withdraw."""

from __future__ import annotations

from uuid import UUID

from accounts.viewers import Viewer, require_verified
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid
from core.events import record
from core.i18n import gettext as _
from core.states import amend, move
from marketplace.briefs import queries as brief_queries
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers import counts, guards, queries
from marketplace.offers.board import fit_of
from marketplace.offers.difference import is_an_answer
from marketplace.offers.models import TAKEN, Offer, OfferStatus
from marketplace.offers.outcomes import address, stand_by, take
from marketplace.offers.schemas import AnswerInput, DeclineInput
from marketplace.offers.terms import check, end_of, resolve, total_of, write_version

MOST_ROUNDS = 5
_ACCEPTING = (BriefStatus.OPEN, BriefStatus.CLOSED_TO_OFFERS)


def view(db: Session, offer: Offer, *, by: Viewer) -> None:
    """Note that the recipient read a sent offer; otherwise, or a second time, nothing happens."""
    db.refresh(offer, with_for_update=True)
    if offer.status is OfferStatus.SENT and offer.turn_id == by.workspace_id:
        now = db.now()
        move(db, offer, OfferStatus.VIEWED, viewed_at=now, updated_at=now)
        record(db, "offer.viewed", offer, by=by, other=offer.author_id, **address(db, offer))


def counter(db: Session, offer: Offer, data: AnswerInput, *, by: Viewer) -> Offer:
    """The recipient answers with changed terms, at most five times; then it is the author's turn.

    Raises ``Conflict`` (not your turn, old version, expired, sixth round, on standby) or ``Invalid`` (nothing
    changed, terms).
    """
    brief = take(db, offer)
    require_counter(offer, data.number, by=by)
    guards.require_time(db, offer, brief)
    _replace(db, offer, data, OfferStatus.COUNTERED, by=by, rounds=offer.rounds + 1)
    record(db, "offer.countered", offer, by=by, other=offer.author_id, number=offer.number, **address(db, offer))
    return offer


def require_counter(offer: Offer, number: int, *, by: Viewer) -> None:
    """Whether ``by`` may answer version ``number`` with other terms now. Raises ``Conflict``."""
    guards.require_turn(offer, by, number)
    guards.require_running(offer)
    if offer.status is OfferStatus.COUNTERED:
        raise Conflict(_("This is your own offer: send a revision, or accept the counter-offer."))
    if offer.rounds >= MOST_ROUNDS:
        raise Conflict(_("There were five counter-offers. Accept, or decline."), code="rounds")


def require_revision(offer: Offer, number: int, *, by: Viewer) -> None:
    """Whether ``by`` may answer the counter-offer of version ``number`` now. Raises ``Conflict``."""
    guards.require_turn(offer, by, number)
    guards.require_running(offer)
    guards.require_author(offer, by)


def revise(db: Session, offer: Offer, data: AnswerInput, *, by: Viewer) -> Offer:
    """The author answers a counter-offer with a new version. Raises as ``counter``."""
    brief = take(db, offer)
    require_revision(offer, data.number, by=by)
    guards.require_time(db, offer, brief)
    _replace(db, offer, data, OfferStatus.SENT, by=by, viewed_at=None)
    record(db, "offer.revised", offer, by=by, other=offer.turn_id, number=offer.number, **address(db, offer))
    return offer


def _replace(db: Session, offer: Offer, data: AnswerInput, to: OfferStatus, *, by: Viewer, **changes: object) -> None:
    """Put a new version on the table; the clock starts again and the turn goes to the other side."""
    require_verified(by)
    old = queries.current_version(db, offer)
    if data.currency != old.currency:
        text = _("This offer is in %(currency)s.") % {"currency": old.currency}
        raise Invalid(text, {"currency": text})
    lines = resolve(data, brief_queries.lines_of(db, offer.brief_id) if offer.brief_id else None)
    check(data, lines, by.today(db.now()))
    new = write_version(db, offer, data, lines, number=offer.number + 1, by=by, freeze=True)
    if not is_an_answer(db, old, new):
        raise Invalid(_("Nothing changed. Change a line or the price, or accept the offer."))
    _note_client(db, offer, by)
    move(
        db,
        offer,
        to,
        number=new.number,
        total=total_of(data),
        valid_until=end_of(data.valid_until),
        warned_at=None,
        needs_confirmation=False,
        turn_id=_other(offer, by),
        answered_at=db.now(),
        updated_at=db.now(),
        **changes,
    )


def accept(db: Session, offer: Offer, number: int, *, by: Viewer) -> Offer:
    """Accept version ``number``. Deal and contract follow in the same transaction; of many callers one succeeds.

    Raises ``Conflict`` (not your turn, old version, expired, start past, on standby, terms to confirm,
    brief closed) or ``Forbidden`` (role, both sides one person).
    """
    guards.require_manager(by)
    require_verified(by)
    brief = take(db, offer)
    if offer.on_board and offer.specialist_id in (None, by.workspace_id):
        _take_up(db, offer, number, by=by)
        return offer
    guards.require_turn(offer, by, number)
    other = offer.specialist_id if by.workspace_id == offer.business_id else offer.business_id
    assert other is not None  # only offers of the board have no specialist yet
    guards.require_stranger(db, by, other)
    if offer.needs_confirmation:
        raise Conflict(_("The brief changed. The author has to confirm the offer first."), code="unconfirmed")
    _settle(db, offer, brief, by=by, other=other)
    return offer


def take_up(db: Session, offer: Offer, number: int, *, by: Viewer) -> Offer:
    """A qualified specialist accepts an offer of the board; the first one gets it. Raises as ``accept``."""
    guards.require_manager(by)
    require_verified(by)
    take(db, offer)
    _take_up(db, offer, number, by=by)
    return offer


def _take_up(db: Session, offer: Offer, number: int, *, by: Viewer) -> None:
    if not offer.on_board or offer.status is not OfferStatus.SENT or offer.specialist_id is not None:
        raise Conflict(_("Somebody else took this offer up, or it was withdrawn."), code="taken")
    guards.require_newest(offer, number)
    if not by.is_specialist:
        raise Forbidden(_("Only specialists take up offers of the board."))
    guards.require_stranger(db, by, offer.business_id)
    profile = guards.require_profile(db, by.workspace_id)
    if not fit_of(profile, queries.lines_of(db, queries.current_version(db, offer).id)).qualified:
        text = _("Your profile covers too little of this offer. Add what you can do to it.")
        raise Conflict(text, code="unqualified")
    _settle(db, offer, None, by=by, other=offer.business_id, specialist_id=by.workspace_id)


def _settle(db: Session, offer: Offer, brief: Brief | None, *, by: Viewer, other: UUID, **changes: object) -> None:
    """One acceptance: the offer, the brief's seats, rivals, and everything that reacts to ``offer.accepted``."""
    guards.require_running(offer)
    now = db.now()
    guards.require_time(db, offer, brief)
    if brief is not None and brief.status not in _ACCEPTING:
        raise Conflict(_("The brief is not open now, so nothing can be accepted."), code="brief_closed")
    guards.require_start(offer, queries.current_version(db, offer), by.today(now))
    move(db, offer, OfferStatus.ACCEPTED, accepted_at=now, answered_at=now, updated_at=now, turn_id=None, **changes)
    if brief is not None and counts.count_in(db, brief.id, *TAKEN) >= brief.seats:
        briefs.award(db, brief)
        stand_by(db, brief.id)
    record(db, "offer.accepted", offer, by=by, other=other, number=offer.number, **address(db, offer))


def decline(db: Session, offer: Offer, data: DeclineInput, *, by: Viewer) -> Offer:
    """The recipient says no, with a reason. Raises ``Conflict`` when it is not theirs to decline."""
    take(db, offer)
    guards.require_live(offer)
    if by.workspace_id == offer.author_id or offer.specialist_id is None:
        raise Conflict(_("Only the side that received the offer can decline it."))
    _note_client(db, offer, by)
    now = db.now()
    move(
        db,
        offer,
        OfferStatus.DECLINED,
        decline_reason=data.reason,
        decline_note=data.note,
        answered_at=now,
        updated_at=now,
        turn_id=None,
        on_standby=False,
    )
    said = {"reason": data.reason.value, "note": data.note}
    record(db, "offer.declined", offer, by=by, other=offer.author_id, **said, **address(db, offer))
    return offer


def withdraw(db: Session, offer: Offer, *, by: Viewer) -> None:
    """The author takes the offer back, or throws a draft away. Raises ``Conflict`` once it is decided."""
    brief = take(db, offer)
    guards.require_author(offer, by)
    draft = offer.status is OfferStatus.DRAFT
    if not draft:
        guards.require_live(offer)
    move(db, offer, OfferStatus.WITHDRAWN, updated_at=db.now(), turn_id=None, on_standby=False)
    if brief is not None and not draft:
        briefs.note_withdrawal(db, brief, bidders=counts.count_bidders(db, brief.id))
    record(db, "offer.withdrawn", offer, by=by, other=None if draft else _other(offer, by), **address(db, offer))


def confirm(db: Session, offer: Offer, *, by: Viewer) -> None:
    """The author says that the offer stands although the brief changed. Raises ``Conflict`` if nobody asked."""
    take(db, offer)
    guards.require_author(offer, by)
    guards.require_live(offer)
    if not offer.needs_confirmation:
        raise Conflict(_("There is nothing to confirm. Reload the page."))
    amend(db, offer, needs_confirmation=False, updated_at=db.now())
    record(db, "offer.confirmed", offer, by=by, other=_other(offer, by), **address(db, offer))


def _note_client(db: Session, offer: Offer, by: Viewer) -> None:
    """A client who deals with offers is there: the brief's thirty days start anew."""
    if offer.brief_id is not None and by.workspace_id == offer.business_id:
        briefs.note_action(db, offer.brief_id)


def _other(offer: Offer, by: Viewer) -> UUID | None:
    """The workspace across the table; ``None`` while an offer of the board has no taker."""
    return offer.specialist_id if by.workspace_id == offer.business_id else offer.business_id
