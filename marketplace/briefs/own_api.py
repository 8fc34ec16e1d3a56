"""A business's own briefs over JSON; every verb is a resource below the brief."""

from __future__ import annotations

from typing import Any

from accounts.access import BusinessMember
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict
from core.fields import PageSize
from core.i18n import gettext as _
from core.paging import PAGE_SIZE
from marketplace.briefs import drafts, guide, invitations, queries
from marketplace.briefs import service as briefs
from marketplace.briefs.access import OwnBrief
from marketplace.briefs.missing import missing_fields
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.reads import BriefPage, InvitedRead, LinkRead, OwnBriefRead, facts_of
from marketplace.briefs.schemas import BriefInput, BriefInvitationInput, CancellationInput, ReopeningInput
from web.deps import DB
from web.limits import Limit
from web.routing import api

router = api("marketplace", "/my/briefs")


def _read(db: Session, brief: Brief, viewer: Viewer) -> dict[str, Any]:
    lines = queries.lines_of(db, brief.id)
    missing = missing_fields(brief, lines, viewer.today(db.now()))
    realism = guide.estimate(db, brief, lines)["realism"]
    return {**facts_of(brief, lines), "missing": missing, "realism": realism}


@router.get("", response_model=BriefPage)
def index(
    viewer: BusinessMember,
    db: DB,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    return queries.list_own(db, viewer, after=after, size=limit)


@router.post(
    "",
    response_model=OwnBriefRead,
    status_code=201,
    dependencies=[Limit("brief_start", most=60, seconds=3600)],
)
def create(viewer: BusinessMember, db: DB, data: BriefInput) -> Any:
    """A draft; it may be incomplete."""
    return _read(db, drafts.create(db, data, by=viewer), viewer)


@router.get("/{brief_id}", response_model=OwnBriefRead)
def show(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    return _read(db, brief, viewer)


@router.patch("/{brief_id}", response_model=OwnBriefRead)
def edit(viewer: BusinessMember, brief: OwnBrief, db: DB, data: BriefInput) -> Any:
    """Change what is sent and leave the rest."""
    drafts.save(db, brief, data, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/submission", response_model=OwnBriefRead)
def submit(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    briefs.submit(db, brief, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/pause", response_model=OwnBriefRead)
def pause(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    briefs.pause(db, brief, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/resumption", response_model=OwnBriefRead)
def resume(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    briefs.resume(db, brief, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/closing", response_model=OwnBriefRead)
def close(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    briefs.close(db, brief, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/confirmation", response_model=OwnBriefRead)
def confirm(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    """Still looking: the thirty days start anew."""
    briefs.confirm(db, brief, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/reopening", response_model=OwnBriefRead)
def reopen(viewer: BusinessMember, brief: OwnBrief, db: DB, data: ReopeningInput) -> Any:
    briefs.reopen(db, brief, data, by=viewer)
    return _read(db, brief, viewer)


@router.post("/{brief_id}/cancellation", response_model=OwnBriefRead)
def cancel(viewer: BusinessMember, brief: OwnBrief, db: DB, data: CancellationInput) -> Any:
    briefs.cancel(db, brief, data, by=viewer)
    return _read(db, brief, viewer)


@router.delete("/{brief_id}", status_code=204)
def discard(viewer: BusinessMember, brief: OwnBrief, db: DB) -> None:
    """Call a draft off without a reason; anything else wants a cancellation."""
    if brief.status is not BriefStatus.DRAFT:
        raise Conflict(_("Only a draft is thrown away. Call this brief off with a reason."))
    briefs.cancel(db, brief, CancellationInput(), by=viewer)


@router.get("/{brief_id}/invitations", response_model=list[InvitedRead])
def invited(brief: OwnBrief, db: DB) -> Any:
    return queries.invited_to(db, brief.id)


@router.post(
    "/{brief_id}/invitations",
    response_model=list[InvitedRead],
    status_code=201,
    dependencies=[Limit("brief_invite", most=60, seconds=3600)],
)
def invite(viewer: BusinessMember, brief: OwnBrief, db: DB, data: BriefInvitationInput) -> Any:
    invitations.invite(db, brief, data, by=viewer)
    return queries.invited_to(db, brief.id)


@router.put("/{brief_id}/link", response_model=LinkRead)
def renew_link(viewer: BusinessMember, brief: OwnBrief, db: DB) -> Any:
    """A new private link; the old one ends. ``PUT``, so that no answer with the key is kept for repetition."""
    return LinkRead(key=invitations.renew_link(db, brief, by=viewer))
