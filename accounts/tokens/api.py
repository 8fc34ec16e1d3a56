"""Looking at and revoking API tokens over JSON; making one takes the password, see ``entry_api``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.access import Member, Person
from accounts.tokens import queries
from accounts.tokens import service as tokens
from accounts.tokens.schemas import TokenRead
from web.deps import DB
from web.routing import api

router = api("account", "/tokens")


@router.get("", response_model=list[TokenRead])
def index(viewer: Member, db: DB) -> Any:
    return queries.list_tokens(db, viewer)


@router.delete("/{token_id}", status_code=204)
def revoke(token_id: UUID, viewer: Person, db: DB) -> None:
    tokens.revoke(db, queries.find_token(db, viewer, token_id), by=viewer)
