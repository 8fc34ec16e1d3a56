"""Loading a company and authorising in one step: what is not yours is not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import SpecialistMember
from crm.companies import queries
from crm.companies.models import Company, Contact
from web.deps import DB


def own_company(company_id: UUID, viewer: SpecialistMember, db: DB) -> Company:
    return queries.find_company(db, viewer, company_id)


OwnCompany = Annotated[Company, Depends(own_company)]


def own_contact(contact_id: UUID, company: OwnCompany, db: DB) -> Contact:
    return queries.find_contact(db, company, contact_id)


OwnContact = Annotated[Contact, Depends(own_contact)]
