"""Workspaces own everything; people work in them with a role."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from core.columns import Moment, Row, Stored


class WorkspaceKind(StrEnum):
    SPECIALIST = "specialist"
    BUSINESS = "business"


class Role(StrEnum):
    """What a member may do; each role includes the ones after it."""

    OWNER = "owner"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"

    @property
    def rank(self) -> int:
        return {Role.OWNER: 3, Role.MANAGER: 2, Role.MEMBER: 1, Role.VIEWER: 0}[self]

    def reaches(self, needed: Role) -> bool:
        """Whether this role may do what ``needed`` may."""
        return self.rank >= needed.rank


class Workspace(Row, table=True):
    """A specialist's or a business's place. Legal details fill the contract's parties."""

    __tablename__ = "workspace"

    kind: WorkspaceKind = Stored(WorkspaceKind)
    name: str = Field(max_length=120)
    legal_name: str = Field(default="", max_length=200)
    legal_address: str = Field(default="", max_length=300)
    country: str = Field(default="", max_length=80)
    city: str = Field(default="", max_length=80)
    website: str = Field(default="", max_length=500)
    time_zone: str = Field(default="UTC", max_length=64)
    currency: str = Field(default="EUR", max_length=3)
    suspended_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()


class Membership(Row, table=True):
    """A person in a workspace. Removing deletes the row; rights end with it at once."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    role: Role = Stored(Role)
    created_at: datetime = Moment()


class Invitation(Row, table=True):
    """An invitation by mail; only the hash of its link is stored."""

    __tablename__ = "invitation"

    workspace_id: UUID = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    email: str = Field(max_length=254)
    role: Role = Stored(Role)
    token_hash: str = Field(unique=True, max_length=64)
    invited_by: UUID = Field(foreign_key="user.id")
    expires_at: datetime = Moment()
    accepted_at: datetime | None = Moment(default=None)
    revoked_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
