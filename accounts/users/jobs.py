"""What the worker does for accounts."""

from __future__ import annotations

from typing import Any

from accounts.users import service as users
from core.db import Session


def send_reset(db: Session, payload: dict[str, Any]) -> None:
    """Mail a reset link to ``payload["email"]`` if it has an account."""
    users.send_reset(db, payload["email"])
