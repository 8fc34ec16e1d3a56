"""Verbs on notices. ``user.unread`` always equals the number of unread notices the person has.

Order of locks: the person's row before their notices; a transaction that tells many locks people last, by id.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select, true, update
from sqlmodel import col

from accounts.users import queries as people
from accounts.users.actor import Oneself
from accounts.users.models import User
from accounts.viewers import Viewer
from core.db import Session
from core.events import Event, record
from core.rows import insert_row
from notifications.inbox.kinds import KINDS
from notifications.inbox.models import Notice, NoticePreference
from notifications.inbox.schemas import PreferencesInput

_TOLD = "inbox.told"
_count_up = (
    update(User)
    .where(col(User.id) == bindparam("person"))
    .values(unread=col(User.unread) + bindparam("told"))
    .execution_options(synchronize_session=False)
)


def put(db: Session, notice: Notice) -> None:
    """Add a notice; its reader's count follows at the commit."""
    insert_row(db, notice)
    told: Counter[UUID] = db.info.setdefault(_TOLD, Counter())
    told[notice.user_id] += 1
    db.at_commit(_count_told)


def _count_told(db: Session) -> None:
    told: Counter[UUID] = db.info.pop(_TOLD, Counter())
    db.flush()
    for person in sorted(told):
        db.execute(_count_up, {"person": person, "told": told[person]})


def read(db: Session, notice: Notice, *, by: Viewer) -> None:
    """Note that the viewer has read one notice; a second time changes nothing."""
    _mark(db, by, col(Notice.id) == notice.id)


def read_all(db: Session, url: str = "", *, by: Viewer) -> None:
    """Note that the viewer has read everything, or what leads to the page at ``url``.

    Through an API token, everything of the token's workspace.
    """
    places = [place.id for place in by.places]
    here = col(Notice.workspace_id).in_(places) if by.scopes is not None else true()
    _mark(db, by, here & (col(Notice.url) == url) if url else here)


def _mark(db: Session, by: Viewer, which: ColumnElement[bool]) -> None:
    people.lock(db, by.user_id)
    marked = db.execute(
        update(Notice)
        .where(which, col(Notice.user_id) == by.user_id, col(Notice.read_at).is_(None))
        .values(read_at=db.now())
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    _count_down(db, by.user_id, len(marked.all()))


def forget_place(db: Session, user_id: UUID, workspace_id: UUID) -> None:
    """Drop what a person was told in a workspace they leave."""
    _forget(db, user_id, col(Notice.workspace_id) == workspace_id)


def forget_arrivals(db: Session, user_id: UUID) -> None:
    """Drop what others were told of the person by name: that they joined."""
    joined = select(col(Event.id)).where(col(Event.kind) == "member.joined", col(Event.actor_id) == user_id)
    arrival = (col(Notice.kind) == "member.joined") & col(Notice.event_id).in_(joined)
    for reader in db.scalars(select(col(Notice.user_id)).where(arrival).distinct().order_by(col(Notice.user_id))).all():
        _forget(db, reader, arrival)


def _forget(db: Session, user_id: UUID, which: ColumnElement[bool]) -> None:
    people.lock(db, user_id)
    gone = db.execute(
        delete(Notice)
        .where(col(Notice.user_id) == user_id, which)
        .returning(col(Notice.read_at))
        .execution_options(synchronize_session=False)
    )
    _count_down(db, user_id, sum(1 for row in gone if row.read_at is None))


def choose(db: Session, data: PreferencesInput, *, by: Viewer) -> None:
    """Keep what the viewer wants to hear of; only what differs from the defaults is stored."""
    person = people.lock(db, by.user_id)
    db.execute(delete(NoticePreference).where(col(NoticePreference.user_id) == by.user_id))
    for name, kind in KINDS.items():
        in_app, email = name in data.in_app, name in data.email
        if (in_app, email) != (kind.in_app, kind.email):
            db.add(NoticePreference(user_id=by.user_id, kind=name, in_app=in_app, email=email))
    record(db, "user.notices_chosen", person, by=Oneself(by.user_id))


def _count_down(db: Session, user_id: UUID, number: int) -> None:
    if number:
        db.execute(
            update(User)
            .where(col(User.id) == user_id)
            .values(unread=col(User.unread) - number)
            .execution_options(synchronize_session=False)
        )
