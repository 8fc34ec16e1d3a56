"""Verbs on companies and contacts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Conflict, Invalid
from core.events import record
from core.i18n import gettext as _
from core.search import normal
from crm.companies import queries
from crm.companies.models import Company, Contact
from crm.companies.schemas import CompanyInput, ContactInput, NewCompanyInput

NAME = 120
MOST_CONTACTS = 100


def add(db: Session, data: NewCompanyInput, *, by: Viewer) -> Company:
    """As ``create``. Raises ``Invalid`` where there is one of this name, unless that is said to be known."""
    if not data.again and queries.find_named(db, by.workspace_id, data.name) is not None:
        text = _("You have a company of this name already.")
        raise Invalid(text, {"name": text})
    return create(db, CompanyInput(**data.model_dump(exclude={"again"})), by=by)


def create(db: Session, data: CompanyInput, *, by: Viewer) -> Company:
    """Add a company to the viewer's address book."""
    company = Company(workspace_id=by.workspace_id, name=data.name, created_at=db.now(), updated_at=db.now())
    _write(company, data)
    _index(db, company)
    db.add(company)
    record(db, "company.created", company, by=by, name=company.name)
    return company


def edit(db: Session, company: Company, data: CompanyInput, *, by: Viewer) -> None:
    """Overwrite a company's facts."""
    _write(company, data)
    company.updated_at = db.now()
    _index(db, company)
    record(db, "company.edited", company, by=by, name=company.name)


def archive(db: Session, company: Company, *, by: Viewer) -> None:
    """Take a company off the lists; its deals and history stay. Raises ``Conflict`` if it is off already."""
    if company.archived:
        raise Conflict(_("This company is archived already."))
    company.archived_at = db.now()
    record(db, "company.archived", company, by=by, name=company.name)


def restore(db: Session, company: Company, *, by: Viewer | None) -> None:
    """Undo ``archive``. Raises ``Conflict`` if the company is on the list."""
    if not company.archived:
        raise Conflict(_("This company is on the list already."))
    company.archived_at = None
    record(db, "company.restored", company, by=by, name=company.name)


def add_contact(db: Session, company: Company, data: ContactInput, *, by: Viewer) -> Contact:
    """Add a person to a company. Raises ``Conflict`` when it has 100, as many as one page shows."""
    if queries.count_contacts(db, company.id) >= MOST_CONTACTS:
        raise Conflict(_("A company has at most 100 contacts. Delete one first."))
    contact = Contact(workspace_id=company.workspace_id, company_id=company.id, name=data.name, created_at=db.now())
    _write_contact(contact, data)
    db.add(contact)
    _index(db, company)
    record(db, "contact.added", company, by=by, name=contact.name)
    return contact


def edit_contact(db: Session, company: Company, contact: Contact, data: ContactInput, *, by: Viewer) -> None:
    """Overwrite what is known of a person."""
    _write_contact(contact, data)
    _index(db, company)
    record(db, "contact.edited", company, by=by, name=contact.name)


def delete_contact(db: Session, company: Company, contact: Contact, *, by: Viewer) -> None:
    """Forget a person; deals that name them stay, without the name."""
    db.delete(contact)
    db.flush()
    _index(db, company)
    record(db, "contact.deleted", company, by=by)


def forget(db: Session, workspace_id: UUID) -> None:
    """The workspace is closed: its companies go with their contacts; no deal may be left."""
    mine = col(Company.workspace_id) == workspace_id
    db.execute(delete(Company).where(mine).execution_options(synchronize_session=False))


def for_client(db: Session, workspace_id: UUID, client: Workspace) -> Company:
    """The company in ``workspace_id``'s address book that stands for the business ``client``.

    Linked if one of the same name is there, archived or not, else made from what the business shows of itself. Called
    by the system when an offer is made; the workspace's row is locked meanwhile, so that two offers at once make one
    company.
    """
    found = queries.find_client(db, workspace_id, client.id)
    if found is not None:
        return found
    db.execute(select(col(Workspace.id)).where(col(Workspace.id) == workspace_id).with_for_update(key_share=True))
    found = queries.find_client(db, workspace_id, client.id)
    if found is not None:
        return found
    company = queries.find_named(db, workspace_id, client.name)
    if company is None or company.client_id is not None:
        company = Company(
            workspace_id=workspace_id,
            name=client.name,
            country=client.country,
            city=client.city,
            website=client.website,
            created_at=db.now(),
            updated_at=db.now(),
        )
        db.add(company)
    elif company.archived:
        restore(db, company, by=None)
    company.client_id = client.id
    _index(db, company)
    record(db, "company.linked", company, by=None, name=company.name)
    return company


def known_person(db: Session, company: Company, name: str) -> Contact:
    """The contact of that name, added without any address if there is none. Called by the system."""
    found = queries.find_contact_named(db, company.id, name[:NAME])
    if found is not None:
        return found
    contact = Contact(workspace_id=company.workspace_id, company_id=company.id, name=name[:NAME], created_at=db.now())
    db.add(contact)
    _index(db, company)
    return contact


def _write(company: Company, data: CompanyInput) -> None:
    company.name = data.name
    company.website = data.website or ""
    company.country = data.country
    company.city = data.city
    company.niche = data.niche
    company.note = data.note


def _write_contact(contact: Contact, data: ContactInput) -> None:
    contact.name = data.name
    contact.position = data.position
    contact.email = data.email or ""
    contact.phone = data.phone
    contact.messenger = data.messenger


def _index(db: Session, company: Company) -> None:
    db.flush()
    names = db.scalars(select(col(Contact.name)).where(col(Contact.company_id) == company.id))
    company.search_text = normal(company.name, company.city, company.note, *names)
