"""What offers do when something happens to their brief."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.events import Event
from marketplace.offers import outcomes


def on_brief_over(db: Session, event: Event) -> None:
    """brief.cancelled, brief.expired, brief.filled: offers to it are void, with the reason."""
    outcomes.void_all(db, event.subject_id, event.kind.replace(".", "_"))


def on_terms_changed(db: Session, event: Event) -> None:
    """brief.terms_changed: bidders confirm or withdraw."""
    outcomes.ask_confirmation(db, event.subject_id)


def on_brief_resumed(db: Session, event: Event) -> None:
    """brief.resumed: offers get back the time the brief was paused."""
    paused_at = db.scalar(
        select(col(Event.at))
        .where(col(Event.subject_id) == event.subject_id, col(Event.kind) == "brief.paused")
        .order_by(col(Event.id).desc())
        .limit(1)
    )
    if paused_at is not None:
        outcomes.give_back_time(db, event.subject_id, event.at - paused_at)
