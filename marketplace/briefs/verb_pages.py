"""What a business does with a brief that is out: pause, close, reopen, cancel, invite, pass on a link."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import BusinessMember
from core.db import Session
from core.fields import Query
from core.i18n import gettext as _
from core.templating import show_date
from marketplace.briefs import choices, invitations, queries
from marketplace.briefs import service as briefs
from marketplace.briefs.access import OwnBrief
from marketplace.briefs.models import Brief
from marketplace.briefs.schemas import BriefInvitationInput, CancellationInput, ReopeningInput
from web.deps import DB, AppSettings
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import page, redirect
from web.routing import pages

router = pages("/my/briefs/{brief_id}")

CancellationForm = Annotated[Submitted[CancellationInput], Depends(form_of(CancellationInput))]
ReopeningForm = Annotated[Submitted[ReopeningInput], Depends(form_of(ReopeningInput))]
InvitationForm = Annotated[Submitted[BriefInvitationInput], Depends(form_of(BriefInvitationInput))]


@router.post("/pause")
def pause(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    briefs.pause(db, brief, by=viewer)
    return redirect(request, f"/briefs/{brief.id}", flash=_("Paused. No offers come in until you go on."))


@router.post("/resumption")
def resume(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    briefs.resume(db, brief, by=viewer)
    day = show_date(brief.decision_on) if brief.decision_on else ""
    text = _("Open again. You choose by %(day)s.") % {"day": day} if day else _("Open again")
    return redirect(request, f"/briefs/{brief.id}", flash=text)


@router.post("/closing")
def close(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    briefs.close(db, brief, by=viewer)
    return redirect(request, f"/briefs/{brief.id}", flash=_("Closed to new offers. Those you have stay."))


@router.post("/confirmation")
def confirm(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB) -> Response:
    briefs.confirm(db, brief, by=viewer)
    return redirect(request, f"/briefs/{brief.id}", flash=_("Good. The brief stays for another 30 days."))


@router.get("/reopening")
def reopening(request: Request, brief: OwnBrief) -> Response:
    return page(request, "marketplace/briefs/reopen.html", brief=brief, form=blank(), choices=choices)


@router.post("/reopening")
def reopen(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB, form: ReopeningForm) -> Response:
    form.attempt(db, lambda data: briefs.reopen(db, brief, data, by=viewer))
    if form.errors:
        return page(request, "marketplace/briefs/reopen.html", status=422, brief=brief, form=form, choices=choices)
    return redirect(request, f"/briefs/{brief.id}", flash=_("Open again"))


@router.get("/cancellation")
def cancellation(request: Request, brief: OwnBrief) -> Response:
    return page(request, "marketplace/briefs/cancel.html", brief=brief, form=blank(), choices=choices)


@router.post("/cancellation")
def cancel(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB, form: CancellationForm) -> Response:
    form.attempt(db, lambda data: briefs.cancel(db, brief, data, by=viewer))
    if form.errors:
        return page(request, "marketplace/briefs/cancel.html", status=422, brief=brief, form=form, choices=choices)
    return redirect(request, "/my/briefs", flash=_("Cancelled"))


@router.get("/invitations")
def invited(request: Request, brief: OwnBrief, db: DB, profile: Query = "") -> Response:
    return _invitations(request, db, brief, blank(profile=profile))


@router.post("/invitations", dependencies=[Limit("brief_invite", most=60, seconds=3600)])
def invite(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB, form: InvitationForm) -> Response:
    form.attempt(db, lambda data: invitations.invite(db, brief, data, by=viewer))
    if form.errors:
        return _invitations(request, db, brief, form, status=422)
    return redirect(request, f"/my/briefs/{brief.id}/invitations", flash=_("Invited"))


def _invitations(request: Request, db: Session, brief: Brief, form: Submitted[Any], *, status: int = 200) -> Response:
    found = queries.invited_to(db, brief.id)
    return page(request, "marketplace/briefs/invitations.html", status=status, brief=brief, invited=found, form=form)


@router.post("/link")
def renew_link(request: Request, viewer: BusinessMember, brief: OwnBrief, db: DB, settings: AppSettings) -> Response:
    """Shows the new link once; only its hash is kept, so this answer cannot be a redirect."""
    token = invitations.renew_link(db, brief, by=viewer)
    address = f"{settings.base_url.rstrip('/')}/briefs/{brief.id}?key={token}"
    return page(request, "marketplace/briefs/link.html", brief=brief, address=address)
