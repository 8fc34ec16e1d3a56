"""The catalogue over JSON."""

from __future__ import annotations

from typing import Any

from core.fields import Read


class CatalogueEntryRead(Read):
    """One entry: its code and everything the data file says of it."""

    code: str
    version: int
    data: dict[str, Any]
