"""Every SELECT about log-ins. All are bounded by the person."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from accounts.sessions.devices import device
from accounts.sessions.models import LoginSession
from accounts.users import queries as people
from accounts.users.models import User
from accounts.viewers import Viewer
from core.db import Session
from core.errors import NotFound, NotSignedIn
from core.i18n import gettext as _

MOST = 100
"""How many log-ins are listed; the newest first."""

_listed = (
    select(
        col(LoginSession.id),
        col(LoginSession.agent),
        col(LoginSession.address),
        col(LoginSession.created_at),
        col(LoginSession.expires_at),
        col(LoginSession.proven_at),
    )
    .where(col(LoginSession.user_id) == bindparam("user_id"), col(LoginSession.expires_at) > bindparam("now"))
    .order_by(col(LoginSession.created_at).desc(), col(LoginSession.id).desc())
    .limit(MOST)
)


class Listed(NamedTuple):
    id: UUID
    device: str
    address: str
    created_at: datetime
    expires_at: datetime
    proven_at: datetime


def list_sessions(db: Session, viewer: Viewer) -> list[Listed]:
    """The person's running log-ins, newest first."""
    rows = db.rows(_listed, {"user_id": viewer.user_id, "now": db.now()})
    return [Listed(r.id, device(r.agent), r.address, r.created_at, r.expires_at, r.proven_at) for r in rows]


def find_session(db: Session, viewer: Viewer, session_id: UUID) -> LoginSession:
    """A log-in of the person. Raises ``NotFound``."""
    found = db.scalar(
        select(LoginSession).where(col(LoginSession.id) == session_id, col(LoginSession.user_id) == viewer.user_id)
    )
    if found is None:
        raise NotFound(_("There is no such session here."))
    return found


def hold_person(db: Session, viewer: Viewer) -> User:
    """The person themselves, to change what protects their account; nobody else changes them meanwhile.

    Raises ``NotSignedIn`` when the log-in in use just ended: a reset must not be overtaken by a request of whoever it
    shut out. Who comes with a token gave the password, which is held (``require_password``).
    """
    user = people.lock(db, viewer.user_id)
    if viewer.session_id is not None:
        hold_session(db, viewer)
    return user


def hold_session(db: Session, viewer: Viewer) -> None:
    """Keep the log-in the viewer is using until the transaction ends. Raises ``NotSignedIn`` when it just ended."""
    statement = select(col(LoginSession.id)).where(col(LoginSession.id) == viewer.session_id)
    if db.scalar(statement.with_for_update(read=True)) is None:
        raise NotSignedIn(_("Log in first."))
