"""Pages of offers: the brief they answer, lists, the page both sides share, decisions."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import Anyone, Manager, Member, SpecialistManager, SpecialistMember
from core.db import Session
from core.i18n import gettext as _
from marketplace.briefs import guide
from marketplace.briefs import queries as briefs
from marketplace.briefs.access import VisibleBrief as ReadableBrief
from marketplace.offers import board, comparison, counts, guards, queries
from marketplace.offers import service as offers
from marketplace.offers.access import VisibleOffer
from marketplace.offers.models import LIVE, TAKEN, DeclineReason, Offer
from marketplace.offers.queries import OfferTab
from marketplace.offers.schemas import DeclineInput, VersionNumber
from marketplace.offers.versions import read_versions
from marketplace.offers.words import whose_turn
from marketplace.profiles import queries as profiles
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages()

VersionForm = Annotated[Submitted[VersionNumber], Depends(form_of(VersionNumber))]
DeclineForm = Annotated[Submitted[DeclineInput], Depends(form_of(DeclineInput))]


@router.get("/briefs/{brief_id}")
def show_brief(request: Request, viewer: Anyone, brief: ReadableBrief, db: DB, key: str = "") -> Response:
    """A brief with the reader's own offer to it, and for its client how many there are to compare."""
    shown = guide.shown(db, viewer, brief, key)
    own = queries.own_proposal(db, viewer, brief.id) if viewer and viewer.is_specialist else None
    compared = counts.count_in(db, brief.id, *LIVE, *TAKEN) if shown["is_owner"] else 0
    return page(request, "marketplace/briefs/show.html", **shown, own=own, compared=compared)


@router.get("/offers")
def index(
    request: Request, viewer: Member, db: DB, tab: OfferTab = OfferTab.MINE, after: str | None = None
) -> Response:
    found = queries.list_offers(db, viewer, tab, after=after)
    return page(request, "marketplace/offers/index.html", found=found, tab=tab.value, tabs=[t.value for t in OfferTab])


@router.get("/offers/board")
def on_board(request: Request, viewer: SpecialistMember, db: DB, after: str | None = None) -> Response:
    return page(request, "marketplace/offers/board.html", found=board.list_board(db, viewer, after=after))


@router.get("/briefs/{brief_id}/offers")
def compare(request: Request, viewer: Member, brief_id: UUID, db: DB) -> Response:
    """The client's comparison. For a specialist the address of a refused proposal, opened again: its form."""
    if viewer.is_specialist:
        brief = briefs.find_visible(db, viewer, brief_id)
        return redirect(request, f"/briefs/{brief.id}/offers/new")
    brief = briefs.find_own(db, viewer, brief_id)
    found = comparison.compare_offers(db, brief)
    return page(request, "marketplace/offers/compare.html", brief=brief, found=found)


@router.get("/offers/{offer_id}")
def show(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    return _show(request, db, offer, viewer, blank())


def _show(
    request: Request, db: Session, offer: Offer, viewer: Any, form: Submitted[Any], status: int = 200
) -> Response:
    sides = queries.sides_of(db, offer)
    versions = read_versions(db, offer)
    open_to_all = offer.on_board and offer.specialist_id is None and viewer.is_specialist
    profile = profiles.profile_of(db, viewer.workspace_id) if open_to_all else None
    return page(
        request,
        "marketplace/offers/show.html",
        status=status,
        offer=offer,
        sides=sides,
        versions=versions,
        history=queries.history_of(db, offer),
        turn=whose_turn(offer, sides, viewer.workspace_id),
        start_past=versions[0].starts_on < viewer.today(db.now()),
        fit=board.fit_of(profile, versions[0].lines) if open_to_all else None,
        reasons=list(DeclineReason),
        form=form,
    )


@router.post("/offers/{offer_id}/viewing")
def view(viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    offers.view(db, offer, by=viewer)
    return Response(status_code=204)


@router.post("/offers/{offer_id}/acceptance")
def accept(request: Request, viewer: Manager, offer: VisibleOffer, db: DB, form: VersionForm) -> Response:
    if form.attempt(db, lambda data: offers.accept(db, offer, data.number, by=viewer)) is None:
        return _show(request, db, offer, viewer, form, 422)
    return redirect(request, f"/offers/{offer.id}", flash=_("Accepted. Check and sign the contract draft."))


@router.post("/offers/{offer_id}/take-up")
def take_up(request: Request, viewer: SpecialistManager, offer: VisibleOffer, db: DB, form: VersionForm) -> Response:
    if form.attempt(db, lambda data: offers.take_up(db, offer, data.number, by=viewer)) is None:
        return _show(request, db, offer, viewer, form, 422)
    return redirect(
        request, f"/offers/{offer.id}", flash=_("It is yours. The contract draft is ready to check and sign.")
    )


@router.post("/offers/{offer_id}/decline")
def decline(request: Request, viewer: Member, offer: VisibleOffer, db: DB, form: DeclineForm) -> Response:
    guards.require_live(offer)  # before anything missing in the form
    if form.error("reason"):
        form.errors["reason"] = _("Choose a reason.")
    if form.attempt(db, lambda data: offers.decline(db, offer, data, by=viewer)) is None:
        return _show(request, db, offer, viewer, form, 422)
    return redirect(request, f"/offers/{offer.id}", flash=_("Declined. The other side was told why."))


@router.post("/offers/{offer_id}/withdrawal")
def withdraw(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    offers.withdraw(db, offer, by=viewer)
    return redirect(request, "/offers?tab=decided", flash=_("Offer withdrawn"))


@router.post("/offers/{offer_id}/confirmation")
def confirm(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    offers.confirm(db, offer, by=viewer)
    return redirect(request, f"/offers/{offer.id}", flash=_("Confirmed. The offer stands."))
