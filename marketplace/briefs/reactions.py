"""What briefs do when something happens elsewhere."""

from __future__ import annotations

from core.db import Session
from core.events import Event
from marketplace.briefs import service as briefs


def on_workspace_suspended_or_restored(db: Session, event: Event) -> None:
    """workspace.suspended, workspace.restored: its open briefs leave the board and come back."""
    briefs.refresh_board(db, event.subject_id)


def on_workspace_closed(db: Session, event: Event) -> None:
    """workspace.closed: nobody is left to choose, its briefs are called off."""
    briefs.fall_with_client(db, event.subject_id)
