"""Loading a brief and authorising in one step: what a viewer may not see is not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from accounts.access import Anyone, BusinessMember, Staff
from marketplace.briefs import queries
from marketplace.briefs import service as briefs
from marketplace.briefs.models import Brief
from web.deps import DB
from web.routing import SAFE_METHODS


def own_brief(request: Request, brief_id: UUID, viewer: BusinessMember, db: DB) -> Brief:
    """The workspace's own brief, locked for unsafe methods."""
    return queries.find_own(db, viewer, brief_id, lock=request.method not in SAFE_METHODS)


def visible_brief(brief_id: UUID, viewer: Anyone, db: DB, key: str = "") -> Brief:
    return queries.find_visible(db, viewer, brief_id, key)


def any_brief(request: Request, brief_id: UUID, viewer: Staff, db: DB) -> Brief:
    """Any brief, for staff, locked for unsafe methods."""
    if request.method in SAFE_METHODS:
        return queries.find_visible(db, viewer, brief_id)
    return briefs.lock(db, brief_id)


OwnBrief = Annotated[Brief, Depends(own_brief)]
VisibleBrief = Annotated[Brief, Depends(visible_brief)]
AnyBrief = Annotated[Brief, Depends(any_brief)]
