"""Companies and contacts over JSON."""

from __future__ import annotations

from typing import Any

from accounts.access import SpecialistMember
from core.fields import PageSize, Query
from core.paging import PAGE_SIZE
from crm.companies import queries
from crm.companies import service as companies
from crm.companies.access import OwnCompany, OwnContact
from crm.companies.schemas import CompanyInput, CompanyPage, CompanyRead, ContactInput, ContactRead, NewCompanyInput
from web.deps import DB
from web.routing import api

router = api("crm", "/companies")


@router.get("", response_model=CompanyPage)
def index(
    viewer: SpecialistMember,
    db: DB,
    q: Query = "",
    archived: bool = False,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    return queries.list_companies(db, viewer, q=q, archived=archived, after=after, size=limit)


@router.post("", response_model=CompanyRead, status_code=201)
def create(viewer: SpecialistMember, db: DB, data: NewCompanyInput) -> Any:
    """A second company of one name is taken with ``again`` only."""
    return companies.add(db, data, by=viewer)


@router.get("/{company_id}", response_model=CompanyRead)
def show(company: OwnCompany) -> Any:
    return company


@router.put("/{company_id}", response_model=CompanyRead)
def edit(viewer: SpecialistMember, company: OwnCompany, db: DB, data: CompanyInput) -> Any:
    companies.edit(db, company, data, by=viewer)
    return company


@router.delete("/{company_id}", status_code=204)
def archive(viewer: SpecialistMember, company: OwnCompany, db: DB) -> None:
    companies.archive(db, company, by=viewer)


@router.post("/{company_id}/restore", response_model=CompanyRead)
def restore(viewer: SpecialistMember, company: OwnCompany, db: DB) -> Any:
    companies.restore(db, company, by=viewer)
    return company


@router.get("/{company_id}/contacts", response_model=list[ContactRead])
def contacts(company: OwnCompany, db: DB) -> Any:
    return queries.list_contacts(db, company.id)


@router.post("/{company_id}/contacts", response_model=ContactRead, status_code=201)
def add_contact(viewer: SpecialistMember, company: OwnCompany, db: DB, data: ContactInput) -> Any:
    return companies.add_contact(db, company, data, by=viewer)


@router.get("/{company_id}/contacts/{contact_id}", response_model=ContactRead)
def show_contact(contact: OwnContact) -> Any:
    return contact


@router.put("/{company_id}/contacts/{contact_id}", response_model=ContactRead)
def edit_contact(viewer: SpecialistMember, company: OwnCompany, contact: OwnContact, db: DB, data: ContactInput) -> Any:
    companies.edit_contact(db, company, contact, data, by=viewer)
    return contact


@router.delete("/{company_id}/contacts/{contact_id}", status_code=204)
def delete_contact(viewer: SpecialistMember, company: OwnCompany, contact: OwnContact, db: DB) -> None:
    companies.delete_contact(db, company, contact, by=viewer)
