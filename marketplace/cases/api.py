"""Cases over JSON."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, UploadFile

from accounts.access import Anyone, SpecialistMember
from core.db import Session
from core.fields import MaybeLine, PageSize, SlugText
from core.paging import PAGE_SIZE
from files.access import AppStorage
from files.service import LARGEST
from marketplace.cases import checklist, queries
from marketplace.cases import service as cases
from marketplace.cases.access import OwnCase as Own
from marketplace.cases.models import Case
from marketplace.cases.schemas import CaseFilters, CaseInput, CasePage, OwnCase, OwnCases, PublicCase, facts_of
from web.deps import DB
from web.routing import api

router = api("marketplace")


@router.get("/cases", response_model=CasePage)
def index(viewer: Anyone, db: DB, asked: Annotated[CaseFilters, Query()]) -> Any:
    """Published cases of published specialists, the latest first."""
    return queries.list_published(
        db, q=asked.q, niche=asked.niche, specialist=asked.specialist, after=asked.after, size=asked.limit
    )


@router.get("/cases/{slug}", response_model=PublicCase)
def show(slug: SlugText, viewer: Anyone, db: DB) -> Any:
    """A published case as everyone sees it: under NDA without the client's name and without values."""
    case, author = queries.find_visible(db, viewer, slug)
    facts = facts_of(case, queries.kpis_of(db, case.id), queries.images_of(db, case.id), public=True)
    return {**facts, "specialist": author.name, "specialist_slug": author.slug}


@router.get("/my/cases", response_model=OwnCases)
def list_mine(
    viewer: SpecialistMember,
    db: DB,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    """The cases of the workspace, drafts too, the newest first."""
    return queries.list_own(db, viewer, after=after, size=limit)


@router.post("/my/cases", response_model=OwnCase, status_code=201)
def create(viewer: SpecialistMember, db: DB, data: CaseInput) -> Any:
    return _own(db, cases.create(db, data, by=viewer))


@router.get("/my/cases/{case_id}", response_model=OwnCase)
def mine(case: Own, db: DB) -> Any:
    return _own(db, case)


@router.put("/my/cases/{case_id}", response_model=OwnCase)
def edit(viewer: SpecialistMember, case: Own, db: DB, data: CaseInput) -> Any:
    cases.edit(db, case, data, by=viewer)
    return _own(db, case)


@router.delete("/my/cases/{case_id}", status_code=204)
def remove(viewer: SpecialistMember, case: Own, db: DB) -> None:
    """Forget a draft; a published case is taken off the web first."""
    cases.remove(db, case, by=viewer)


@router.post("/my/cases/{case_id}/publication", response_model=OwnCase)
def publish(viewer: SpecialistMember, case: Own, db: DB) -> Any:
    """Show the case to everyone; a 422 names what is missing."""
    cases.publish(db, case, by=viewer)
    return _own(db, case)


@router.delete("/my/cases/{case_id}/publication", response_model=OwnCase)
def unpublish(viewer: SpecialistMember, case: Own, db: DB) -> Any:
    cases.unpublish(db, case, by=viewer)
    return _own(db, case)


@router.post("/my/cases/{case_id}/images", response_model=OwnCase, status_code=201)
def add_image(
    viewer: SpecialistMember,
    case: Own,
    db: DB,
    storage: AppStorage,
    picture: Annotated[UploadFile, File()],
    caption: Annotated[MaybeLine, Form()] = "",
) -> Any:
    """Send a picture as ``multipart/form-data``, at most 10 MB; a case has at most 8."""
    content = picture.file.read(LARGEST + 1)
    cases.add_image(db, storage, case, content, picture.filename or "", caption, by=viewer)
    return _own(db, case)


@router.delete("/my/cases/{case_id}/images/{image_id}", status_code=204)
def remove_image(image_id: UUID, viewer: SpecialistMember, case: Own, db: DB) -> None:
    cases.remove_image(db, case, image_id, by=viewer)


def _own(db: Session, case: Case) -> dict[str, Any]:
    kpis, images = queries.kpis_of(db, case.id), queries.images_of(db, case.id)
    gaps = checklist.missing(case, kpis, [image.caption for image in images])
    return {**facts_of(case, kpis, images, public=False), "missing": list(gaps)}
