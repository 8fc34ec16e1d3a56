"""What the worker does for accounts."""

from __future__ import annotations

from typing import Any

from accounts.users import deletion
from accounts.users import service as users
from core.db import Session


def send_reset(db: Session, payload: dict[str, Any]) -> None:
    """Mail a reset link to ``payload["email"]`` if it has an account."""
    users.send_reset(db, payload["email"])


def send_confirmation(db: Session, payload: dict[str, Any]) -> None:
    """Mail ``payload["email"]`` once more what its sign-up mailed, if it has an account."""
    users.send_confirmation(db, payload["email"])


def carry_out_deletions(db: Session, _payload: dict[str, Any]) -> None:
    """Erase people whose 30 days after asking for it are over."""
    deletion.carry_out(db)
