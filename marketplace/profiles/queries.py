"""Every SELECT about a single profile; the directory has its own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.db import Session
from marketplace.profiles.models import Profile, ProfileAddress, ProfileStatus


def profile_of(db: Session, workspace_id: UUID, *, lock: bool = False) -> Profile | None:
    """The profile of a specialist's workspace, published or not; with ``lock`` nobody else changes it meanwhile."""
    statement = select(Profile).where(col(Profile.workspace_id) == workspace_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.scalar(statement)


def find_published(db: Session, slug: str) -> Profile | None:
    """The published profile at this address or one it left; those of suspended workspaces are not there."""
    # two look-ups, each by its index: with OR SQLite would read every profile
    found = db.scalar(_published.where(col(Profile.slug) == slug))
    if found is not None:
        return found
    former = _published.join(ProfileAddress, col(ProfileAddress.profile_id) == Profile.id)
    return db.scalar(former.where(col(ProfileAddress.slug) == slug))


_published = (
    select(Profile)
    .join(Workspace, col(Workspace.id) == Profile.workspace_id)
    .where(col(Profile.status) == ProfileStatus.PUBLISHED, col(Workspace.suspended_at).is_(None))
)
