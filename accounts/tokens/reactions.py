"""What API tokens do when something happens to their owner."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import col

from accounts.tokens.models import ApiToken
from core.db import Session
from core.events import Event


def on_password_reset(db: Session, event: Event) -> None:
    """End every token of the person: whoever had the lost password could have made one with it."""
    working = update(ApiToken).where(col(ApiToken.user_id) == event.subject_id, col(ApiToken.revoked_at).is_(None))
    db.execute(working.values(revoked_at=db.now()))
