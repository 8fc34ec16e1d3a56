"""A business's own briefs: the list, the guided form step by step, and every verb."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from accounts.access import BusinessMember
from core.errors import Conflict, Invalid
from core.fields import Query
from core.i18n import gettext as _
from marketplace.briefs import choices, drafts, guide, queries
from marketplace.briefs import service as briefs
from marketplace.briefs.access import OwnBrief
from marketplace.briefs.folds import folds_of
from marketplace.briefs.models import BriefStatus
from marketplace.briefs.schemas import STEPS, ScopeForm, StartInput, Step, questions
from marketplace.profiles import queries as profiles
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import page, redirect, render
from web.routing import pages

router = pages("/my/briefs")

StartForm = Annotated[Submitted[StartInput], Depends(form_of(StartInput))]


async def read_step(request: Request, step: Step) -> Submitted[Any]:
    """The form of the step named in the address."""
    read: Submitted[Any] = await form_of(STEPS[step])(request)
    return read


StepForm = Annotated[Submitted[Any], Depends(read_step)]


@router.get("")
def index(request: Request, viewer: BusinessMember, db: DB, after: str | None = None, invite: Query = "") -> Response:
    """``invite`` is a profile's address: then the open briefs one can invite its specialist to."""
    guest = profiles.find_published(db, invite) if invite else None
    found = queries.list_own(db, viewer, after=after, only=BriefStatus.OPEN if guest else None)
    return page(request, "marketplace/briefs/mine.html", found=found, choices=choices, guest=guest)


@router.get("/new")
def new(request: Request, viewer: BusinessMember) -> Response:
    return page(request, "marketplace/briefs/new.html", form=blank(preset=""), choices=choices)


@router.post("", dependencies=[Limit("brief_start", most=60, seconds=3600)])
def start(request: Request, viewer: BusinessMember, db: DB, form: StartForm) -> Response:
    brief = form.attempt(db, lambda data: drafts.start(db, data, by=viewer))
    if brief is None:
        return page(request, "marketplace/briefs/new.html", status=422, form=form, choices=choices)
    return redirect(request, f"/my/briefs/{brief.id}/steps/business")


@router.get("/{brief_id}")
def show(request: Request, brief: OwnBrief) -> Response:
    draft = brief.status is BriefStatus.DRAFT
    return redirect(request, f"/my/briefs/{brief.id}/review" if draft else f"/briefs/{brief.id}")


@router.get("/{brief_id}/steps/{step}")
def edit(request: Request, viewer: BusinessMember, brief: OwnBrief, step: Step, db: DB) -> Response:
    drafts.require_editable(brief)
    return guide.step_page(request, db, brief, step, viewer.today(db.now()))


@router.post("/{brief_id}/steps/{step}")
def save(request: Request, viewer: BusinessMember, brief: OwnBrief, step: Step, db: DB, form: StepForm) -> Response:
    live, today = brief.status is not BriefStatus.DRAFT, viewer.today(db.now())
    if live and not form.errors and isinstance(form.data, ScopeForm) and form.data.rearranges:
        return guide.step_page(request, db, brief, step, today, guide.with_rows(form))
    stored = guide.stored_now(db, brief, step)
    guide.own_up(form, stored, step)
    form.attempt(db, lambda data: drafts.save_step(db, brief, step, data, by=viewer), over=stored)
    if form.errors:
        return guide.step_page(request, db, brief, step, today, form, status=form.status)
    return redirect(request, guide.next_address(brief, step, form.data), flash=_("Saved") if live else None)


@router.post("/{brief_id}/steps/{step}/draft")
def autosave(request: Request, viewer: BusinessMember, brief: OwnBrief, step: Step, db: DB, form: StepForm) -> Response:
    """Called while typing: whatever is there is kept, but never over what the page did not show."""
    stored = guide.stored_now(db, brief, step)
    guide.own_up(form, stored, step)
    if form.overtaken(stored):
        raise Conflict(
            _(
                "This step was changed in another tab or by somebody else, so nothing you type here is saved. "
                "Reload to see that version, or press Next to replace it."
            )
        )
    drafts.keep(db, brief, step, form.values, None if form.errors else form.data, by=viewer)
    return JSONResponse({"seen": guide.stored_now(db, brief, step).seen, "unread": form.errors})


@router.post("/{brief_id}/steps/{step}/estimate")
def estimate(request: Request, viewer: BusinessMember, brief: OwnBrief, step: Step, db: DB, form: StepForm) -> Response:
    """Hours and usual price of what is typed; stores nothing."""
    found = guide.estimate(db, brief, queries.lines_of(db, brief.id), form)
    folds = folds_of(form) if step is Step.SCOPE else []
    amounts = [question.code for question in questions(step) if question.unit == "money"]
    shown = render(request, "marketplace/briefs/steps/_answer.html", estimate=found, folds=folds, amounts=amounts)
    return Response(shown, media_type="text/html")


@router.get("/{brief_id}/review")
def review(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    if brief.status is not BriefStatus.DRAFT:
        return redirect(request, f"/briefs/{brief.id}")
    return page(request, "marketplace/briefs/review.html", **guide.review(db, brief, viewer.today(db.now())))


@router.post("/{brief_id}/submission")
def submit(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    try:
        briefs.submit(db, brief, by=viewer)
    except Invalid:
        return page(
            request, "marketplace/briefs/review.html", status=422, **guide.review(db, brief, viewer.today(db.now()))
        )
    out = brief.status is BriefStatus.OPEN
    said = _("Your brief is out") if out else _("Your brief is being checked. We tell you when it is out.")
    return redirect(request, f"/briefs/{brief.id}", flash=said)
