"""Deals and stages over JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.access import SpecialistMember
from core.fields import PageSize, Query
from core.paging import PAGE_SIZE
from crm.deals import board, moves, queries, stages, timeline
from crm.deals import service as deals
from crm.deals.access import OwnDeal, StageKeeper
from crm.deals.queries import Sort
from crm.deals.schemas import (
    DealEdit,
    DealInput,
    DealPage,
    DealRead,
    MoveInput,
    NewStageInput,
    NextStepInput,
    NoteInput,
    NotePage,
    NoteRead,
    StageChangePage,
    StageRead,
    StagesInput,
    TimelinePage,
)
from web.deps import DB
from web.routing import api

router = api("crm")


@router.get("/stages", response_model=list[StageRead])
def list_stages(viewer: SpecialistMember, db: DB) -> Any:
    """The columns from left to right with their number of deals and exact sums by currency."""
    return board.read_stages(db, viewer)


@router.put("/stages", response_model=list[StageRead])
def arrange(viewer: StageKeeper, db: DB, data: StagesInput) -> Any:
    stages.arrange(db, data, by=viewer)
    db.flush()
    return board.read_stages(db, viewer)


@router.post("/stages", response_model=list[StageRead], status_code=201)
def add_stage(viewer: StageKeeper, db: DB, data: NewStageInput) -> Any:
    """Behind the last stage of its kind; answers all columns."""
    stages.add(db, data, by=viewer)
    db.flush()
    return board.read_stages(db, viewer)


@router.delete("/stages/{stage_id}", status_code=204)
def remove_stage(viewer: StageKeeper, stage_id: UUID, db: DB) -> None:
    stages.remove(db, stage_id, by=viewer)


@router.get("/deals", response_model=DealPage)
def index(
    viewer: SpecialistMember,
    db: DB,
    q: Query = "",
    stage: str = "open",
    sort: Sort = "next",
    company: UUID | None = None,
    contact: UUID | None = None,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    """``stage``: ``all``, a stage's id, or ``open`` with those on hold or lost whose day to come back has come."""
    return queries.list_deals(
        db, viewer, q=q, stage=stage, company_id=company, contact_id=contact, sort=sort, after=after, size=limit
    )


@router.post("/deals", response_model=DealRead, status_code=201)
def create(viewer: SpecialistMember, db: DB, data: DealInput) -> Any:
    deal = deals.create(db, data, by=viewer)
    return queries.read_deal(db, viewer, deal.id)


@router.get("/deals/{deal_id}", response_model=DealRead)
def show(viewer: SpecialistMember, deal_id: UUID, db: DB) -> Any:
    return queries.read_deal(db, viewer, deal_id)


@router.put("/deals/{deal_id}", response_model=DealRead)
def edit(viewer: SpecialistMember, deal: OwnDeal, db: DB, data: DealEdit) -> Any:
    deals.edit(db, deal, data, by=viewer)
    return queries.read_deal(db, viewer, deal.id)


@router.delete("/deals/{deal_id}", status_code=204)
def delete(viewer: SpecialistMember, deal: OwnDeal, db: DB) -> None:
    deals.delete(db, deal, by=viewer)


@router.post("/deals/{deal_id}/stage", response_model=DealRead)
def move(viewer: SpecialistMember, deal: OwnDeal, db: DB, data: MoveInput) -> Any:
    """By hand, also to Proposal with an offer made elsewhere; offers sent here bring a deal there by themselves."""
    moves.move(db, deal, data, by=viewer)
    moves.require_used(deal, data)
    return queries.read_deal(db, viewer, deal.id)


@router.put("/deals/{deal_id}/next-step", response_model=DealRead)
def set_next_step(viewer: SpecialistMember, deal: OwnDeal, db: DB, data: NextStepInput) -> Any:
    deals.set_next_step(db, deal, data, by=viewer)
    return queries.read_deal(db, viewer, deal.id)


@router.get("/deals/{deal_id}/notes", response_model=NotePage)
def notes(deal: OwnDeal, db: DB, after: str | None = None, limit: PageSize = PAGE_SIZE) -> Any:
    """Newest first."""
    return queries.list_notes(db, deal.id, after=after, size=limit)


@router.post("/deals/{deal_id}/notes", response_model=NoteRead, status_code=201)
def note(viewer: SpecialistMember, deal: OwnDeal, db: DB, data: NoteInput) -> Any:
    made = deals.note(db, deal, data, by=viewer)
    return NoteRead(id=made.id, text=made.text, by=viewer.name, at=made.at)


@router.delete("/deals/{deal_id}/notes/{note_id}", status_code=204)
def remove_note(viewer: SpecialistMember, deal: OwnDeal, note_id: UUID, db: DB) -> None:
    deals.remove_note(db, deal, note_id, by=viewer)


@router.get("/deals/{deal_id}/changes", response_model=StageChangePage)
def changes(deal: OwnDeal, db: DB, after: str | None = None, limit: PageSize = PAGE_SIZE) -> Any:
    """The stage history, newest first."""
    return queries.list_changes(db, deal.id, after=after, size=limit)


@router.get("/deals/{deal_id}/timeline", response_model=TimelinePage)
def read_timeline(deal: OwnDeal, db: DB, after: str | None = None, limit: PageSize = PAGE_SIZE) -> Any:
    """What happened to the deal, its offer and its contract, and what was noted; newest first."""
    return timeline.read(db, deal, after=after, size=limit)
