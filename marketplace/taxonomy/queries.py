"""Reading the loaded catalogue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from marketplace.taxonomy.models import CatalogueEntry
from marketplace.taxonomy.service import KINDS

PRIVATE = frozenset({"archetype"})
"""Kinds that are presets for onboarding and never shown as labels."""


def list_entries(db: Session, kind: str) -> list[Any]:
    """Entries of one kind in the order of the data file. Raises ``NotFound`` for an unknown kind."""
    if kind not in KINDS or kind in PRIVATE:
        raise NotFound(_("There is no such list."))
    statement = select(col(CatalogueEntry.code), col(CatalogueEntry.version), col(CatalogueEntry.data))
    return db.rows(statement.where(col(CatalogueEntry.kind) == kind).order_by(col(CatalogueEntry.position)))
