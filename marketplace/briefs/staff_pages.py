"""Staff look at briefs that wait: open them, give them back, call one off."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import Staff
from core.db import Session
from core.i18n import gettext as _
from marketplace.briefs import guide, queries
from marketplace.briefs import service as briefs
from marketplace.briefs.access import AnyBrief
from marketplace.briefs.models import Brief
from marketplace.briefs.schemas import CancellationInput, ReturnInput
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/staff/briefs")

ReturnForm = Annotated[Submitted[ReturnInput], Depends(form_of(ReturnInput))]
CancellationForm = Annotated[Submitted[CancellationInput], Depends(form_of(CancellationInput))]


@router.get("")
def index(request: Request, viewer: Staff, db: DB, after: str | None = None) -> Response:
    found = queries.list_in_review(db, after=after)
    return page(request, "marketplace/briefs/staff/index.html", found=found)


@router.get("/{brief_id}")
def show(request: Request, brief: AnyBrief, db: DB) -> Response:
    return _checked(request, db, brief, blank())


@router.post("/{brief_id}/opening")
def approve(request: Request, viewer: Staff, brief: AnyBrief, db: DB) -> Response:
    briefs.approve(db, brief, by=viewer)
    return redirect(request, "/staff/briefs", flash=_("The brief is out"))


@router.post("/{brief_id}/return")
def give_back(request: Request, viewer: Staff, brief: AnyBrief, db: DB, form: ReturnForm) -> Response:
    form.attempt(db, lambda data: briefs.give_back(db, brief, data, by=viewer))
    if form.errors:
        return _checked(request, db, brief, form, status=422)
    return redirect(request, "/staff/briefs", flash=_("Given back"))


@router.post("/{brief_id}/cancellation")
def cancel(request: Request, viewer: Staff, brief: AnyBrief, db: DB, form: CancellationForm) -> Response:
    form.attempt(db, lambda data: briefs.cancel(db, brief, data, by=viewer))
    if form.errors:
        return _checked(request, db, brief, form, status=422)
    return redirect(request, "/staff/briefs", flash=_("Cancelled"))


def _checked(request: Request, db: Session, brief: Brief, form: Submitted[Any], *, status: int = 200) -> Response:
    values = {
        **guide.review(db, brief, db.now().date()),
        "client": queries.client_card(db, brief.workspace_id),
        "sections": guide.answered(brief, everything=True),
    }
    return page(request, "marketplace/briefs/staff/show.html", status=status, form=form, **values)
