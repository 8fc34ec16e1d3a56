"""Pages where terms are written: proposals, hire offers, counter-offers and revisions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import BusinessMember, Member, SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Forbidden
from core.fields import Query
from core.i18n import gettext as _
from marketplace.briefs import queries as briefs
from marketplace.briefs.models import Brief
from marketplace.offers import forms, queries
from marketplace.offers import service as offers
from marketplace.offers.access import VisibleBrief, VisibleOffer
from marketplace.offers.models import Offer, OfferKind, OfferStatus
from marketplace.offers.schemas import AnswerForm, HireForm, ProposalForm
from marketplace.profiles import queries as profiles
from marketplace.profiles.models import ProfileStatus
from web.deps import DB
from web.forms import Submitted, form_of
from web.limits import Limit
from web.responses import page, redirect
from web.routing import pages

router = pages()

Proposal = Annotated[Submitted[ProposalForm], Depends(form_of(ProposalForm))]
Hire = Annotated[Submitted[HireForm], Depends(form_of(HireForm))]
Answer = Annotated[Submitted[AnswerForm], Depends(form_of(AnswerForm))]
KEEP = (Conflict, Forbidden)
"""Said above what was typed: nobody types an offer twice."""


@router.get("/briefs/{brief_id}/offers/new")
def new_proposal(request: Request, viewer: SpecialistMember, brief: VisibleBrief, db: DB) -> Response:
    own = queries.own_proposal(db, viewer, brief.id)
    if own is not None:
        return redirect(request, f"/offers/{own.id}" + ("/edit" if own.status is OfferStatus.DRAFT else ""))
    return _proposal(request, db, viewer, brief, forms.new_proposal(db, brief, viewer.today(db.now())))


@router.post("/briefs/{brief_id}/offers")
def propose(request: Request, viewer: SpecialistMember, brief: VisibleBrief, db: DB, form: Proposal) -> Response:
    if forms.wants_row(form):
        return _proposal(request, db, viewer, brief, form)
    offer = form.attempt(db, lambda data: offers.propose(db, brief.id, data, by=viewer), keep=KEEP)
    if offer is None:
        return _proposal(request, db, viewer, brief, form, status=form.status)
    return _written(request, offer)


@router.get("/offers/new")
def new_hire(request: Request, viewer: BusinessMember, db: DB, to: Query = "") -> Response:
    if not viewer.can_edit:  # a reader would fill in a form nobody takes
        raise Forbidden(_("Your role here does not allow this. Ask an owner of the workspace."), code="role")
    profile = profiles.find_published(db, to) if to else None
    form = forms.new_hire(profile.currency if profile else "EUR", to[:72], viewer.today(db.now()))
    return _hire(request, db, form)


@router.post("/offers", dependencies=[Limit("hire", most=120, seconds=3600)])
def hire(request: Request, viewer: BusinessMember, db: DB, form: Hire) -> Response:
    if forms.wants_row(form):
        return _hire(request, db, form)
    offer = form.attempt(db, lambda data: offers.hire(db, data, by=viewer), keep=KEEP)
    if offer is None:
        return _hire(request, db, form, status=form.status)
    return _written(request, offer)


@router.get("/offers/{offer_id}/edit")
def edit(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    if offer.status is not OfferStatus.DRAFT:
        return redirect(request, f"/offers/{offer.id}")
    return _draft(request, db, viewer, offer, _draft_form(db, offer, viewer))


@router.post("/offers/{offer_id}/sending")
def send(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    """A draft that cannot be sent as it stands is opened with what is wrong beside its fields."""
    form = _draft_form(db, offer, viewer)
    if not form.succeeds(db, lambda _terms: offers.send(db, offer, by=viewer), keep=KEEP):
        return _draft(request, db, viewer, offer, form, status=form.status)
    return redirect(request, f"/offers/{offer.id}", flash=_("Offer sent"))


@router.post("/offers/{offer_id}/proposal")
def edit_proposal(request: Request, viewer: SpecialistMember, offer: VisibleOffer, db: DB, form: Proposal) -> Response:
    brief = _brief_of(db, offer)
    if forms.wants_row(form):
        return _proposal(request, db, viewer, brief, form, offer)
    if form.attempt(db, lambda data: offers.redraft(db, offer, data, by=viewer), keep=KEEP) is None:
        return _proposal(request, db, viewer, brief, form, offer, status=form.status)
    return _written(request, offer)


@router.post("/offers/{offer_id}/hire")
def edit_hire(request: Request, viewer: BusinessMember, offer: VisibleOffer, db: DB, form: Hire) -> Response:
    if forms.wants_row(form):
        return _hire(request, db, form, offer)
    if form.attempt(db, lambda data: offers.redraft(db, offer, data, by=viewer), keep=KEEP) is None:
        return _hire(request, db, form, offer, status=form.status)
    return _written(request, offer)


@router.get("/offers/{offer_id}/counter")
def counter_form(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    offers.require_counter(offer, offer.number, by=viewer)
    form = forms.of_offer(db, offer, viewer.today(db.now()), number=offer.number, message="")
    return _answer(request, db, offer, form, "counter")


@router.post("/offers/{offer_id}/counter")
def counter(request: Request, viewer: Member, offer: VisibleOffer, db: DB, form: Answer) -> Response:
    if forms.wants_row(form):
        return _answer(request, db, offer, form, "counter")
    if form.attempt(db, lambda data: offers.counter(db, offer, data, by=viewer), keep=KEEP) is None:
        return _answer(request, db, offer, form, "counter", status=form.status)
    return redirect(request, f"/offers/{offer.id}", flash=_("Counter-offer sent"))


@router.get("/offers/{offer_id}/revision")
def revision_form(request: Request, viewer: Member, offer: VisibleOffer, db: DB) -> Response:
    offers.require_revision(offer, offer.number, by=viewer)
    form = forms.of_offer(db, offer, viewer.today(db.now()), number=offer.number, message="")
    return _answer(request, db, offer, form, "revision")


@router.post("/offers/{offer_id}/revision")
def revise(request: Request, viewer: Member, offer: VisibleOffer, db: DB, form: Answer) -> Response:
    if forms.wants_row(form):
        return _answer(request, db, offer, form, "revision")
    if form.attempt(db, lambda data: offers.revise(db, offer, data, by=viewer), keep=KEEP) is None:
        return _answer(request, db, offer, form, "revision", status=form.status)
    return redirect(request, f"/offers/{offer.id}", flash=_("New version sent"))


def _draft_form(db: Session, offer: Offer, viewer: Viewer) -> Submitted[Any]:
    """A draft as its form, with what only hire offers say."""
    more: dict[str, Any] = {}
    if offer.kind is OfferKind.HIRE:
        more = {"title": offer.title, "to": _slug_of(db, offer), "on_board": offer.on_board}
    return forms.of_offer(db, offer, viewer.today(db.now()), **more)


def _draft(
    request: Request, db: Session, viewer: Viewer, offer: Offer, form: Submitted[Any], *, status: int = 200
) -> Response:
    if offer.kind is OfferKind.HIRE:
        return _hire(request, db, form, offer, status)
    return _proposal(request, db, viewer, _brief_of(db, offer), form, offer, status)


def _proposal(
    request: Request,
    db: Session,
    viewer: Viewer,
    brief: Brief,
    form: Submitted[Any],
    offer: Offer | None = None,
    status: int = 200,
) -> Response:
    profile = profiles.profile_of(db, viewer.workspace_id)
    values = {
        **forms.choices(briefs.lines_of(db, brief.id)),
        "brief": brief,
        "offer": offer,
        "form": form,
        "published": profile is not None and profile.status is ProfileStatus.PUBLISHED,
    }
    return page(request, "marketplace/offers/proposal.html", status=status, **values)


def _hire(
    request: Request, db: Session, form: Submitted[Any], offer: Offer | None = None, status: int = 200
) -> Response:
    to = str(form.value("to"))
    profile = profiles.find_published(db, to) if to else None
    values = {**forms.choices(), "offer": offer, "form": form, "profile": profile}
    return page(request, "marketplace/offers/hire.html", status=status, **values)


def _answer(
    request: Request, db: Session, offer: Offer, form: Submitted[Any], verb: str, status: int = 200
) -> Response:
    asked = briefs.lines_of(db, offer.brief_id) if offer.brief_id else []
    sides = queries.sides_of(db, offer)
    values = {**forms.choices(asked), "offer": offer, "form": form, "verb": verb, "sides": sides}
    return page(request, "marketplace/offers/answer.html", status=status, **values)


def _written(request: Request, offer: Offer) -> Response:
    sent = offer.status is OfferStatus.SENT
    return redirect(request, f"/offers/{offer.id}", flash=_("Offer sent") if sent else _("Draft saved"))


def _brief_of(db: Session, offer: Offer) -> Brief:
    """The brief a proposal answers. Raises ``Conflict`` for a hire offer."""
    brief = db.get(Brief, offer.brief_id) if offer.brief_id else None
    if brief is None:
        raise Conflict(_("This offer answers no brief."))
    return brief


def _slug_of(db: Session, offer: Offer) -> str:
    profile = profiles.profile_of(db, offer.specialist_id) if offer.specialist_id else None
    return profile.slug if profile else ""
