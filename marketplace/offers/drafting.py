"""Writing an offer and putting it on the table (§3.2, draft → sent)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.viewers import Viewer, require_verified
from core.db import Session
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from core.states import amend, move
from marketplace.briefs import queries as brief_queries
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers import counts, guards, queries
from marketplace.offers.models import LIVE, Offer, OfferKind, OfferStatus, OfferVersion
from marketplace.offers.outcomes import address, take
from marketplace.offers.schemas import HireInput, ProposalInput, Terms
from marketplace.offers.terms import (
    Resolved,
    check,
    end_of,
    resolve,
    rewrite_version,
    terms_of,
    total_of,
    write_version,
)
from marketplace.profiles import queries as profiles
from marketplace.profiles.models import ProfileStatus


def propose(db: Session, brief_id: UUID, data: ProposalInput, *, by: Viewer) -> Offer:
    """A specialist's offer to an open brief, sent or kept as a draft.

    Raises ``Conflict`` (brief not open, second offer, no published profile), ``Forbidden`` (own brief, address not
    confirmed) or ``Invalid`` (terms).
    """
    brief = briefs.lock(db, brief_id)
    guards.require_first(db, brief.id, by.workspace_id)
    lines = _check_proposal(db, brief, data, by=by, send=data.send)
    offer = _begin(
        db,
        data,
        by=by,
        kind=OfferKind.PROPOSAL,
        brief_id=brief.id,
        specialist_id=by.workspace_id,
        business_id=brief.workspace_id,
        title=brief.title,
    )
    version = write_version(db, offer, data, lines, number=1, by=by, freeze=False)
    return _finish(db, offer, version, brief, by=by, send=data.send)


def hire(db: Session, data: HireInput, *, by: Viewer) -> Offer:
    """A business's fixed terms, to one specialist or on the board, sent or kept as a draft. Raises as ``propose``."""
    specialist_id = _addressee(db, data)
    lines = _check_hire(db, data, specialist_id, by=by, send=data.send)
    offer = _begin(
        db,
        data,
        by=by,
        kind=OfferKind.HIRE,
        specialist_id=specialist_id,
        business_id=by.workspace_id,
        on_board=data.on_board,
        title=data.title,
    )
    version = write_version(db, offer, data, lines, number=1, by=by, freeze=False)
    return _finish(db, offer, version, None, by=by, send=data.send)


def redraft(db: Session, offer: Offer, data: ProposalInput | HireInput, *, by: Viewer) -> Offer:
    """Overwrite a draft, and send it if ``data.send``. Raises as ``propose``; ``Conflict`` if it was sent."""
    brief = take(db, offer)
    _require_draft(offer, by)
    changes: dict[str, Any] = {}
    if isinstance(data, HireInput):
        specialist_id = _addressee(db, data)
        lines = _check_hire(db, data, specialist_id, by=by, send=data.send)
        changes = {"specialist_id": specialist_id, "on_board": data.on_board, "title": data.title}
    else:
        assert brief is not None
        lines = _check_proposal(db, brief, data, by=by, send=data.send)
    version = queries.current_version(db, offer)
    rewrite_version(db, version, data, lines, by=by)
    amend(db, offer, **changes, **_copies(data), updated_at=db.now())
    return _finish(db, offer, version, brief, by=by, send=data.send)


def send(db: Session, offer: Offer, *, by: Viewer) -> None:
    """Put a draft on the table as it is. Raises as ``propose``."""
    brief = take(db, offer)
    _require_draft(offer, by)
    version = queries.current_version(db, offer)
    terms = terms_of(db, version)
    if brief is not None:
        _check_proposal(db, brief, terms, by=by, send=True)
    else:
        _check_hire(db, terms, offer.specialist_id, by=by, send=True)
    _put_on_table(db, offer, version, brief, by=by)


