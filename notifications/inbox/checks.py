"""What must always hold about notices."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col

from accounts.users.models import User
from core.db import Session
from notifications.inbox.models import Notice


def wrong_counts(db: Session) -> list[str]:
    """People whose unread count is not the number of their unread notices."""
    unread = (
        select(col(Notice.user_id), func.count().label("number"))
        .where(col(Notice.read_at).is_(None))
        .group_by(col(Notice.user_id))
        .subquery()
    )
    real = func.coalesce(unread.c.number, 0)
    statement = (
        select(col(User.id), col(User.unread), real.label("real"))
        .join(unread, unread.c.user_id == col(User.id), isouter=True)
        .where(col(User.unread) != real)
        .order_by(col(User.id))
    )
    return [f"user {row.id}: unread is {row.unread}, should be {row.real}" for row in db.execute(statement)]
