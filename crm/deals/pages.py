"""Pages of the pipeline: board, list, stages, and adding a deal. One deal's pages are in ``deal_pages``."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.fields import Query
from core.i18n import gettext as _
from core.money import CURRENCIES
from crm.companies import queries as company_queries
from crm.deals import board, queries, stages, ways
from crm.deals import service as deals
from crm.deals.access import StageKeeper
from crm.deals.models import MOST_STAGES, OPEN_KINDS, StageKind
from crm.deals.queries import Sort
from crm.deals.schemas import DealInput, NewStageInput, StagesInput
from crm.deals.ways import Bar
from crm.deals.words import meaning_of
from marketplace.taxonomy.catalogue import load
from web.deps import DB
from web.forms import Submitted, blank, filled, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/deals")

DealForm = Annotated[Submitted[DealInput], Depends(form_of(DealInput))]
StagesForm = Annotated[Submitted[StagesInput], Depends(form_of(StagesInput))]
NewStageForm = Annotated[Submitted[NewStageInput], Depends(form_of(NewStageInput))]


@router.get("")
def index(request: Request, viewer: SpecialistMember, db: DB) -> Response:
    columns = board.read(db, viewer)
    today = viewer.today(db.now())
    bars = [(bar, ways.sentence(bar)) for bar in Bar]
    summary = board.summary(columns)
    return page(request, "crm/deals/board.html", columns=columns, summary=summary, today=today, bars=bars)


@router.get("/list")
def list_page(
    request: Request,
    viewer: SpecialistMember,
    db: DB,
    q: Query = "",
    stage: str = "open",
    sort: Sort = "next",
    company: UUID | None = None,
    contact: UUID | None = None,
    after: str | None = None,
) -> Response:
    found = queries.list_deals(
        db, viewer, q=q, stage=stage, company_id=company, contact_id=contact, sort=sort, after=after
    )
    columns = board.read_stages(db, viewer)
    asked = {"q": q, "stage": stage, "sort": sort, "company": company or "", "contact": contact or ""}
    rows = [(row, board.aged(row.stage_kind, row.entered_at, db.now())) for row in found.rows]
    return page(
        request,
        "crm/deals/list.html",
        rows=rows,
        next=found.next,
        columns=columns,
        summary=board.summary(columns),
        today=viewer.today(db.now()),
        asked=asked,
    )


@router.get("/new")
def new(request: Request, viewer: SpecialistMember, db: DB, company: UUID | None = None) -> Response:
    known = company_queries.find_company(db, viewer, company) if company else None
    form = blank(currency=queries.usual_currency(db, viewer), monthly="true", company=known.name if known else "")
    form.values["company_id"] = known.id if known else ""
    return _form_page(request, viewer, db, form)


@router.post("")
def create(request: Request, viewer: SpecialistMember, db: DB, form: DealForm) -> Response:
    deal = form.attempt(db, lambda data: deals.create(db, data, by=viewer))
    if deal is None:
        return _form_page(request, viewer, db, form, status=422)
    return redirect(request, f"/deals/{deal.id}", flash=_("Deal added"))


@router.get("/stages")
def stages_form(request: Request, viewer: SpecialistMember, db: DB) -> Response:
    return _stages_page(request, viewer, db)


@router.post("/stages")
def arrange(request: Request, viewer: StageKeeper, db: DB, form: StagesForm) -> Response:
    if form.attempt(db, lambda data: stages.arrange(db, data, by=viewer)) is None:
        return _stages_page(request, viewer, db, form, status=422)
    return redirect(request, "/deals", flash=_("Stages saved"))


@router.post("/stages/new")
def add_stage(request: Request, viewer: StageKeeper, db: DB, form: NewStageForm) -> Response:
    if form.attempt(db, lambda data: stages.add(db, data, by=viewer)) is None:
        return _stages_page(request, viewer, db, new=form, status=422)
    return redirect(request, "/deals/stages", flash=_("Stage added"))


@router.post("/stages/{stage_id}/remove")
def remove_stage(request: Request, viewer: StageKeeper, stage_id: UUID, db: DB) -> Response:
    stages.remove(db, stage_id, by=viewer)
    return redirect(request, "/deals/stages", flash=_("Stage removed"))


def _form_page(
    request: Request, viewer: Viewer, db: Session, form: Submitted[DealInput], *, status: int = 200
) -> Response:
    names = company_queries.list_names(db, viewer)
    return page(request, "crm/deals/new.html", status=status, form=form, companies=names, **choices())


def _stages_page(
    request: Request,
    viewer: Viewer,
    db: Session,
    form: Submitted[StagesInput] | None = None,
    *,
    new: Submitted[NewStageInput] | None = None,
    status: int = 200,
) -> Response:
    rows = board.read_stages(db, viewer)
    kinds = [row.kind for row in rows]
    stored = [
        {"id": row.id, "name": row.name, "position": row.position, "probability": row.probability} for row in rows
    ]
    return page(
        request,
        "crm/deals/stages.html",
        status=status,
        form=form or filled({"stages": stored}),
        stages=[(row, meaning_of(row.kind), kinds.count(row.kind) > 1 and not row.count) for row in rows],
        new=new or blank(kind=StageKind.QUALIFIED.value, probability=40),
        meanings=[(kind.value, meaning_of(kind)) for kind in OPEN_KINDS],
        may_add=len(rows) < MOST_STAGES,
    )


def choices() -> dict[str, object]:
    """What the selects of a deal's form offer."""
    catalogue = load()
    return {
        "currencies": CURRENCIES,
        "sources": [(code, _(source.name)) for code, source in catalogue.deal_sources.items()],
        "platforms": [(code, platform.name) for code, platform in catalogue.platforms.items() if not platform.legacy],
    }
