"""The catalogue's rows in the database, so that other tables can point at codes."""

from __future__ import annotations

from typing import Any

from sqlmodel import Field, SQLModel

from core.columns import Document


class CatalogueEntry(SQLModel, table=True):
    """One coded entry of one list (``responsibility C3``, ``platform IG``…), loaded from the versioned data files.

    The files are the source; the table is for joins, exports and for knowing which version is loaded.
    """

    __tablename__ = "catalogue_entry"

    kind: str = Field(primary_key=True, max_length=32)
    code: str = Field(primary_key=True, max_length=40)
    version: int
    position: int
    data: dict[str, Any] = Document(default_factory=dict)
