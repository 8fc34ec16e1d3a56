"""The catalogue over JSON: anyone may read it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from accounts.access import Anyone
from marketplace.taxonomy import queries
from marketplace.taxonomy.schemas import CatalogueEntryRead
from marketplace.taxonomy.service import KINDS
from web.deps import DB
from web.routing import api

router = api("marketplace", "/catalogue")


Kind = Annotated[str, Path(json_schema_extra={"enum": [kind for kind in KINDS if kind not in queries.PRIVATE]})]


@router.get("/{kind}", response_model=list[CatalogueEntryRead])
def index(kind: Kind, viewer: Anyone, db: DB) -> Any:
    """The entries of one list of the trade; their codes are what bodies name."""
    return queries.list_entries(db, kind)
