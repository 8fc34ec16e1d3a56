"""Briefs over JSON: the board and single briefs for everybody."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query as QueryParam

from accounts.access import Anyone, Member, SpecialistMember
from marketplace.briefs import board, guide, invitations, queries, survey
from marketplace.briefs.access import VisibleBrief
from marketplace.briefs.matching import match as match_profile
from marketplace.briefs.reads import AnswerRead, BriefBoardPage, BriefWithClient, MatchRead, facts_of
from marketplace.briefs.schemas import BoardQuery, EntryInput
from marketplace.profiles import queries as profiles
from web.deps import DB
from web.routing import api

router = api("marketplace", "/briefs")


@router.get("", response_model=BriefBoardPage)
def index(viewer: Anyone, db: DB, filters: Annotated[BoardQuery, QueryParam()]) -> Any:
    counted = survey.survey(db, filters)
    found = board.find(db, filters, counted.sizes)
    total, capped = survey.total_beside(found, filters, counted)
    return {"rows": found.rows, "next": found.next, "total": total, "capped": capped, "facets": counted.counts}


@router.get("/{brief_id}", response_model=BriefWithClient)
def show(viewer: Anyone, brief: VisibleBrief, db: DB) -> Any:
    client = queries.client_card(db, brief.workspace_id)
    return {**facts_of(brief, queries.lines_of(db, brief.id)), "client": client}


@router.get("/{brief_id}/match", response_model=MatchRead)
def match(viewer: SpecialistMember, brief: VisibleBrief, db: DB) -> Any:
    """What of the brief the own profile covers, published or not."""
    profile = profiles.profile_of(db, viewer.workspace_id)
    assert profile is not None  # every specialist's workspace has one
    return match_profile(profile, brief.platforms, brief.languages, queries.lines_of(db, brief.id))


@router.get("/{brief_id}/answers", response_model=list[AnswerRead])
def answers(viewer: Member, brief: VisibleBrief) -> Any:
    """The questionnaire as its page shows it to people with a workspace, in words of the request's language."""
    sections = guide.answered(brief, everything=brief.workspace_id == viewer.workspace_id)
    return [
        {"section": section, "question": question, "answer": answer}
        for section, rows in sections
        for question, answer in rows
    ]


@router.post("/{brief_id}/entry", status_code=204)
def enter(brief_id: UUID, viewer: SpecialistMember, db: DB, data: EntryInput) -> None:
    """Keep a brief one came to by its private link."""
    invitations.enter(db, invitations.find_by_key(db, brief_id, data.key), by=viewer)
