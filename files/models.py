"""Uploaded files; the bytes live in the storage under ``storage_key``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Field

from core.columns import Moment, Row, Stored


class UploadKind(StrEnum):
    IMAGE = "image"
    """Re-encoded by us, without EXIF; may be shown inline."""
    FILE = "file"
    """Evidence and attachments; only ever downloaded."""


class Upload(Row, table=True):
    """``public`` uploads (photos of published profiles and cases) may be read by anyone."""

    __tablename__ = "upload"

    workspace_id: UUID = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    other_workspace_id: UUID | None = Field(default=None, foreign_key="workspace.id", ondelete="SET NULL")
    """The other side of a contract may read it too."""
    kind: UploadKind = Stored(UploadKind)
    name: str = Field(max_length=200)
    mime: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)
    storage_key: str = Field(unique=True, max_length=200)
    width: int | None = None
    height: int | None = None
    public: bool = False
    created_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    created_at: datetime = Moment()
