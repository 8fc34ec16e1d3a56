"""The caller of a request, without HTTP: who it is, in which workspace, with which rights.

Suspended people and workspaces, and removed members, are strangers at once: each request asks the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from accounts.sessions.models import LoginSession
from accounts.tokens.models import ApiToken
from accounts.users.models import User
from accounts.workspaces.models import Membership, Role, Workspace, WorkspaceKind
from core.crypto import token_hash
from core.db import Session
from core.errors import Forbidden, NotFound
from core.i18n import gettext as _
from core.templating import zone

PROOF_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace the person belongs to."""

    id: UUID
    name: str
    kind: WorkspaceKind
    role: Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request: a person, working in one workspace. Also the actor of events."""

    user_id: UUID
    name: str
    email: str
    email_verified: bool
    is_staff: bool
    unread: int
    time_zone: str
    place: Place | None
    places: tuple[Place, ...]
    session_id: UUID | None = None
    proven_at: datetime | None = None
    scopes: frozenset[str] | None = None
    """Of the API token; ``None`` for a browser session."""

    @property
    def workspace_id(self) -> UUID:
        """The current workspace. Raises ``NotFound`` for a person who has none."""
        if self.place is None:
            raise NotFound(_("You do not belong to a workspace yet."))
        return self.place.id

    @property
    def workspaces(self) -> tuple[Place, ...]:
        return self.places

    @property
    def workspace_name(self) -> str:
        return self.place.name if self.place else ""

    @property
    def kind(self) -> WorkspaceKind | None:
        return self.place.kind if self.place else None

    @property
    def role(self) -> Role | None:
        return self.place.role if self.place else None

    @property
    def is_specialist(self) -> bool:
        return self.kind is WorkspaceKind.SPECIALIST

    @property
    def is_business(self) -> bool:
        return self.kind is WorkspaceKind.BUSINESS

    def may(self, role: Role) -> bool:
        """Whether the role here reaches ``role``."""
        return self.place is not None and self.place.role.reaches(role)

    @property
    def can_edit(self) -> bool:
        """Whether changes may be made here at all (a viewer's may not)."""
        return self.may(Role.MEMBER)

    @property
    def can_manage(self) -> bool:
        """Whether offers may be accepted and contracts signed."""
        return self.may(Role.MANAGER)

    def today(self, now: datetime) -> date:
        """The day it is where the person lives; what is due is measured by it."""
        return now.astimezone(zone(self.time_zone)).date()

    def proven(self, now: datetime) -> bool:
        """Whether the password was given in this session within the last 30 minutes."""
        return self.proven_at is not None and now - self.proven_at < PROOF_LASTS


_person: tuple[Any, ...] = (
    col(User.id).label("user_id"),
    col(User.name),
    col(User.email),
    col(User.email_verified_at),
    col(User.is_staff),
    col(User.unread),
    col(User.time_zone),
    col(Membership.role),
    col(Workspace.id).label("place_id"),
    col(Workspace.name).label("place_name"),
    col(Workspace.kind).label("place_kind"),
)


def _members(statement: Any) -> Any:
    return (
        statement.join(Membership, col(Membership.user_id) == User.id, isouter=True)
        .join(
            Workspace,
            (col(Workspace.id) == Membership.workspace_id) & col(Workspace.suspended_at).is_(None),
            isouter=True,
        )
        .where(col(User.suspended_at).is_(None))
    )


_by_session = _members(
    select(
        *_person,
        col(LoginSession.id).label("session_id"),
        col(LoginSession.workspace_id).label("current_id"),
        col(LoginSession.proven_at),
    )
    .select_from(LoginSession)
    .join(User, col(User.id) == LoginSession.user_id)
).where(col(LoginSession.token_hash) == bindparam("hash"), col(LoginSession.expires_at) > bindparam("now"))

_by_token = _members(
    select(*_person, col(ApiToken.workspace_id).label("current_id"), col(ApiToken.scopes))
    .select_from(ApiToken)
    .join(User, col(User.id) == ApiToken.user_id)
).where(
    col(ApiToken.token_hash) == bindparam("hash"),
    col(ApiToken.revoked_at).is_(None),
    col(ApiToken.expires_at).is_(None) | (col(ApiToken.expires_at) > bindparam("now")),
)


def find_by_session(db: Session, token: str) -> Viewer | None:
    """Whoever holds the cookie's ``token``, in one query; ``None`` if it means nothing (any more)."""
    rows = db.rows(_by_session, {"hash": token_hash(token), "now": db.now()})
    if not rows:
        return None
    first = rows[0]
    places = _places(rows)
    place = next((p for p in places if p.id == first.current_id), places[0] if places else None)
    return _viewer(first, place, places, session_id=first.session_id, proven_at=first.proven_at)


def find_by_token(db: Session, token: str) -> Viewer | None:
    """Whoever an API token acts for; it dies with the membership it was made in."""
    rows = db.rows(_by_token, {"hash": token_hash(token), "now": db.now()})
    place = next((p for p in _places(rows) if p.id == rows[0].current_id), None) if rows else None
    if place is None:
        return None
    return _viewer(rows[0], place, (place,), scopes=frozenset(rows[0].scopes))


def _places(rows: Any) -> tuple[Place, ...]:
    found = [Place(r.place_id, r.place_name, r.place_kind, r.role) for r in rows if r.place_id is not None]
    return tuple(sorted(found, key=lambda place: (place.name.lower(), place.id)))


def _viewer(row: Any, place: Place | None, places: tuple[Place, ...], **more: Any) -> Viewer:
    return Viewer(
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        email_verified=row.email_verified_at is not None,
        is_staff=row.is_staff,
        unread=row.unread,
        time_zone=row.time_zone,
        place=place,
        places=places,
        **more,
    )


def require_verified(viewer: Viewer) -> None:
    """Raise ``Forbidden`` until the person has confirmed the e-mail address; asked before anything goes public."""
    if not viewer.email_verified:
        raise Forbidden(_("Confirm your e-mail address first: open the link we sent you."), code="unverified")
