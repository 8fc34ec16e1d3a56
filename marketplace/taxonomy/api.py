"""The catalogue over JSON: anyone may read it."""

from __future__ import annotations

from typing import Any

from accounts.access import Anyone
from marketplace.taxonomy import queries
from marketplace.taxonomy.schemas import EntryRead
from web.deps import DB
from web.routing import api

router = api("marketplace", "/catalogue")


@router.get("/{kind}", response_model=list[EntryRead])
def index(kind: str, viewer: Anyone, db: DB) -> Any:
    return queries.list_entries(db, kind)
