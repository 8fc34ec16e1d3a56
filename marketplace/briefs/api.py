"""Briefs over JSON: the board and single briefs for everybody."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query as QueryParam

from accounts.access import Anyone, SpecialistMember
from marketplace.briefs import board, invitations, queries
from marketplace.briefs.access import VisibleBrief
from marketplace.briefs.reads import BoardPage, BriefRead
from marketplace.briefs.schemas import BoardFilters, EntryInput
from web.deps import DB
from web.routing import api

router = api("marketplace", "/briefs")


@router.get("", response_model=BoardPage)
def index(viewer: Anyone, db: DB, filters: Annotated[BoardFilters, QueryParam()]) -> Any:
    found = board.find(db, filters)
    return {"rows": [{**card._mapping, "lines": lines} for card, lines in found.rows], "next": found.next}


@router.get("/{brief_id}", response_model=BriefRead)
def show(viewer: Anyone, brief: VisibleBrief, db: DB) -> Any:
    return {**brief.model_dump(), "lines": queries.lines_of(db, brief.id)}


@router.post("/{brief_id}/entry", status_code=204)
def enter(brief_id: UUID, viewer: SpecialistMember, db: DB, data: EntryInput) -> None:
    """Keep a brief one came to by its private link."""
    invitations.enter(db, invitations.find_by_key(db, brief_id, data.key), by=viewer)
