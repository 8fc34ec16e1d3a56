"""What offers do to the specialist's pipeline (§3.2, §3.3). A deal is never shown to the business.

Each runs in the transaction of the offer's event and records its own events without an actor: who pressed the button
may be on the other side of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces.models import Workspace, WorkspaceKind
from core.db import Session
from core.events import Event
from core.templating import zone
from crm.companies import service as companies
from crm.companies.models import Company
from crm.deals import moves, stages
from crm.deals import service as deals
from crm.deals.models import OPEN_KINDS, Deal, LostReason, StageKind
from crm.deals.words import Step, is_proposed
from marketplace.offers import queries as offers
from marketplace.offers.models import Billing, Offer, OfferKind

Change = Callable[[Session, Deal, Offer], None]


def on_workspace_created(db: Session, event: Event) -> None:
    """A specialist's workspace gets its pipeline."""
    if event.data.get("kind") == WorkspaceKind.SPECIALIST:
        stages.set_up(db, event.subject_id)


def on_workspace_closed(db: Session, event: Event) -> None:
    """workspace.closed: its pipeline is nobody's. Registered after the offers' reaction, which still moves deals."""
    deals.forget(db, event.subject_id)


def _follow(db: Session, event: Event, change: Change) -> None:
    """Apply ``change`` to the deal of the event's offer, made if it is missing; offers without specialist have none.

    A deal that is won stays as it is: its owner may have won it elsewhere.
    """
    offer = db.get_one(Offer, event.subject_id)
    if offer.specialist_id is None or offer.sent_at is None:
        return
    company = companies.for_client(db, offer.specialist_id, db.get_one(Workspace, offer.business_id))
    contact_id = _person(db, event, offer, company)
    deal = _find(db, offer, company) or _start(db, offer, company)
    if deal.stage_kind is StageKind.WON:
        return
    facts = _facts(db, offer, deal)
    if contact_id and deal.contact_id is None:
        facts["contact_id"] = contact_id
    moves.rewrite(db, deal, **facts)
    change(db, deal, offer)


def _find(db: Session, offer: Offer, company: Company) -> Deal | None:
    """The offer's deal; else the brief's, if its offer came to nothing; else an open one with the company."""
    mine = select(Deal).where(col(Deal.workspace_id) == offer.specialist_id).with_for_update()
    found = db.scalar(mine.where(col(Deal.offer_id) == offer.id))
    if found is None and offer.brief_id is not None:
        found = db.scalar(
            mine.where(col(Deal.brief_id) == offer.brief_id, col(Deal.stage_kind) != StageKind.WON)
            .order_by(col(Deal.id).desc())
            .limit(1)
        )
    if found is None:
        found = db.scalar(
            mine.where(col(Deal.company_id) == company.id, col(Deal.offer_id).is_(None))
            .where(col(Deal.stage_kind).in_((*OPEN_KINDS, StageKind.ON_HOLD)))
            .order_by(col(Deal.id).desc())
            .limit(1)
        )
    return found


def _start(db: Session, offer: Offer, company: Company) -> Deal:
    assert offer.specialist_id is not None
    stage = stages.find_kind(db, offer.specialist_id, StageKind.LEAD)
    deal = Deal(
        workspace_id=offer.specialist_id,
        company_id=company.id,
        stage_id=stage.id,
        stage_kind=stage.kind,
        rank=moves.arrival(db),
        title=offer.title,
        source="postwright_brief" if offer.brief_id else "postwright_directory",
        entered_at=db.now(),
        created_at=db.now(),
        updated_at=db.now(),
    )
    deals.add(db, deal, by=None)
    return deal


def _facts(db: Session, offer: Offer, deal: Deal) -> dict[str, Any]:
    """What the current version says: price, platforms, what it is about."""
    version = offers.current_version(db, offer)
    named = [line.platform for line in offers.lines_of(db, version.id) if line.platform]
    return {
        "offer_id": offer.id,
        "brief_id": offer.brief_id,
        "title": offer.title or deal.title,
        "amount": version.total,
        "value": deals.worth(version.total, version.currency),
        "currency": version.currency,
        "monthly": version.billing is Billing.RETAINER,
        "platforms": list(dict.fromkeys(named)) or deal.platforms,
    }


def _person(db: Session, event: Event, offer: Offer, company: Company) -> UUID | None:
    """Who of the business acted, or else who wrote its offer, as a contact by name only."""
    acting = event.actor_id if event.workspace_id == offer.business_id else None
    writer = offer.created_by if offer.author_id == offer.business_id else None
    name = db.scalar(select(col(User.name)).where(col(User.id) == (acting or writer)))
    return companies.known_person(db, company, name).id if name else None