def _check_proposal(db: Session, brief: Brief, terms: Terms, *, by: Viewer, send: bool) -> list[Resolved]:
    """Everything that can be wrong with a proposal, before anything is written. ``NotFound``: a brief not shown."""
    brief_queries.find_visible(db, by, brief.id)
    guards.require_stranger(db, by, brief.workspace_id)
    if brief.status is not BriefStatus.OPEN:
        raise Conflict(_("This brief takes no offers now."), code="brief_closed")
    if terms.currency != brief.currency:
        text = _("Offers to this brief are in %(currency)s.") % {"currency": brief.currency}
        raise Invalid(text, {"currency": text})
    lines = resolve(terms, brief_queries.lines_of(db, brief.id))
    if send:
        require_verified(by)
        guards.require_profile(db, by.workspace_id)
        check(terms, lines, by.today(db.now()))
        guards.require_own_words(db, by.workspace_id, brief.id, terms.message)
    return lines


def _check_hire(db: Session, terms: Terms, specialist_id: UUID | None, *, by: Viewer, send: bool) -> list[Resolved]:
    if specialist_id is not None:
        guards.require_stranger(db, by, specialist_id)
    lines = resolve(terms, None)
    if send:
        require_verified(by)
        if specialist_id is not None:
            _require_public(db, specialist_id)
        check(terms, lines, by.today(db.now()), on_board=specialist_id is None)
    return lines


def _require_public(db: Session, specialist_id: UUID) -> None:
    profile = profiles.profile_of(db, specialist_id)
    if profile is None or profile.status is not ProfileStatus.PUBLISHED:
        text = _("This profile is not public any more, so nothing can be sent to it. Choose somebody else.")
        raise Invalid(text, {"to": text})


def _addressee(db: Session, data: HireInput) -> UUID | None:
    if bool(data.to) == data.on_board:
        text = _("Name one specialist, or put the offer on the board.")
        raise Invalid(text, {"to": text})
    if not data.to:
        return None
    profile = profiles.find_published(db, data.to)
    if profile is None:
        text = _("There is no published profile with this address.")
        raise Invalid(text, {"to": text})
    return profile.workspace_id


def _require_draft(offer: Offer, by: Viewer) -> None:
    if offer.author_id != by.workspace_id:
        raise NotFound(_("There is no such offer here."))
    if offer.status is not OfferStatus.DRAFT:
        raise Conflict(_("This offer was sent already. Reload the page."))


def _begin(db: Session, terms: Terms, *, by: Viewer, **facts: Any) -> Offer:
    offer = Offer(
        author_id=by.workspace_id,
        created_by=by.user_id,
        created_at=db.now(),
        updated_at=db.now(),
        **_copies(terms),
        **facts,
    )
    db.add(offer)
    db.flush()
    return offer


def _copies(terms: Terms) -> dict[str, Any]:
    """What lists show of the current version."""
    return {"currency": terms.currency, "total": total_of(terms), "valid_until": end_of(terms.valid_until)}


def _finish(db: Session, offer: Offer, version: OfferVersion, brief: Brief | None, *, by: Viewer, send: bool) -> Offer:
    if send:
        _put_on_table(db, offer, version, brief, by=by)
    else:
        record(db, "offer.drafted", offer, by=by, **address(db, offer))
    return offer


def _put_on_table(db: Session, offer: Offer, version: OfferVersion, brief: Brief | None, *, by: Viewer) -> None:
    now = db.now()
    other = offer.business_id if offer.kind is OfferKind.PROPOSAL else offer.specialist_id
    version.frozen_at = now
    move(db, offer, OfferStatus.SENT, sent_at=now, updated_at=now, turn_id=other, warned_at=None)
    if brief is not None:
        on_table, bidders = counts.count_in(db, brief.id, *LIVE), counts.count_bidders(db, brief.id)
        briefs.note_offer(db, brief, on_table=on_table, bidders=bidders)
    record(db, "offer.sent", offer, by=by, other=other, number=offer.number, **address(db, offer))
