"""Offers over JSON. Amounts in minor units of the offer's currency."""

from __future__ import annotations

from typing import Any

from accounts.access import BusinessMember, Manager, Member, SpecialistManager, SpecialistMember
from core.db import Session
from core.fields import PageSize
from core.paging import PAGE_SIZE
from marketplace.offers import board, comparison, queries
from marketplace.offers import service as offers
from marketplace.offers.access import OwnBrief, VisibleBrief, VisibleOffer
from marketplace.offers.models import Offer, OfferStatus
from marketplace.offers.queries import OfferTab
from marketplace.offers.reads import ComparisonRead, OfferBoardPage, OfferPage, OfferRead, OfferWithVersions
from marketplace.offers.schemas import AnswerInput, DeclineInput, HireInput, ProposalInput, VersionNumber
from marketplace.offers.versions import read_versions
from web.deps import DB
from web.limits import Limit
from web.routing import api

router = api("marketplace")


def _read(db: Session, offer: Offer) -> dict[str, Any]:
    facts = {name: getattr(offer, name) for name in OfferRead.model_fields if name != "billing"}
    return {**facts, "billing": queries.current_version(db, offer).billing}


@router.get("/briefs/{brief_id}/offers", response_model=ComparisonRead)
def compare(brief: OwnBrief, db: DB) -> Any:
    return comparison.compare_offers(db, brief)


@router.post("/briefs/{brief_id}/offers", response_model=OfferRead, status_code=201)
def propose(viewer: SpecialistMember, brief: VisibleBrief, db: DB, data: ProposalInput) -> Any:
    return _read(db, offers.propose(db, brief.id, data, by=viewer))


@router.get("/offers", response_model=OfferPage)
def index(
    viewer: Member,
    db: DB,
    tab: OfferTab | None = None,
    status: OfferStatus | None = None,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    """Own offers, the newest first. Without a ``tab``: all with the ``status`` asked for, else those of ``mine``."""
    tab = tab or (OfferTab.ALL if status else OfferTab.MINE)
    return queries.list_offers(db, viewer, tab, status=status, after=after, size=limit)


@router.post(
    "/offers",
    response_model=OfferRead,
    status_code=201,
    dependencies=[Limit("hire", most=120, seconds=3600)],
)
def hire(viewer: BusinessMember, db: DB, data: HireInput) -> Any:
    return _read(db, offers.hire(db, data, by=viewer))


@router.get("/offers/board", response_model=OfferBoardPage)
def on_board(viewer: SpecialistMember, db: DB, after: str | None = None, limit: PageSize = PAGE_SIZE) -> Any:
    return board.list_board(db, viewer, after=after, size=limit)


@router.get("/offers/{offer_id}", response_model=OfferWithVersions)
def show(offer: VisibleOffer, db: DB) -> Any:
    sides = queries.sides_of(db, offer)
    names = ("business_name", "specialist_name", "specialist_slug")
    named = {name: getattr(sides, name) for name in names}
    return {**_read(db, offer), **named, "versions": read_versions(db, offer)}


@router.put("/offers/{offer_id}/proposal", response_model=OfferRead)
def edit_proposal(viewer: SpecialistMember, offer: VisibleOffer, db: DB, data: ProposalInput) -> Any:
    return _read(db, offers.redraft(db, offer, data, by=viewer))


@router.put("/offers/{offer_id}/hire", response_model=OfferRead)
def edit_hire(viewer: BusinessMember, offer: VisibleOffer, db: DB, data: HireInput) -> Any:
    return _read(db, offers.redraft(db, offer, data, by=viewer))


@router.post("/offers/{offer_id}/sending", response_model=OfferRead)
def send(viewer: Member, offer: VisibleOffer, db: DB) -> Any:
    offers.send(db, offer, by=viewer)
    return _read(db, offer)


@router.post("/offers/{offer_id}/viewing", response_model=OfferRead)
def view(viewer: Member, offer: VisibleOffer, db: DB) -> Any:
    offers.view(db, offer, by=viewer)
    return _read(db, offer)


@router.post("/offers/{offer_id}/counter", response_model=OfferRead)
def counter(viewer: Member, offer: VisibleOffer, db: DB, data: AnswerInput) -> Any:
    return _read(db, offers.counter(db, offer, data, by=viewer))


@router.post("/offers/{offer_id}/revision", response_model=OfferRead)
def revise(viewer: Member, offer: VisibleOffer, db: DB, data: AnswerInput) -> Any:
    return _read(db, offers.revise(db, offer, data, by=viewer))


@router.post("/offers/{offer_id}/acceptance", response_model=OfferRead)
def accept(viewer: Manager, offer: VisibleOffer, db: DB, data: VersionNumber) -> Any:
    """The contract it becomes is at ``/api/v1/contracts/of-offer/{offer_id}``."""
    return _read(db, offers.accept(db, offer, data.number, by=viewer))


@router.post("/offers/{offer_id}/take-up", response_model=OfferRead)
def take_up(viewer: SpecialistManager, offer: VisibleOffer, db: DB, data: VersionNumber) -> Any:
    return _read(db, offers.take_up(db, offer, data.number, by=viewer))


@router.post("/offers/{offer_id}/decline", response_model=OfferRead)
def decline(viewer: Member, offer: VisibleOffer, db: DB, data: DeclineInput) -> Any:
    return _read(db, offers.decline(db, offer, data, by=viewer))


@router.post("/offers/{offer_id}/withdrawal", response_model=OfferRead)
def withdraw(viewer: Member, offer: VisibleOffer, db: DB) -> Any:
    offers.withdraw(db, offer, by=viewer)
    return _read(db, offer)


@router.post("/offers/{offer_id}/confirmation", response_model=OfferRead)
def confirm(viewer: Member, offer: VisibleOffer, db: DB) -> Any:
    offers.confirm(db, offer, by=viewer)
    return _read(db, offer)
