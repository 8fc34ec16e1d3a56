"""Verbs on deals, except moving them (``moves``)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from core.search import normal
from crm.companies import queries as company_queries
from crm.companies import service as companies
from crm.companies.models import Company, Contact
from crm.companies.schemas import CompanyInput, ContactInput
from crm.deals import moves, queries, stages
from crm.deals.models import Deal, DealNote, Stage, StageKind
from crm.deals.schemas import DealEdit, DealFacts, DealInput, NextStepInput, NoteInput
from marketplace.taxonomy.rates import euro_cents


def create(db: Session, data: DealInput, *, by: Viewer) -> Deal:
    """Add a deal to the first stage; its company and contact are made if they are new. An archived one comes back.

    Raises ``Invalid`` without a company, with a foreign one, or with half a next step.
    """
    _require_whole_step(data)
    company = _company(db, data, by=by)
    contact = _contact(db, company, data.contact, by=by)
    stage = stages.find_kind(db, by.workspace_id, StageKind.LEAD)
    deal = Deal(
        workspace_id=by.workspace_id,
        company_id=company.id,
        contact_id=contact.id if contact else None,
        stage_id=stage.id,
        stage_kind=stage.kind,
        rank=moves.arrival(db),
        entered_at=db.now(),
        created_at=db.now(),
        updated_at=db.now(),
        **_facts(data, company),
    )
    add(db, deal, by=by)
    return deal


def add(db: Session, deal: Deal, *, by: Viewer | None) -> None:
    """Store a new deal with the first line of its history."""
    deal.search_text = normal(deal.title, deal.next_step)
    db.add(deal)
    db.flush()
    moves.note_change(db, deal, None, db.get_one(Stage, deal.stage_id), by=by)
    record(db, "deal.created", deal, by=by, title=deal.title, url=f"/deals/{deal.id}")


def edit(db: Session, deal: Deal, data: DealEdit, *, by: Viewer) -> Deal:
    """Overwrite a deal's facts.

    Raises ``Conflict`` if it changed since ``data.version``, ``Invalid`` on a foreign contact, half a next step or
    any of a won deal.
    """
    moves.require_version(deal, data.version)
    _require_whole_step(data)
    if data.next_step and deal.stage_kind is StageKind.WON:
        raise Invalid(_("A won deal has no next step."), {"next_step": _("A won deal has no next step.")})
    company = db.get_one(Company, deal.company_id)
    if data.contact_id and all(row.id != data.contact_id for row in company_queries.list_contacts(db, company.id)):
        raise Invalid(_("Choose a contact of the company."), {"contact_id": _("Choose a contact of the company.")})
    moves.rewrite(db, deal, contact_id=data.contact_id, **_facts(data, company))
    record(db, "deal.edited", deal, by=by, title=deal.title)
    return deal


def set_next_step(db: Session, deal: Deal, data: NextStepInput, *, by: Viewer) -> Deal:
    """Say what happens next and when. Raises ``Conflict`` on a won deal: nothing is left to do there."""
    if deal.stage_kind is StageKind.WON:
        raise Conflict(_("A won deal stays won. Add a new deal for new work."))
    moves.rewrite(db, deal, next_step=data.next_step, next_step_on=data.next_step_on)
    step: dict[str, Any] = {"next_step": data.next_step, "next_step_on": data.next_step_on.isoformat()}
    record(db, "deal.edited", deal, by=by, title=deal.title, **step)
    return deal


def note(db: Session, deal: Deal, data: NoteInput, *, by: Viewer) -> DealNote:
    """Write something down about a deal."""
    made = DealNote(deal_id=deal.id, by_user_id=by.user_id, text=data.text, at=db.now())
    db.add(made)
    record(db, "deal.noted", deal, by=by, title=deal.title)
    return made


def remove_note(db: Session, deal: Deal, note_id: UUID, *, by: Viewer) -> None:
    """Take one's own note away. Raises ``NotFound`` if the deal has none such, ``Forbidden`` if somebody else's."""
    found = db.scalar(select(DealNote).where(col(DealNote.id) == note_id, col(DealNote.deal_id) == deal.id))
    if found is None:
        raise NotFound(_("There is no such note here."))
    if found.by_user_id != by.user_id:
        raise Forbidden(_("Somebody else wrote this note."))
    record(db, "deal.note_removed", deal, by=by, title=deal.title)
    db.delete(found)


def delete(db: Session, deal: Deal, *, by: Viewer) -> None:
    """Take a deal away that should never have been there. Raises ``Conflict`` once an offer or contract hangs on it."""
    queries.lock(db, deal)
    if deal.offer_id or deal.contract_id:
        raise Conflict(_("An offer belongs to this deal. Move it to Lost instead."))
    record(db, "deal.deleted", deal, by=by, title=deal.title)
    db.delete(deal)
    db.flush()


def forget(db: Session, workspace_id: UUID) -> None:
    """The workspace is closed: its pipeline goes, with its notes, its address book and whoever stands in it."""
    for table in (Deal, Stage):
        mine: Any = col(table.workspace_id) == workspace_id
        db.execute(delete_rows(table).where(mine).execution_options(synchronize_session=False))
    companies.forget(db, workspace_id)


def link_contract(db: Session, offer_id: UUID, contract_id: UUID) -> None:
    """Tie the contract made from an offer to the deals of that offer. Called by contracts."""
    for deal in db.scalars(select(Deal).where(col(Deal.offer_id) == offer_id).with_for_update()):
        moves.rewrite(db, deal, contract_id=contract_id)


def worth(amount: int | None, currency: str) -> int:
    """What a deal is sorted by: its amount in euro cents, 0 if none was named."""
    return euro_cents(amount, currency) if amount else 0


def _facts(data: DealFacts, company: Company) -> dict[str, Any]:
    return {
        "title": data.title or company.name,
        "amount": data.amount,
        "value": worth(data.amount, data.currency),
        "currency": data.currency,
        "monthly": data.monthly,
        "platforms": data.platforms,
        "source": data.source,
        "next_step": data.next_step,
        "next_step_on": data.next_step_on,
    }


def _require_whole_step(data: DealFacts) -> None:
    if data.next_step and data.next_step_on is None:
        raise Invalid(_("Set a date for the next step."), {"next_step_on": _("Set a date for the next step.")})
    if data.next_step_on and not data.next_step:
        raise Invalid(_("Say what the next step is."), {"next_step": _("Say what the next step is.")})


def _company(db: Session, data: DealInput, *, by: Viewer) -> Company:
    if data.company_id:
        found = db.scalar(
            select(Company).where(col(Company.id) == data.company_id, col(Company.workspace_id) == by.workspace_id)
        )
        if found is None:
            raise Invalid(_("Choose one of your companies."), {"company_id": _("Choose one of your companies.")})
        if data.company and data.company != found.name:
            raise Invalid(_("Name one company."), {"company": _("This is another company. Leave one of the two out.")})
        return found
    if not data.company:
        raise Invalid(_("Say which company it is."), {"company": _("Say which company it is.")})
    known = company_queries.find_named(db, by.workspace_id, data.company)
    if known is not None and known.archived:
        companies.restore(db, known, by=by)
    return known or companies.create(db, CompanyInput(name=data.company), by=by)


def _contact(db: Session, company: Company, name: str, *, by: Viewer) -> Contact | None:
    if not name:
        return None
    known = company_queries.find_contact_named(db, company.id, name)
    return known or companies.add_contact(db, company, ContactInput(name=name), by=by)
