"""What cases do when something happens elsewhere."""

from __future__ import annotations

from core.db import Session
from core.events import Event
from marketplace.cases import service as cases
from marketplace.profiles.models import Profile


def on_profile_shown_or_hidden(db: Session, event: Event) -> None:
    """Pictures of published cases are only for everyone while the profile is published too."""
    profile = db.get_one(Profile, event.subject_id)
    cases.show_pictures(db, profile.workspace_id)


def on_workspace_closed(db: Session, event: Event) -> None:
    """workspace.closed: nobody's cases are kept for nobody."""
    cases.forget(db, event.subject_id)
