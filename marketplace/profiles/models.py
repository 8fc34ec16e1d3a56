"""Specialists' public profiles and the index the directory filters by."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from core.columns import Amount, Document, Moment, Stateful, Stored


class ProfileStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Profile(Stateful, table=True):
    """One for each specialist workspace. Rates are minor units a month and an hour of ``currency``.

    ``platforms``: ``[{"code": "IG", "level": "expert"}]``; ``responsibilities``, ``niches``, ``skills``: codes;
    ``languages``: ``[{"code": "en", "level": "fluent"}]``. ``rate_eur`` is the lower rate in euro cents by the dated
    reference rates, only for comparing; ``free_hours`` is weekly hours less ``busy_minutes`` of running scopes.
    ``archetype`` is the specialist's private answer and never leaves the workspace.
    """

    __tablename__ = "profile"
    __table_args__ = (
        Index("ix_profile_rank", "status", "rank", "id", "rate_eur"),
        Index("ix_profile_price", "status", "rate_eur", "id"),
        Index("ix_profile_free", "status", "free_hours", "id"),
        Index("ix_profile_newest", "status", "published_at", "id"),
    )
    TRANSITIONS: ClassVar[dict[ProfileStatus, frozenset[ProfileStatus]]] = {
        ProfileStatus.DRAFT: frozenset({ProfileStatus.PUBLISHED}),
        ProfileStatus.PUBLISHED: frozenset({ProfileStatus.DRAFT}),
    }

    workspace_id: UUID = Field(foreign_key="workspace.id", unique=True, ondelete="CASCADE")
    slug: str = Field(unique=True, max_length=72)
    status: ProfileStatus = Stored(ProfileStatus, default=ProfileStatus.DRAFT)
    name: str = Field(max_length=120)
    headline: str = Field(default="", max_length=200)
    photo_id: UUID | None = Field(default=None, foreign_key="upload.id", ondelete="SET NULL")
    region: str = Field(default="", max_length=80)
    city: str = Field(default="", max_length=80)
    time_zone: str = Field(default="UTC", max_length=64)
    languages: list[dict[str, str]] = Document(default_factory=list)
    platforms: list[dict[str, str]] = Document(default_factory=list)
    responsibilities: list[str] = Document(default_factory=list)
    niches: list[str] = Document(default_factory=list)
    skills: list[str] = Document(default_factory=list)
    archetype: str = Field(default="", max_length=40)
    currency: str = Field(default="EUR", max_length=3)
    rate_min: int | None = Amount(default=None)
    rate_max: int | None = Amount(default=None)
    hourly_floor: int | None = Amount(default=None)
    rate_eur: int | None = Amount(default=None)
    weekly_hours: int = 0
    busy_minutes: int = Amount(default=0)
    """Minutes of a week that running scopes take."""
    free_hours: int = 0
    available_from: date | None = None
    case_count: int = 0
    rank: int = 0
    published_at: datetime | None = Moment(default=None)
    created_at: datetime = Moment()
    updated_at: datetime = Moment()
    about: str = ""
    """Markdown; the two long texts stand last, so that lists never read past them."""
    about_html: str = ""


class ProfileAddress(SQLModel, table=True):
    """An address a profile had before: it leads to the present one and nobody else can take it."""

    __tablename__ = "profile_address"

    slug: str = Field(primary_key=True, max_length=72)
    profile_id: UUID = Field(foreign_key="profile.id", index=True, ondelete="CASCADE")
    left_at: datetime = Moment()


class ProfileFacet(SQLModel, table=True):
    """An inverted index of published profiles, and of no others: ``(kind, value)`` → profiles in rank order.

    Kinds: ``platform``, ``responsibility``, ``niche``, ``language`` and ``free`` (at least that many hours a week).
    """

    __tablename__ = "profile_facet"
    __table_args__ = (
        Index("ix_profile_facet_value", "kind", "value", "rank", "profile_id"),
        {"sqlite_with_rowid": False},
    )

    profile_id: UUID = Field(foreign_key="profile.id", primary_key=True, ondelete="CASCADE")
    kind: str = Field(primary_key=True, max_length=16)
    value: str = Field(primary_key=True, max_length=40)
    rank: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
