"""Pages of companies and contacts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import SpecialistMember
from core.db import Session
from core.errors import Conflict
from core.fields import Query
from core.i18n import gettext as _
from crm.companies import queries
from crm.companies import service as companies
from crm.companies.access import OwnCompany, OwnContact
from crm.companies.models import Company, Contact
from crm.companies.schemas import CompanyInput, ContactInput, NewCompanyInput
from marketplace.taxonomy.catalogue import load
from web.deps import DB
from web.forms import Submitted, blank, filled, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/companies")

CompanyForm = Annotated[Submitted[CompanyInput], Depends(form_of(CompanyInput))]
NewCompanyForm = Annotated[Submitted[NewCompanyInput], Depends(form_of(NewCompanyInput))]
ContactForm = Annotated[Submitted[ContactInput], Depends(form_of(ContactInput))]


@router.get("")
def index(
    request: Request,
    viewer: SpecialistMember,
    db: DB,
    q: Query = "",
    archived: bool = False,
    after: str | None = None,
) -> Response:
    found = queries.list_companies(db, viewer, q=q, archived=archived, after=after)
    has_archived = not found.rows and queries.has_archived(db, viewer)
    return page(request, "crm/companies/index.html", found=found, q=q, archived=archived, has_archived=has_archived)


@router.get("/new")
def new(request: Request, viewer: SpecialistMember) -> Response:
    return _form_page(request, blank())


@router.post("")
def create(request: Request, viewer: SpecialistMember, db: DB, form: NewCompanyForm) -> Response:
    company = form.attempt(db, lambda data: companies.add(db, data, by=viewer))
    if company is None:
        return _form_page(request, form, twin=queries.find_named(db, viewer.workspace_id, form.value("name")))
    return redirect(request, f"/companies/{company.id}", flash=_("Company added"))


@router.get("/{company_id}")
def show(request: Request, company: OwnCompany, db: DB) -> Response:
    return _company_page(request, db, company, blank())


@router.get("/{company_id}/edit")
def edit_form(request: Request, company: OwnCompany) -> Response:
    return _form_page(request, _stored(company), company)


@router.post("/{company_id}")
def edit(request: Request, viewer: SpecialistMember, company: OwnCompany, db: DB, form: CompanyForm) -> Response:
    if not form.succeeds(db, lambda data: companies.edit(db, company, data, by=viewer), over=_stored(company)):
        return _form_page(request, form, company)
    return redirect(request, f"/companies/{company.id}", flash=_("Saved"))


@router.post("/{company_id}/archive")
def archive(request: Request, viewer: SpecialistMember, company: OwnCompany, db: DB) -> Response:
    companies.archive(db, company, by=viewer)
    undo = f"/companies/{company.id}/restore"
    return redirect(request, "/companies", flash=_("%(name)s archived") % {"name": company.name}, undo=undo)


@router.post("/{company_id}/restore")
def restore(request: Request, viewer: SpecialistMember, company: OwnCompany, db: DB) -> Response:
    companies.restore(db, company, by=viewer)
    return redirect(request, f"/companies/{company.id}", flash=_("Back on the list"))


@router.post("/{company_id}/contacts")
def add_contact(request: Request, viewer: SpecialistMember, company: OwnCompany, db: DB, form: ContactForm) -> Response:
    if form.attempt(db, lambda data: companies.add_contact(db, company, data, by=viewer), keep=(Conflict,)) is None:
        return _company_page(request, db, company, form, status=form.status)
    return redirect(request, f"/companies/{company.id}", flash=_("Contact added"))


@router.get("/{company_id}/contacts/{contact_id}")
def show_contact(request: Request, company: OwnCompany, contact: OwnContact) -> Response:
    return page(request, "crm/companies/contact.html", company=company, contact=contact)


@router.get("/{company_id}/contacts/{contact_id}/edit")
def contact_form(request: Request, company: OwnCompany, contact: OwnContact) -> Response:
    return page(request, "crm/companies/contact_form.html", form=_stored(contact), company=company, contact=contact)


@router.post("/{company_id}/contacts/{contact_id}")
def edit_contact(
    request: Request, viewer: SpecialistMember, company: OwnCompany, contact: OwnContact, db: DB, form: ContactForm
) -> Response:
    def save(data: ContactInput) -> None:
        companies.edit_contact(db, company, contact, data, by=viewer)

    if not form.succeeds(db, save, over=_stored(contact)):
        shown = {"form": form, "company": company, "contact": contact}
        return page(request, "crm/companies/contact_form.html", status=form.status, **shown)
    return redirect(request, f"/companies/{company.id}/contacts/{contact.id}", flash=_("Saved"))


@router.post("/{company_id}/contacts/{contact_id}/delete")
def delete_contact(
    request: Request, viewer: SpecialistMember, company: OwnCompany, contact: OwnContact, db: DB
) -> Response:
    companies.delete_contact(db, company, contact, by=viewer)
    return redirect(request, f"/companies/{company.id}", flash=_("Contact deleted"))


def _company_page(
    request: Request, db: Session, company: Company, form: Submitted[ContactInput], *, status: int = 200
) -> Response:
    contacts = queries.list_contacts(db, company.id)
    return page(request, "crm/companies/show.html", status=status, company=company, contacts=contacts, form=form)


def _stored(row: Company | Contact) -> Submitted[Any]:
    """The form with what is stored."""
    model = CompanyInput if isinstance(row, Company) else ContactInput
    return filled(row.model_dump(include=set(model.model_fields)))


def _form_page(
    request: Request, form: Submitted[Any], company: Company | None = None, *, twin: Company | None = None
) -> Response:
    """``twin``: a company of the name that is being added."""
    shown = {"form": form, "company": company, "twin": twin, "niches": _niches()}
    return page(request, "crm/companies/form.html", status=form.status if form.errors else 200, **shown)


def _niches() -> list[tuple[str, str]]:
    """Codes and translated names for the select."""
    return [(code, _(niche.name)) for code, niche in load().niches.items()]
