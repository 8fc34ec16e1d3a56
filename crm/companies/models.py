"""Companies and contacts: a specialist's own address book."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from core.columns import Moment, Row


class Company(Row, table=True):
    """``client_id`` is the business's workspace when it is on Postwright."""

    __tablename__ = "company"
    __table_args__ = (
        Index("ix_company_list", "workspace_id", "name", "id"),
        UniqueConstraint("workspace_id", "client_id"),
    )

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    client_id: UUID | None = Field(default=None, foreign_key="workspace.id", ondelete="SET NULL")
    name: str = Field(max_length=120)
    website: str = Field(default="", max_length=500)
    country: str = Field(default="", max_length=80)
    city: str = Field(default="", max_length=80)
    niche: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=2000)
    search_text: str = ""
    archived_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
    updated_at: datetime = Moment()

    @property
    def archived(self) -> bool:
        """Taken off the lists; deals and history stay."""
        return self.archived_at is not None


class Contact(Row, table=True):
    __tablename__ = "contact"

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    company_id: UUID = Field(foreign_key="company.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=120)
    position: str = Field(default="", max_length=120)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)
    messenger: str = Field(default="", max_length=120)
    created_at: datetime = Moment()
