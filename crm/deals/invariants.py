"""What must hold between deals and their offers, for ``postwright check``."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.db import Session
from crm.deals.models import Deal, StageKind
from crm.deals.queries import list_broken
from marketplace.offers.models import LIVE, TAKEN, Offer, OfferStatus

_WHILE_ACCEPTED = (StageKind.WON_PENDING, StageKind.ON_HOLD, StageKind.LOST, StageKind.QUALIFIED, StageKind.WON)
"""Where its owner may have a deal while the contract waits: put off, given up, taken up again; won by hand before."""


def deals_stand_where_their_offer_does(db: Session) -> list[str]:
    """A signed offer has won its deal, one that waits for signatures lets few stages be, and no other is won pending.

    Beyond that a deal is where its owner put it. It has the offer's brief, and its owner is the offer's specialist.
    """
    stage, status = col(Deal.stage_kind), col(Offer.status)
    rows = db.rows(
        select(col(Deal.id), stage, status.label("offer"))
        .join(Offer, col(Offer.id) == Deal.offer_id)
        .where(
            or_(
                and_(status == OfferStatus.CONVERTED, stage != StageKind.WON),
                and_(status == OfferStatus.ACCEPTED, stage.not_in(_WHILE_ACCEPTED)),
                and_(status != OfferStatus.ACCEPTED, stage == StageKind.WON_PENDING),
                col(Offer.sent_at).is_(None),
                col(Deal.brief_id).is_distinct_from(col(Offer.brief_id)),
                col(Offer.specialist_id).is_distinct_from(col(Deal.workspace_id)),
            )
        )
    )
    return [f"deal {row.id}: {row.stage_kind}, its offer {row.offer}, or of another brief or side" for row in rows]


def offers_stand_in_a_pipeline(db: Session) -> list[str]:
    """What lies on the table or was taken is a deal of its specialist, whose pipeline goes only with the workspace."""
    deal = exists().where(col(Deal.workspace_id) == Offer.specialist_id, col(Deal.offer_id) == Offer.id)
    rows = db.rows(
        select(col(Offer.id), col(Offer.status))
        .join(Workspace, col(Workspace.id) == Offer.specialist_id)
        .where(col(Offer.status).in_(LIVE | TAKEN), col(Workspace.suspended_at).is_(None), ~deal)
    )
    return [f"offer {row.id}: {row.status}, but no deal of its specialist" for row in rows]


INVARIANTS = (list_broken, deals_stand_where_their_offer_does, offers_stand_in_a_pipeline)
