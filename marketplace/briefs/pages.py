"""Public pages: the board. A brief's own page says what its reader offered, so it stands with the offers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi import Query as QueryParam

from accounts.access import Anyone, SpecialistMember
from core.i18n import gettext as _
from marketplace.briefs import board, choices, invitations
from marketplace.briefs.index import BUDGET_STEPS
from marketplace.briefs.matching import match
from marketplace.briefs.schemas import BoardFilters, EntryInput
from marketplace.profiles import queries as profiles
from web.deps import DB
from web.forms import Submitted, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/briefs")

EntryForm = Annotated[Submitted[EntryInput], Depends(form_of(EntryInput))]


@router.get("")
def index(request: Request, viewer: Anyone, db: DB, filters: Annotated[BoardFilters, QueryParam()]) -> Response:
    found = board.find(db, filters)
    own = profiles.profile_of(db, viewer.workspace_id) if viewer and viewer.is_specialist else None
    matches = {card.id: match(own, card.platforms, card.languages, card.lines) for card in found.rows} if own else {}
    return page(
        request,
        "marketplace/briefs/index.html",
        found=found,
        filters=filters,
        matches=matches,
        choices=choices,
        budgets=BUDGET_STEPS,
    )


@router.post("/{brief_id}/entry")
def enter(request: Request, brief_id: UUID, viewer: SpecialistMember, db: DB, form: EntryForm) -> Response:
    """From a private link to the offer form: the brief stays visible to this workspace."""
    key = form.checked.key if form.checked else ""
    brief = invitations.find_by_key(db, brief_id, key)
    invitations.enter(db, brief, by=viewer)
    return redirect(request, f"/briefs/{brief.id}/offers/new", flash=_("You can find this brief by its address now"))
