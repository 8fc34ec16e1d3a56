"""API tokens: shown once, stored hashed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from core.columns import Document, Moment, Row

SCOPES = (
    "account:read",
    "account:write",
    "marketplace:read",
    "marketplace:write",
    "crm:read",
    "crm:write",
)


class ApiToken(Row, table=True):
    """Acts as its person in one workspace, never with more than that person's role there has now."""

    __tablename__ = "api_token"

    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=80)
    token_hash: str = Field(unique=True, max_length=64)
    hint: str = Field(max_length=12)
    scopes: list[str] = Document(default_factory=list)
    expires_at: datetime | None = Moment(default=None)
    revoked_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
