"""Cases: what was done for a client and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from core.columns import Amount, Document, Moment, Row, Stateful, Stored


class CaseStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class KpiSource(StrEnum):
    API = "api"
    CSV = "csv"
    MANUAL = "manual"
    CLIENT_CONFIRMED = "client_confirmed"


class Case(Stateful, table=True):
    """Belongs to a specialist workspace. With ``is_nda`` neither the client's name nor a value is shown to others."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_workspace", "workspace_id", "status", "id"),
        Index("ix_case_published", "status", "published_at", "id"),
    )
    TRANSITIONS: ClassVar[dict[CaseStatus, frozenset[CaseStatus]]] = {
        CaseStatus.DRAFT: frozenset({CaseStatus.PUBLISHED}),
        CaseStatus.PUBLISHED: frozenset({CaseStatus.DRAFT}),
    }

    workspace_id: UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    slug: str = Field(unique=True, max_length=72)
    status: CaseStatus = Stored(CaseStatus, default=CaseStatus.DRAFT)
    title: str = Field(max_length=200)
    client_name: str = Field(default="", max_length=120)
    is_nda: bool = False
    niche: str = Field(default="", max_length=40)
    platforms: list[str] = Document(default_factory=list)
    responsibilities: list[str] = Document(default_factory=list)
    goal: str = Field(default="", max_length=2000)
    story: str = ""
    story_html: str = ""
    period_from: date | None = None
    period_to: date | None = None
    published_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
    updated_at: datetime = Moment()


class CaseKpi(Row, table=True):
    """A number before and after, in thousandths of its unit. Money in thousandths of the main unit of ``currency``."""

    __tablename__ = "case_kpi"

    case_id: UUID = Field(foreign_key="case.id", index=True, ondelete="CASCADE")
    position: int
    kpi: str = Field(max_length=40)
    label: str = Field(default="", max_length=120)
    platform: str = Field(default="", max_length=8)
    before: int = Amount()
    after: int = Amount()
    currency: str = Field(default="", max_length=3)
    source: KpiSource = Stored(KpiSource, default=KpiSource.MANUAL)
    source_note: str = Field(default="", max_length=200)


class CaseImage(Row, table=True):
    __tablename__ = "case_image"

    case_id: UUID = Field(foreign_key="case.id", index=True, ondelete="CASCADE")
    upload_id: UUID = Field(foreign_key="upload.id", ondelete="CASCADE")
    position: int
    caption: str = Field(default="", max_length=200)
