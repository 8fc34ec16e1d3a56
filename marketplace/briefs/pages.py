"""Public pages: the board. A brief's own page says what its reader offered, so it stands with the offers."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi import Query as QueryParam
from fastapi.responses import HTMLResponse

from accounts.access import Anyone, SpecialistMember
from core.i18n import gettext as _
from marketplace.briefs import board, facets, invitations, survey
from marketplace.briefs.matching import match
from marketplace.briefs.schemas import BoardFilters, EntryInput
from marketplace.profiles import queries as profiles
from web.deps import DB
from web.forms import Submitted, form_of
from web.responses import is_htmx, page, redirect, render
from web.routing import pages

router = pages("/briefs")

EntryForm = Annotated[Submitted[EntryInput], Depends(form_of(EntryInput))]


@router.get("")
def index(request: Request, viewer: Anyone, db: DB, filters: Annotated[BoardFilters, QueryParam()]) -> Response:
    counted = survey.survey(db, filters)
    found = board.find(db, filters, counted.sizes)
    own = profiles.profile_of(db, viewer.workspace_id) if viewer and viewer.is_specialist else None
    matches = {card.id: match(own, card.platforms, card.languages, card.lines) for card in found.rows} if own else {}
    total, capped = survey.total_beside(found, filters, counted)
    lists, drawn = facets.lists_of(request.app.state.templates, filters, counted)
    values: dict[str, Any] = {
        "found": found,
        "filters": filters,
        "matches": matches,
        "total": total,
        "capped": capped,
        "lists": lists,
        "facets": drawn,
        "tags": facets.tags_of(filters),
        "next_url": facets.address(filters, after=found.next) if found.next else "",
    }
    if not is_htmx(request):
        return page(request, "marketplace/briefs/index.html", **values)
    pushed = {"HX-Push-Url": facets.address(filters)}
    return HTMLResponse(render(request, "marketplace/briefs/_answer.html", **values), headers=pushed)


@router.post("/{brief_id}/entry")
def enter(request: Request, brief_id: UUID, viewer: SpecialistMember, db: DB, form: EntryForm) -> Response:
    """From a private link to the offer form: the brief stays visible to this workspace."""
    key = form.checked.key if form.checked else ""
    brief = invitations.find_by_key(db, brief_id, key)
    invitations.enter(db, brief, by=viewer)
    return redirect(request, f"/briefs/{brief.id}/offers/new", flash=_("You can find this brief by its address now"))
