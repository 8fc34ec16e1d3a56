"""What must hold of stored profiles at any time; for ``postwright check``."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.db import Session
from marketplace.profiles.models import Profile, ProfileFacet, ProfileStatus

MOST_NAMED = 100


def broken_profiles(db: Session) -> list[str]:
    """Drafts that can be found, and published profiles that cannot or stand in the wrong place."""
    indexed = exists().where(col(ProfileFacet.profile_id) == Profile.id)
    misplaced = indexed.where(col(ProfileFacet.rank) != Profile.rank)
    published = col(Profile.status) == ProfileStatus.PUBLISHED
    suspended = exists().where(col(Workspace.id) == Profile.workspace_id, col(Workspace.suspended_at).is_not(None))
    rules = (
        ("is published although its workspace is suspended", published & suspended),
        ("is a draft but in the directory", ~published & indexed),
        ("is published but not in the directory", published & ~indexed),
        ("stands in the wrong place of the directory", published & misplaced),
    )
    return [
        f"profile {slug} {fault}"
        for fault, rule in rules
        for slug in db.scalars(select(col(Profile.slug)).where(rule).limit(MOST_NAMED))
    ]
