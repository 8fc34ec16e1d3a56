"""What the profile does when something happens elsewhere."""

from __future__ import annotations

from accounts.workspaces.models import Workspace, WorkspaceKind
from core.db import Session
from core.events import Event
from marketplace.profiles import service as profiles


def on_workspace_created(db: Session, event: Event) -> None:
    """A specialist's new workspace gets its draft profile."""
    workspace = db.get(Workspace, event.subject_id)
    if workspace is not None and workspace.kind is WorkspaceKind.SPECIALIST:
        profiles.start(db, workspace)


def on_workspace_suspended(db: Session, event: Event) -> None:
    """workspace.suspended: nobody finds its people."""
    profiles.hide(db, event.subject_id)


def on_workspace_restored(db: Session, event: Event) -> None:
    """workspace.restored: who was to be found is found again."""
    profiles.show_again(db, event.subject_id)


def on_workspace_closed(db: Session, event: Event) -> None:
    """workspace.closed: what its people said of themselves goes with them."""
    profiles.forget(db, event.subject_id)
