"""Cases over JSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query as QueryParam

from accounts.access import Anyone, SpecialistMember
from core.db import Session
from core.fields import Query, SlugText
from core.paging import LARGEST_PAGE, PAGE_SIZE
from marketplace.cases import queries
from marketplace.cases import service as cases
from marketplace.cases.access import OwnCase
from marketplace.cases.models import Case
from marketplace.cases.schemas import CaseInput, CasePage, CaseRead, read
from web.deps import DB
from web.routing import api

router = api("marketplace")


@router.get("/cases", response_model=CasePage)
def index(
    viewer: Anyone,
    db: DB,
    q: Query = "",
    niche: Query = "",
    after: str | None = None,
    limit: Annotated[int, QueryParam(ge=1, le=LARGEST_PAGE)] = PAGE_SIZE,
) -> Any:
    return queries.list_published(db, q=q, niche=niche, after=after, size=limit)


@router.get("/cases/{slug}", response_model=CaseRead)
def show(slug: SlugText, viewer: Anyone, db: DB) -> Any:
    case, _author = queries.find_visible(db, viewer, slug)
    return read(case, queries.kpis_of(db, case.id), public=True)


@router.post("/my/cases", response_model=CaseRead, status_code=201)
def create(viewer: SpecialistMember, db: DB, data: CaseInput) -> Any:
    return _own(db, cases.create(db, data, by=viewer))


@router.get("/my/cases/{case_id}", response_model=CaseRead)
def mine(case: OwnCase, db: DB) -> Any:
    return _own(db, case)


@router.put("/my/cases/{case_id}", response_model=CaseRead)
def edit(viewer: SpecialistMember, case: OwnCase, db: DB, data: CaseInput) -> Any:
    cases.edit(db, case, data, by=viewer)
    return _own(db, case)


@router.post("/my/cases/{case_id}/publication", response_model=CaseRead)
def publish(viewer: SpecialistMember, case: OwnCase, db: DB) -> Any:
    cases.publish(db, case, by=viewer)
    return _own(db, case)


@router.delete("/my/cases/{case_id}/publication", response_model=CaseRead)
def unpublish(viewer: SpecialistMember, case: OwnCase, db: DB) -> Any:
    cases.unpublish(db, case, by=viewer)
    return _own(db, case)


def _own(db: Session, case: Case) -> CaseRead:
    return read(case, queries.kpis_of(db, case.id), public=False)
