"""The inbox, its live count, and the choice of what to hear of."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from accounts.access import Person
from accounts.workspaces import members
from core.errors import Invalid
from core.i18n import gettext as _
from notifications.inbox import queries
from notifications.inbox import service as inbox
from notifications.inbox.access import OwnNotice, UnreadWatch
from notifications.inbox.days import by_day
from notifications.inbox.kinds import GROUPS
from notifications.inbox.schemas import PreferencesInput, ReadingInput
from notifications.inbox.stream import LONGEST
from web.deps import DB
from web.forms import Submitted, form_of
from web.middleware import HEAD
from web.responses import page, redirect
from web.routing import pages

router = pages()

PreferencesForm = Annotated[Submitted[PreferencesInput], Depends(form_of(PreferencesInput))]
ReadingForm = Annotated[Submitted[ReadingInput], Depends(form_of(ReadingInput))]


@router.get("/inbox")
def index(request: Request, viewer: Person, db: DB, after: str | None = None) -> Response:
    found = queries.list_notices(db, viewer, after=after)
    days = by_day(found.rows, request.app.state.clock(), viewer.time_zone)
    names = {place.id: place.name for place in viewer.places}
    return page(request, "notifications/inbox/index.html", found=found, days=days, names=names, after=after)


@router.get("/inbox/stream", response_class=StreamingResponse)
async def stream(
    request: Request, viewer: Person, watch: UnreadWatch, seconds: Annotated[int, Query(ge=0, le=LONGEST)] = LONGEST
) -> StreamingResponse:
    """``seconds=0`` tells the number once."""
    watch.admit(viewer)
    seconds = 0 if HEAD in request.scope else seconds
    return StreamingResponse(
        watch.follow(viewer, seconds), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


@router.post("/inbox/reading")
def read_all(request: Request, viewer: Person, db: DB, form: ReadingForm) -> Response:
    """With ``url``, said by a page that was opened from elsewhere than the inbox."""
    if form.errors:
        raise Invalid(_("This page is not known."), form.errors)
    inbox.read_all(db, form.data.url, by=viewer)
    if form.data.url:
        return Response(status_code=204)
    return redirect(request, "/inbox", flash=_("All read"))


@router.post("/inbox/{notice_id}/opening")
def open_notice(request: Request, viewer: Person, notice: OwnNotice, db: DB) -> Response:
    inbox.read(db, notice, by=viewer)
    if notice.workspace_id != viewer.workspace_id:
        members.switch(db, notice.workspace_id, by=viewer)
    return redirect(request, notice.url)


@router.get("/settings/notices")
def preferences(request: Request, viewer: Person, db: DB) -> Response:
    return _preferences(request, viewer, db, {})


@router.post("/settings/notices")
def choose(request: Request, viewer: Person, db: DB, form: PreferencesForm) -> Response:
    if form.errors:
        return _preferences(request, viewer, db, form.errors)
    inbox.choose(db, form.data, by=viewer)
    return redirect(request, "/settings/notices", flash=_("Saved"))


def _preferences(request: Request, viewer: Person, db: DB, errors: dict[str, str]) -> Response:
    wanted = queries.list_preferences(db, viewer.user_id)
    groups = [(_(title), [w for w in wanted if w.group == name]) for name, (title, _kinds) in GROUPS.items()]
    template = "notifications/inbox/preferences.html"
    return page(request, template, status=422 if errors else 200, groups=groups, errors=errors)
