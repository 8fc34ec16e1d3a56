"""What contracts do when something happens below them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from core.db import Session
from core.errors import Conflict
from core.events import Event
from core.i18n import gettext as _
from crm.contracts import endings, queries
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


def keep_parties(db: Session, event: Event) -> None:
    """``user.deletion_asked``, ``user.deleted``: nobody leaves a party of a contract under way without people.

    Raises ``Conflict``, which undoes the verb.
    """
    found = queries.find_under_way(db, [UUID(place) for place in event.data["closing"]])
    if found is not None:
        raise Conflict(_("The contract “%(title)s” is under way. End it or withdraw from it first.") % {"title": found})


def void_unsigned(db: Session, event: Event) -> None:
    """``brief.cancelled`` → its contracts that are not signed by both are void; both sides hear of it."""
    for contract in queries.unsigned_of_brief(db, event.subject_id):
        endings.fall_with_brief(db, contract)
