"""Loading an offer or its brief and authorising in one step: what is not yours is not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import BusinessMember, Member, SpecialistMember
from marketplace.briefs import queries as briefs
from marketplace.briefs.models import Brief
from marketplace.offers import queries
from marketplace.offers.models import Offer
from web.deps import DB


def visible_offer(offer_id: UUID, viewer: Member, db: DB) -> Offer:
    return queries.find_visible(db, viewer, offer_id)


def visible_brief(brief_id: UUID, viewer: SpecialistMember, db: DB) -> Brief:
    return briefs.find_visible(db, viewer, brief_id)


def own_brief(brief_id: UUID, viewer: BusinessMember, db: DB) -> Brief:
    return briefs.find_own(db, viewer, brief_id)


VisibleOffer = Annotated[Offer, Depends(visible_offer)]
VisibleBrief = Annotated[Brief, Depends(visible_brief)]
OwnBrief = Annotated[Brief, Depends(own_brief)]
