"""Pages of cases: the public ones and the specialist's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from accounts.access import Anyone, SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Forbidden, Invalid
from core.fields import MaybeLine, SlugText
from core.i18n import gettext as _
from core.money import CURRENCIES
from core.paging import Page
from files.access import AppStorage
from files.storage import Storage
from marketplace.cases import checklist, queries
from marketplace.cases import service as cases
from marketplace.cases.access import OwnCase
from marketplace.cases.models import Case, KpiSource
from marketplace.cases.numbers import number_of, source_names
from marketplace.cases.schemas import MOST_KPIS, CaseInput, CaseQuery
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.words import kpi_with_unit, niche_name, platform_name, responsibility_name
from web.cells import PostedFile
from web.deps import DB
from web.etags import mark, tagged, unchanged
from web.forms import Submitted, blank, filled, form_of, query_of
from web.responses import page, redirect
from web.routing import pages

router = pages()


class CaseSubmission(CaseInput):
    """A stored case with one more picture, as one form. ``then``: what the button pressed does after saving."""

    then: Literal["", "publish", "add_picture"] = ""
    picture: PostedFile | None = Field(default=None, validate_default=True)
    caption: MaybeLine = ""

    @field_validator("picture")
    @classmethod
    def choose_before_adding(cls, picture: PostedFile | None, info: ValidationInfo) -> PostedFile | None:
        if picture is None and info.data.get("then") == "add_picture":
            raise PydanticCustomError("picture", "Choose a picture first.")
        return picture


Asked = Annotated[Submitted[CaseQuery], Depends(query_of(CaseQuery))]
NewCaseForm = Annotated[Submitted[CaseInput], Depends(form_of(CaseInput))]
CaseForm = Annotated[Submitted[CaseSubmission], Depends(form_of(CaseSubmission))]


@router.get("/cases")
def index(request: Request, viewer: Anyone, db: DB, form: Asked) -> Response:
    data = CaseQuery() if form.errors else form.data
    found = Page([], None) if form.errors else queries.list_published(db, q=data.q, niche=data.niche, after=data.after)
    values = {
        "form": form,
        "found": found,
        "numbers": queries.headline_numbers(db, found.rows),
        "covers": queries.covers(db, found.rows),
        "next": urlencode({"q": data.q, "niche": data.niche, "after": found.next}) if found.next else "",
        "niches": [(code, niche_name(code)) for code in load().niches],
    }
    return page(request, "marketplace/cases/index.html", status=422 if form.errors else 200, **values)


@router.get("/cases/{slug}")
def show(request: Request, slug: SlugText, viewer: Anyone, db: DB) -> Response:
    tag = None
    if viewer is None:
        found = queries.mark_of(db, slug)
        tag = mark(request, *found) if found else None
        if (same := unchanged(request, tag)) is not None:
            return same
    case, author = queries.find_visible(db, viewer, slug)
    values = {
        "case": case,
        "author": author,
        "own": viewer is not None and viewer.place is not None and viewer.place.id == case.workspace_id,
        "kpis": [number_of(row, nda=case.is_nda) for row in queries.kpis_of(db, case.id)],
        "images": queries.images_of(db, case.id),
    }
    return tagged(page(request, "marketplace/cases/show.html", **values), tag)


@router.get("/my/cases")
def mine(request: Request, viewer: SpecialistMember, db: DB, after: str | None = None) -> Response:
    return page(request, "marketplace/cases/mine.html", found=queries.list_own(db, viewer, after=after))


@router.get("/my/cases/new")
def new(request: Request, viewer: SpecialistMember) -> Response:
    return page(request, "marketplace/cases/form.html", form=blank(), case=None, **_choices())


@router.post("/my/cases")
def create(request: Request, viewer: SpecialistMember, db: DB, form: NewCaseForm) -> Response:
    case = form.attempt(db, lambda data: cases.create(db, data, by=viewer))
    if case is None:
        return page(request, "marketplace/cases/form.html", status=422, form=form, case=None, **_choices())
    return redirect(request, f"/my/cases/{case.id}", flash=_("Draft saved"))


@router.get("/my/cases/{case_id}")
def edit_form(request: Request, case: OwnCase, db: DB) -> Response:
    return _edit_page(request, db, case, _stored(db, case))


@router.post("/my/cases/{case_id}")
def edit(
    request: Request, viewer: SpecialistMember, case: OwnCase, db: DB, storage: AppStorage, form: CaseForm
) -> Response:
    if not form.succeeds(db, lambda data: _save(db, storage, case, data, viewer), over=_stored(db, case)):
        return _edit_page(request, db, case, form, status=form.status)
    if form.data.then == "publish":
        return _publish(request, viewer, case, db)
    if form.data.picture is not None:
        return redirect(request, f"/my/cases/{case.id}#pictures", flash=_("Picture added"))
    return redirect(request, f"/my/cases/{case.id}", flash=_("Saved"))


def _save(db: Session, storage: Storage, case: Case, data: CaseSubmission, viewer: Viewer) -> None:
    cases.edit(db, case, data, by=viewer)
    if data.picture is not None:
        cases.add_image(db, storage, case, data.picture.content, data.picture.name, data.caption, by=viewer)


def _publish(request: Request, viewer: Viewer, case: Case, db: Session) -> Response:
    try:
        cases.publish(db, case, by=viewer)
    except (Invalid, Forbidden) as error:  # said before anything is written: what was saved stays
        form = _stored(db, case)
        form.refuse(error)
        return _edit_page(request, db, case, form, status=form.status)
    return redirect(request, f"/cases/{case.slug}", flash=_("Case published"))


@router.post("/my/cases/{case_id}/withdrawal")
def unpublish(request: Request, viewer: SpecialistMember, case: OwnCase, db: DB) -> Response:
    cases.unpublish(db, case, by=viewer)
    return redirect(request, f"/my/cases/{case.id}", flash=_("Case taken off the web"))


@router.post("/my/cases/{case_id}/removal")
def remove(request: Request, viewer: SpecialistMember, case: OwnCase, db: DB) -> Response:
    cases.remove(db, case, by=viewer)
    return redirect(request, "/my/cases", flash=_("Case deleted"))


@router.post("/my/cases/{case_id}/images/{image_id}/removal")
def remove_image(request: Request, image_id: UUID, viewer: SpecialistMember, case: OwnCase, db: DB) -> Response:
    cases.remove_image(db, case, image_id, by=viewer)
    return redirect(request, f"/my/cases/{case.id}#pictures", flash=_("Picture removed"))


def _stored(db: Session, case: Case) -> Submitted[Any]:
    kpis = [
        {
            "kpi": kpi.kpi,
            "label": kpi.label,
            "platform": kpi.platform,
            "before": _typed(kpi.before),
            "after": _typed(kpi.after),
            "currency": kpi.currency,
            "source": kpi.source.value,
            "source_note": kpi.source_note,
        }
        for kpi in queries.kpis_of(db, case.id)
    ]
    return filled({**case.model_dump(include=set(CaseInput.model_fields)), "kpis": kpis})


def _typed(thousandths: int) -> str:
    """A measure as it is typed: ``1234567500`` → ``1234567.5``."""
    return f"{Decimal(thousandths).scaleb(-3):f}".rstrip("0").rstrip(".")


def _edit_page(request: Request, db: Session, case: Case, form: Submitted[Any], status: int = 200) -> Response:
    images = queries.images_of(db, case.id)
    gaps = checklist.missing(case, queries.kpis_of(db, case.id), [image.caption for image in images])
    return page(
        request,
        "marketplace/cases/form.html",
        status=status,
        form=form,
        case=case,
        images=images,
        gaps={name.replace(".", "-"): text for name, text in gaps.items()},
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    catalogue = load()
    return {
        "platforms": [(code, platform_name(code)) for code in catalogue.platforms],
        "niches": [(code, niche_name(code)) for code in catalogue.niches],
        "kpi_choices": [(code, kpi_with_unit(code)) for code in catalogue.kpis],
        "groups": [
            (
                _(group.name),
                [(duty.code, responsibility_name(duty.code)) for duty in catalogue.responsibilities_of(code)],
            )
            for code, group in catalogue.groups.items()
        ],
        "sources": list({**source_names(), KpiSource.MANUAL.value: _("Typed in by you")}.items()),
        "most_kpis": MOST_KPIS,
        "currencies": [(code, code) for code in CURRENCIES],
    }
