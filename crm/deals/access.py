"""Loading a deal and authorising in one step: what is not yours is not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import SpecialistMember
from accounts.viewers import Viewer
from accounts.workspaces.models import Role
from core.errors import Forbidden
from core.i18n import gettext as _
from crm.deals import queries
from crm.deals.models import Deal
from web.deps import DB


def own_deal(deal_id: UUID, viewer: SpecialistMember, db: DB) -> Deal:
    return queries.find_deal(db, viewer, deal_id)


OwnDeal = Annotated[Deal, Depends(own_deal)]


def stage_keeper(viewer: SpecialistMember) -> Viewer:
    """An owner of the workspace: stages are everybody's, so only owners change them."""
    if not viewer.may(Role.OWNER):
        raise Forbidden(_("Only an owner of the workspace changes the stages."), code="role")
    return viewer


StageKeeper = Annotated[Viewer, Depends(stage_keeper)]
