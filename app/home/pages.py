"""/home: decisions, next steps and meters of the workspace one works in."""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import Request, Response

from accounts.access import Person
from accounts.viewers import Viewer
from core.db import Session
from crm.contracts import queries as contracts
from crm.deals import queries as deals
from crm.scopes import queries as scopes
from crm.scopes.view import overview
from marketplace.briefs import choices
from marketplace.briefs import queries as briefs
from marketplace.offers import queries as offers
from marketplace.profiles import queries as profiles
from marketplace.profiles.models import ProfileStatus
from web.deps import DB
from web.responses import page
from web.routing import pages

router = pages("/home")
SHOWN = 5
COUNTED = 20
"""What waits is counted to here; the first few are shown."""


@router.get("")
def show(request: Request, viewer: Person, db: DB) -> Response:
    if viewer.place is None:
        return page(request, "app/no_workspace.html")
    today = viewer.today(db.now())
    waiting = offers.list_offers(db, viewer, offers.OfferTab.MINE, size=COUNTED)
    drafts = contracts.list_contracts(db, viewer, contracts.ContractTab.OPEN, size=COUNTED)
    running, summaries = _running(db, viewer, today)
    shared = {
        "shown": SHOWN,
        "offers": waiting,
        "contracts": drafts,
        "running": running,
        "summaries": summaries,
        "today": today,
        "to_check": briefs.count_in_review(db) if viewer.is_staff else 0,
    }
    if viewer.is_specialist:
        profile = profiles.profile_of(db, viewer.workspace_id)
        steps = deals.list_deals(db, viewer, sort="next", size=SHOWN)
        published = profile is not None and profile.status is ProfileStatus.PUBLISHED
        return page(request, "app/home_specialist.html", deals=steps, published=published, **shared)
    own = briefs.list_own(db, viewer, size=SHOWN)
    return page(request, "app/home_business.html", briefs=own, choices=choices, **shared)


def _running(db: Session, viewer: Viewer, today: date) -> tuple[Any, dict[Any, Any]]:
    """Running contracts with the summary of their meters this month of theirs."""
    found = contracts.list_contracts(db, viewer, contracts.ContractTab.RUNNING, size=SHOWN)
    ids = [row.id for row in found.rows]
    lines = scopes.metered_lines(db, ids, today) if ids else {}
    return found, {contract_id: overview(lines.get(contract_id, [])) for contract_id in ids}
