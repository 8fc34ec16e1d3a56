"""Every SELECT about notices, their readers and what these want to hear of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from accounts.sessions.models import LoginSession
from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Membership, Role, Workspace
from core.db import Session
from core.errors import NotFound
from core.events import Event
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from notifications.inbox.kinds import GROUPS, sentence
from notifications.inbox.models import Notice, NoticePreference

_listed = select(
    col(Notice.id),
    col(Notice.workspace_id),
    col(Notice.kind),
    col(Notice.params),
    col(Notice.url),
    col(Notice.created_at),
    col(Notice.read_at),
)
_WORKING = [role for role in Role if role.reaches(Role.MEMBER)]
_acting: Any = aliased(Workspace)
_audience: Any = (
    select(
        col(User.id).label("user_id"),
        col(User.email),
        col(User.email_verified_at),
        col(User.locale),
        col(User.time_zone),
        col(Membership.workspace_id),
        col(Workspace.name).label("place"),
        col(NoticePreference.in_app),
        col(NoticePreference.email).label("by_email"),
        select(col(_acting.name)).where(col(_acting.id) == bindparam("acting")).scalar_subquery().label("who"),
    )
    .select_from(Membership)
    .join(User, col(User.id) == col(Membership.user_id))
    .join(Workspace, col(Workspace.id) == col(Membership.workspace_id))
    .join(
        NoticePreference,
        (col(NoticePreference.user_id) == col(User.id)) & (col(NoticePreference.kind) == bindparam("kind")),
        isouter=True,
    )
    .where(
        col(Membership.workspace_id).in_(bindparam("places", expanding=True)),
        col(Membership.role).in_(_WORKING),
        col(User.id).is_distinct_from(bindparam("actor")),
        col(User.suspended_at).is_(None),
        col(Workspace.suspended_at).is_(None),
    )
    .order_by(col(User.id), col(Membership.workspace_id))
)


class Line(NamedTuple):
    """A notice as it is read: the words in the reader's language."""

    id: UUID
    workspace_id: UUID
    kind: str
    text: str
    url: str
    created_at: datetime
    read_at: datetime | None


class Preference(NamedTuple):
    """What one person wants of one kind of event."""

    kind: str
    group: str
    label: str
    in_app: bool
    email: bool


def list_notices(db: Session, viewer: Viewer, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Line]:
    """The viewer's notices, newest first, of the workspaces they still belong to."""
    statement = _listed.where(_own(viewer))
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Notice.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Notice.id).desc()).limit(size + 1))
    lines = [
        Line(r.id, r.workspace_id, r.kind, sentence(r.kind, r.params), r.url, r.created_at, r.read_at) for r in rows
    ]
    return page_of(lines, size, lambda line: (str(line.id),))


def find_own(db: Session, viewer: Viewer, notice_id: UUID) -> Notice:
    """The notice, if it was told to the viewer. Raises ``NotFound``."""
    found = db.scalar(select(Notice).where(col(Notice.id) == notice_id, _own(viewer)))
    if found is None:
        raise NotFound(_("There is no such notice here."))
    return found


def list_audience(db: Session, event: Event, workspaces: Collection[UUID]) -> list[Any]:
    """Members who work in ``workspaces`` but the actor, with what they chose for the kind (``None``: nothing).

    ``who`` is the name of the actor's workspace, if there is one.
    """
    asked = {"kind": event.kind, "places": list(workspaces), "actor": event.actor_id, "acting": event.workspace_id}
    return db.rows(_audience, asked)


def unread_of(db: Session, user_id: UUID) -> int:
    """How many notices the person has not read."""
    return db.scalar(select(col(User.unread)).where(col(User.id) == user_id)) or 0


def unread_of_many(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The same for all who are listening."""
    rows = db.rows(select(col(User.id), col(User.unread)).where(col(User.id).in_(user_ids)))
    return {row.id: row.unread for row in rows}


def living_sessions(db: Session, session_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the log-ins that are still good."""
    statement = (
        select(col(LoginSession.id))
        .join(User, col(User.id) == col(LoginSession.user_id))
        .where(col(LoginSession.id).in_(session_ids), col(LoginSession.expires_at) > db.now())
        .where(col(User.suspended_at).is_(None))
    )
    return set(db.scalars(statement))


def list_preferences(db: Session, user_id: UUID) -> list[Preference]:
    """What the person wants of every kind, in the order of the settings page."""
    rows = db.rows(
        select(col(NoticePreference.kind), col(NoticePreference.in_app), col(NoticePreference.email)).where(
            col(NoticePreference.user_id) == user_id
        )
    )
    chosen = {row.kind: row for row in rows}
    return [
        Preference(name, group, _(kind.label), chosen.get(name, kind).in_app, chosen.get(name, kind).email)
        for group, (_title, kinds) in GROUPS.items()
        for name, kind in kinds.items()
    ]


def _own(viewer: Viewer) -> Any:
    places = [place.id for place in viewer.places]
    return (col(Notice.user_id) == viewer.user_id) & col(Notice.workspace_id).in_(places)
