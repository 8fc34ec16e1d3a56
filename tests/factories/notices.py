"""Events that people hear of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.workspaces.models import Workspace
from core.db import Session
from core.events import Event, record
from tests.cast import CAST, viewer_of


def happen(
    db: Session,
    kind: str = "offer.sent",
    *,
    by: str | None = "alice",
    to: str = "bob",
    title: str = "June",
    **data: Any,
) -> Event:
    """``by`` does something that the workspace of ``to`` hears of."""
    other: UUID = CAST.members[to].workspace_id
    subject = db.get_one(Workspace, other)
    viewer = viewer_of(db, by) if by else None
    return record(db, kind, subject, by=viewer, other=other, title=title, **{"url": "/offers/1", **data})
