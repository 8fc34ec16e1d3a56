"""Pages of one deal: what is known, what comes next, moving it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request, Response

from accounts.access import SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict
from core.i18n import gettext as _
from crm.companies import queries as company_queries
from crm.companies.models import Company
from crm.deals import board, moves, queries, timeline, ways
from crm.deals import service as deals
from crm.deals.access import OwnDeal
from crm.deals.models import Deal, LostReason
from crm.deals.pages import choices
from crm.deals.schemas import DealEdit, MoveInput, NextStepInput, NoteInput
from crm.deals.words import reason_name, stage_name, step_text
from web.deps import DB
from web.forms import Submitted, blank, filled, form_of
from web.responses import fragments, is_htmx, page, redirect
from web.routing import pages

router = pages("/deals/{deal_id}")

Back = Literal["board", "deal"]
"""Where a move leads to: the page it was begun on."""

EditForm = Annotated[Submitted[DealEdit], Depends(form_of(DealEdit))]
MoveForm = Annotated[Submitted[MoveInput], Depends(form_of(MoveInput))]
StepForm = Annotated[Submitted[NextStepInput], Depends(form_of(NextStepInput))]
NoteForm = Annotated[Submitted[NoteInput], Depends(form_of(NoteInput))]


@router.get("")
def show(request: Request, viewer: SpecialistMember, deal_id: UUID, db: DB, after: str | None = None) -> Response:
    """``after``: where the timeline goes on."""
    return _deal_page(request, viewer, db, deal_id, after=after)


@router.get("/edit")
def edit_form(request: Request, deal: OwnDeal, db: DB) -> Response:
    return _edit_page(request, db, deal, _stored(deal))


@router.post("/edit")
def edit(request: Request, viewer: SpecialistMember, deal: OwnDeal, db: DB, form: EditForm) -> Response:
    saved = form.attempt(db, lambda data: deals.edit(db, deal, data, by=viewer), over=_stored(deal))
    if saved is None:
        if form.status == 409:  # told; sent again, it replaces what is there now
            form.values["version"] = deal.version
        return _edit_page(request, db, deal, form, status=form.status)
    return redirect(request, f"/deals/{deal.id}", flash=_("Saved"))


@router.get("/move")
def move_form(request: Request, deal: OwnDeal, db: DB, stage_id: UUID | None = None, back: Back = "deal") -> Response:
    form = filled({"stage_id": stage_id, "version": deal.version, "next_step_on": deal.next_step_on})
    form.values["next_step"] = step_text(deal.next_step)
    return _move_page(request, db, deal, form, back)


@router.post("/stage")
def move(
    request: Request,
    viewer: SpecialistMember,
    deal: OwnDeal,
    db: DB,
    form: MoveForm,
    back: Back = "board",
) -> Response:
    keep = () if is_htmx(request) else (Conflict,)  # a card goes back by itself; a form keeps what was typed
    moved = form.attempt(db, lambda data: moves.move(db, deal, data, by=viewer), keep=keep)
    if moved is None:
        return _refused(request, db, deal, form, back)
    columns = board.read(db, viewer) if is_htmx(request) else []
    shown = {"columns": columns, "summary": board.summary(columns), "today": viewer.today(db.now())}
    otherwise = "/deals" if back == "board" else f"/deals/{deal.id}"
    parts = [(f"crm/deals/{name}.html", shown) for name in ("_summary", "_board")]
    return fragments(request, *parts, otherwise=otherwise, flash=_("Moved"))


@router.post("/next-step")
def set_next_step(request: Request, viewer: SpecialistMember, deal: OwnDeal, db: DB, form: StepForm) -> Response:
    if form.attempt(db, lambda data: deals.set_next_step(db, deal, data, by=viewer)) is None:
        return _deal_page(request, viewer, db, deal.id, step=form, status=422)
    return redirect(request, f"/deals/{deal.id}", flash=_("Next step set"))


@router.post("/notes")
def note(request: Request, viewer: SpecialistMember, deal: OwnDeal, db: DB, form: NoteForm) -> Response:
    made = form.attempt(db, lambda data: deals.note(db, deal, data, by=viewer))
    if made is None:
        return _deal_page(request, viewer, db, deal.id, note=form, status=422)
    undo = f"/deals/{deal.id}/notes/{made.id}/delete"
    return redirect(request, f"/deals/{deal.id}", flash=_("Note added"), undo=undo)


@router.post("/notes/{note_id}/delete")
def remove_note(request: Request, viewer: SpecialistMember, deal: OwnDeal, note_id: UUID, db: DB) -> Response:
    deals.remove_note(db, deal, note_id, by=viewer)
    return redirect(request, f"/deals/{deal.id}", flash=_("Note deleted"))


@router.post("/delete")
def delete(request: Request, viewer: SpecialistMember, deal: OwnDeal, db: DB) -> Response:
    deals.delete(db, deal, by=viewer)
    return redirect(request, "/deals", flash=_("Deal deleted"))


def _deal_page(
    request: Request,
    viewer: Viewer,
    db: Session,
    deal_id: UUID,
    *,
    after: str | None = None,
    step: Submitted[NextStepInput] | None = None,
    note: Submitted[NoteInput] | None = None,
    status: int = 200,
) -> Response:
    deal = queries.read_deal(db, viewer, deal_id)
    days, aged = board.aged(deal.stage_kind, deal.entered_at, db.now())
    values: dict[str, Any] = {
        "deal": deal,
        "stage": stage_name(deal.stage_kind, deal.stage_name),
        "days": days,
        "aged": aged,
        "due": board.due(deal.stage_kind, deal.next_step_on, deal.resume_on),
        "today": viewer.today(db.now()),
        "contacts": company_queries.list_contacts(db, deal.company_id),
        "entries": timeline.read(db, deal, after=after),
        "after": after,
        "changes": [(stage_name(row.to_kind, row.to_name), row) for row in queries.list_changes(db, deal.id).rows],
        "step": step or filled({"next_step": step_text(deal.next_step), "next_step_on": deal.next_step_on}),
        "note": note or blank(),
    }
    return page(request, "crm/deals/show.html", status=status, **values)


def _stored(deal: Deal) -> Submitted[Any]:
    """The form with what is stored. Its version is part of it: a move counts as a change too."""
    form = filled(deal.model_dump(include=set(DealEdit.model_fields)), DealEdit)
    form.values["next_step"] = step_text(deal.next_step)
    return form


def _edit_page(request: Request, db: Session, deal: Deal, form: Submitted[DealEdit], *, status: int = 200) -> Response:
    contacts = [(row.id, row.name) for row in company_queries.list_contacts(db, deal.company_id)]
    return page(request, "crm/deals/edit.html", status=status, form=form, deal=deal, contacts=contacts, **choices())


def _move_page(
    request: Request, db: Session, deal: Deal, form: Submitted[MoveInput], back: Back, *, status: int = 200
) -> Response:
    offer = queries.offer_status(db, deal)
    own = board.list_stages(db, deal.workspace_id)
    stages = [stage for stage in own if ways.may_follow(deal, stage, offer, db.now())]
    names = {stage.id: stage_name(stage.kind, stage.name) for stage in own}
    reasons = [(reason.value, reason_name(reason)) for reason in LostReason]
    shown = {
        "deal": deal,
        "company": db.get_one(Company, deal.company_id).name,
        "stage": names[deal.stage_id],
        "stages": stages,
        "names": names,
        "reasons": reasons,
        "back": back,
        "hint": ways.advice(deal.stage_kind, offer, gone=ways.is_gone(deal.stage_kind, deal.closed_at, db.now())),
    }
    return page(request, "crm/deals/move.html", status=status, form=form, **shown)


def _refused(request: Request, db: Session, deal: Deal, form: Submitted[MoveInput], back: Back) -> Response:
    """What is missing: beside the board as a toast with the way to set it, else the form with what was sent."""
    if is_htmx(request):
        reason = next(iter(form.errors.values()))
        values = {"reason": reason, "deal": deal, "stage_id": form.value("stage_id")}
        return page(request, "crm/deals/_refused.html", status=422, **values)
    form.values["version"] = deal.version  # told what changed; sent again, it is meant
    return _move_page(request, db, deal, form, back, status=form.status)
