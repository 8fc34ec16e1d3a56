"""Every SELECT about a single profile; the directory has its own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.workspaces.models import Workspace
from core.db import Session
from core.events import Event
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


def is_hidden(db: Session, profile: Profile) -> bool:
    """Whether the profile was last taken down by nobody, because its workspace was suspended."""
    last = select(col(Event.kind), col(Event.actor_id)).where(
        col(Event.subject_id) == profile.id, col(Event.kind).in_(("profile.published", "profile.unpublished"))
    )
    return db.execute(last.order_by(col(Event.id).desc()).limit(1)).first() == ("profile.unpublished", None)


_published = (
    select(Profile)
    .join(Workspace, col(Workspace.id) == Profile.workspace_id)
    .where(col(Profile.status) == ProfileStatus.PUBLISHED, col(Workspace.suspended_at).is_(None))
)
