"""Every SELECT about companies. All are bounded by the viewer's workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from core.search import normal
from crm.companies.models import Company, Contact

_listed = select(
    col(Company.id),
    col(Company.name),
    col(Company.website),
    col(Company.country),
    col(Company.city),
    col(Company.niche),
    col(Company.note),
    col(Company.client_id),
    col(Company.archived_at).is_not(None).label("archived"),
)

_contacts = select(
    col(Contact.id),
    col(Contact.company_id),
    col(Contact.name),
    col(Contact.position),
    col(Contact.email),
    col(Contact.phone),
    col(Contact.messenger),
).order_by(func.lower(Contact.name), col(Contact.id))

MOST_NAMES = 200


def list_companies(
    db: Session, viewer: Viewer, *, q: str = "", archived: bool = False, after: str | None = None, size: int = PAGE_SIZE
) -> Page[Any]:
    """Companies by name, ``size`` a page; ``q`` finds parts of name, city, note and contacts' names."""
    hidden = col(Company.archived_at).is_not(None) if archived else col(Company.archived_at).is_(None)
    statement = _listed.where(col(Company.workspace_id) == viewer.workspace_id, hidden)
    if normal(q):
        statement = statement.where(col(Company.search_text).contains(normal(q), autoescape=True))
    cursor = decode_cursor(after, 2)
    if cursor is not None:
        name, last = str(cursor[0]), cursor_id(cursor[1])
        behind = (col(Company.name) == name) & (col(Company.id) > last)
        statement = statement.where((col(Company.name) > name) | behind)
    rows = db.rows(statement.order_by(col(Company.name), col(Company.id)).limit(size + 1))
    return page_of(rows, size, lambda row: (row.name, str(row.id)))


def has_archived(db: Session, viewer: Viewer) -> bool:
    """Whether any company of the viewer's is off the list."""
    off = (col(Company.workspace_id) == viewer.workspace_id) & col(Company.archived_at).is_not(None)
    return db.scalar(select(col(Company.id)).where(off).limit(1)) is not None


def list_names(db: Session, viewer: Viewer) -> list[str]:
    """The first 200 names, for suggestions beside a field."""
    return list(
        db.scalars(
            select(col(Company.name))
            .where(col(Company.workspace_id) == viewer.workspace_id, col(Company.archived_at).is_(None))
            .order_by(col(Company.name))
            .limit(MOST_NAMES)
        )
    )


def find_company(db: Session, viewer: Viewer, company_id: UUID) -> Company:
    """The company, archived or not, if it is the viewer's. Raises ``NotFound``."""
    found = db.scalar(
        select(Company).where(col(Company.id) == company_id, col(Company.workspace_id) == viewer.workspace_id)
    )
    if found is None:
        raise NotFound(_("There is no such company here."))
    return found


def find_named(db: Session, workspace_id: UUID, name: str) -> Company | None:
    """The company that is called ``name``; of several one on the list before an archived one, then the oldest."""
    return db.scalar(
        select(Company)
        .where(col(Company.workspace_id) == workspace_id, col(Company.name) == name)
        .order_by(col(Company.archived_at).is_not(None), col(Company.id))
        .limit(1)
    )


def find_client(db: Session, workspace_id: UUID, client_id: UUID) -> Company | None:
    """The company that stands for the business ``client_id``, archived or not."""
    return db.scalar(
        select(Company).where(col(Company.workspace_id) == workspace_id, col(Company.client_id) == client_id)
    )


def list_contacts(db: Session, company_id: UUID) -> list[Any]:
    """Contacts of a company by name. The caller has made sure the company is the viewer's."""
    return db.rows(_contacts.where(col(Contact.company_id) == company_id))


def count_contacts(db: Session, company_id: UUID) -> int:
    """How many people of a company are known."""
    return db.scalar(select(func.count()).select_from(Contact).where(col(Contact.company_id) == company_id)) or 0


def find_contact(db: Session, company: Company, contact_id: UUID) -> Contact:
    """The contact, if it is the company's. Raises ``NotFound``."""
    found = db.scalar(select(Contact).where(col(Contact.id) == contact_id, col(Contact.company_id) == company.id))
    if found is None:
        raise NotFound(_("There is no such contact here."))
    return found


def find_contact_named(db: Session, company_id: UUID, name: str) -> Contact | None:
    """The company's contact of exactly that name."""
    named = select(Contact).where(col(Contact.company_id) == company_id, col(Contact.name) == name)
    return db.scalar(named.order_by(col(Contact.id)).limit(1))