def _step(db: Session, deal: Deal, step: Step, days: int) -> dict[str, Any]:
    """The next step to write: none where the owner wrote one."""
    if deal.next_step and not is_proposed(deal.next_step):
        return {}
    return {"next_step": step.value, "next_step_on": _today(db, deal) + timedelta(days=days)}


def _today(db: Session, deal: Deal) -> date:
    """The day it is where the deal's workspace is: nobody who acts may be there to ask."""
    return db.now().astimezone(zone(db.get_one(Workspace, deal.workspace_id).time_zone)).date()


def _remind(db: Session, deal: Deal, step: Step, days: int) -> None:
    """A new next step for a deal under way, which stays where it is."""
    if deal.stage_kind in OPEN_KINDS:
        moves.rewrite(db, deal, **_step(db, deal, step, days))


def _lose(db: Session, deal: Deal, reason: LostReason, note: str = "") -> None:
    """Lost, unless its owner gave it up before and said why."""
    if deal.stage_kind is not StageKind.LOST:
        moves.put(db, deal, StageKind.LOST, **moves.lost(db, reason, note, today=_today(db, deal)))


def _sent(db: Session, deal: Deal, offer: Offer) -> None:
    step = Step.FOLLOW_UP if offer.kind is OfferKind.PROPOSAL else Step.ANSWER
    moves.put(db, deal, StageKind.PROPOSAL, **_step(db, deal, step, 3))


def _viewed(db: Session, deal: Deal, offer: Offer) -> None:
    if offer.kind is OfferKind.PROPOSAL:
        _remind(db, deal, Step.FOLLOW_UP, 2)


def _countered(db: Session, deal: Deal, offer: Offer) -> None:
    ours = offer.turn_id == offer.specialist_id
    step = _step(db, deal, Step.ANSWER_COUNTER, 1) if ours else _step(db, deal, Step.WAIT_COUNTER, 2)
    moves.put(db, deal, StageKind.NEGOTIATION, **step)


def _revised(db: Session, deal: Deal, offer: Offer) -> None:
    ours = offer.turn_id == offer.specialist_id
    _remind(db, deal, Step.ANSWER if ours else Step.FOLLOW_UP, 2)


def _to_confirm(db: Session, deal: Deal, offer: Offer) -> None:
    if offer.author_id == offer.specialist_id:
        _remind(db, deal, Step.CONFIRM, 1)


def _accepted(db: Session, deal: Deal, offer: Offer) -> None:
    moves.put(db, deal, StageKind.WON_PENDING, **_step(db, deal, Step.SIGN, 3))


def _converted(db: Session, deal: Deal, offer: Offer) -> None:
    moves.put(db, deal, StageKind.WON, **moves.won(db))


def _lapsed(db: Session, deal: Deal, offer: Offer) -> None:
    if deal.stage_kind is not StageKind.LOST:
        moves.put(db, deal, StageKind.NEGOTIATION, **_step(db, deal, Step.LAPSED, 0))


def _declined(db: Session, deal: Deal, offer: Offer) -> None:
    reason = LostReason(offer.decline_reason.value) if offer.decline_reason else LostReason.NOT_A_FIT
    _lose(db, deal, reason, offer.decline_note)


def _voided(reason: str) -> Change:
    """The brief is over or a side is gone, for one of the reasons of ``outcomes``."""
    reasons = {
        "brief_expired": LostReason.NO_ANSWER,
        "brief_cancelled": LostReason.TIMING,
        "suspended": LostReason.NO_ANSWER,
    }

    def lose(db: Session, deal: Deal, offer: Offer) -> None:
        _lose(db, deal, reasons.get(reason, LostReason.CHOSE_OTHER))

    return lose


def _reminding(step: Step, days: int) -> Change:
    return lambda db, deal, _offer: _remind(db, deal, step, days)


_CHANGES: dict[str, Change] = {
    "offer.sent": _sent,
    "offer.viewed": _viewed,
    "offer.countered": _countered,
    "offer.revised": _revised,
    "offer.confirmation_asked": _to_confirm,
    "offer.confirmed": _revised,
    "offer.accepted": _accepted,
    "offer.converted": _converted,
    "offer.lapsed": _lapsed,
    "offer.declined": _declined,
    "offer.withdrawn": _reminding(Step.WITHDRAWN, 0),
    "offer.expired": _reminding(Step.EXPIRED, 0),
    "offer.stood_by": _reminding(Step.STANDBY, 7),
    "offer.revived": _reminding(Step.FOLLOW_UP, 0),
}
OFFER_EVENTS = (*_CHANGES, "offer.voided")


def on_offer(db: Session, event: Event) -> None:
    """Bring the deal of an offer to where the offer is. Registered for every kind in ``OFFER_EVENTS``."""
    change = _CHANGES[event.kind] if event.kind in _CHANGES else _voided(str(event.data.get("reason", "")))
    _follow(db, event, change)
