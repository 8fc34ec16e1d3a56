"""Proof of the password, and loading one's own log-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from accounts.access import Person
from accounts.sessions import queries
from accounts.sessions.models import LoginSession
from accounts.viewers import Viewer
from core.errors import ProofNeeded
from core.i18n import gettext as _
from web.bearer import bearer_token
from web.cookies import SESSION_COOKIE, cookie_name
from web.deps import DB
from web.limits import caller_network, enforce


def require_proof(viewer: Viewer, now: datetime) -> None:
    """Raise ``ProofNeeded`` unless the password was given in this browser within the last 30 minutes.

    Pages then go to ``/prove`` and come back; an API token never has proof.
    """
    if not viewer.proven(now):
        raise ProofNeeded(_("Give your password again first."))


def proven(viewer: Person, db: DB) -> Viewer:
    require_proof(viewer, db.now())
    return viewer


Proven = Annotated[Viewer, Depends(proven)]
"""A person who gave the password in this browser within the last 30 minutes."""


def own_session(session_id: UUID, viewer: Person, db: DB) -> LoginSession:
    return queries.find_session(db, viewer, session_id)


OwnSession = Annotated[LoginSession, Depends(own_session)]


async def few_proofs(request: Request) -> None:
    """Ten passwords per five minutes, for each log-in, token and address: what is stolen must not guess on."""
    cookie = request.cookies.get(cookie_name(SESSION_COOKIE, request.app.state.settings), "")
    holder = bearer_token(request) if request.url.path.startswith("/api/") else cookie
    await enforce(request, [f"prove:{caller_network(request)}", f"prove:holder:{holder}"], most=10, seconds=300)
