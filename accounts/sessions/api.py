"""Log-ins over JSON. Logging in itself is done in a browser."""

from __future__ import annotations

from typing import Any

from accounts.access import Person
from accounts.sessions import queries
from accounts.sessions import service as sessions
from accounts.sessions.access import OwnSession
from accounts.sessions.schemas import SessionRead
from web.deps import DB
from web.routing import api

router = api("account", "/sessions")


@router.get("", response_model=list[SessionRead])
def index(viewer: Person, db: DB) -> Any:
    """The person's running log-ins, newest first."""
    return queries.list_sessions(db, viewer)


@router.delete("", status_code=204)
def revoke_all(viewer: Person, db: DB) -> None:
    """End every log-in of the person. Tokens stay."""
    sessions.revoke_others(db, by=viewer)


@router.delete("/{session_id}", status_code=204)
def revoke(viewer: Person, session: OwnSession, db: DB) -> None:
    """End a log-in."""
    sessions.revoke(db, session, by=viewer)
