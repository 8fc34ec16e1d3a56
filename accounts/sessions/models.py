"""Log-ins, one row for each device."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from core.columns import Moment, Row


class LoginSession(Row, table=True):
    """The cookie holds a random token, the row its hash. ``workspace_id`` is the one the person works in now."""

    __tablename__ = "login_session"

    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    workspace_id: UUID | None = Field(default=None, foreign_key="workspace.id", ondelete="SET NULL")
    token_hash: str = Field(unique=True, max_length=64)
    address: str = Field(default="", max_length=64)
    agent: str = Field(default="", max_length=300)
    created_at: datetime = Moment()
    seen_at: datetime = Moment()
    expires_at: datetime = Moment()
    proven_at: datetime = Moment()
    """When the person last proved the password (re-authentication is asked after 30 minutes)."""
