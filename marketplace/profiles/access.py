"""Loading the profile of the viewer's own workspace."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.access import SpecialistMember
from core.errors import NotFound
from core.i18n import gettext as _
from marketplace.profiles import queries
from marketplace.profiles.models import Profile
from web.deps import DB


def own_profile(viewer: SpecialistMember, db: DB) -> Profile:
    found = queries.profile_of(db, viewer.workspace_id)
    if found is None:
        raise NotFound(_("There is nothing here."))
    return found


OwnProfile = Annotated[Profile, Depends(own_profile)]
