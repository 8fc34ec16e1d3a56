"""What contracts do when something happens below them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from core.db import Session
from core.events import Event
from crm.contracts.drafting import draft
from marketplace.offers.models import Offer


class By(NamedTuple):
    """Whoever set the event off."""

    user_id: UUID
    workspace_id: UUID


def draft_contract(db: Session, event: Event) -> None:
    """``offer.accepted`` → a contract draft, in the same transaction. Registered after the deals' reaction."""
    by = By(event.actor_id, event.workspace_id) if event.actor_id and event.workspace_id else None
    draft(db, db.get_one(Offer, event.subject_id), by=by)
