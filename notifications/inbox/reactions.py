"""What follows from events: people across the table hear of them."""

from __future__ import annotations

from uuid import UUID

from accounts.workspaces.models import Membership
from core.db import Session
from core.events import Event
from core.i18n import speaking
from core.jobs import enqueue
from notifications.inbox import queries
from notifications.inbox import service as inbox
from notifications.inbox.kinds import KINDS, fact, sentence
from notifications.inbox.models import Notice

LONGEST_URL = 300


def tell(db: Session, event: Event) -> None:
    """Put the event before everyone who works on the other side, in the inbox and by mail as they chose.

    The other side is ``event.other_workspace_id`` and, for timers, ``also`` in the data. Whoever did it hears
    nothing of it; mail goes to confirmed addresses only.
    """
    kind = KINDS[event.kind]
    places = _other_sides(event)
    audience = queries.list_audience(db, event, places) if places else []
    if not audience:
        return
    params = {
        "title": str(event.data.get("title", ""))[:200],
        "line": str(event.data.get("line", ""))[:200],
        "who": audience[0].who or "",
    }
    url = _path(event)
    mailed: set[UUID] = set()
    for person in audience:
        if kind.in_app if person.in_app is None else person.in_app:
            inbox.put(db, _notice(event, person.user_id, person.workspace_id, params, url))
        by_email = kind.email if person.by_email is None else person.by_email
        if by_email and person.email_verified_at is not None and person.user_id not in mailed:
            mailed.add(person.user_id)
            with speaking(person.locale):
                words = {"sentence": sentence(event.kind, params), "path": url}
                words |= {"fact": fact(event.data, person.time_zone), "place": person.place}
            mail = {"to": person.email, "template": "notice", "locale": person.locale, "params": words}
            paper = {"paper": [kind.paper, str(event.subject_id)]} if kind.paper else {}
            enqueue(db, "emails.send", {**mail, **paper})


def forget_removed(db: Session, event: Event) -> None:
    """A removed member keeps no notices of the workspace."""
    member = db.get(Membership, event.subject_id)
    if member is not None:
        inbox.forget_place(db, member.user_id, member.workspace_id)


def forget_arrivals(db: Session, event: Event) -> None:
    """user.deleted: nobody keeps the name of who joined once."""
    inbox.forget_arrivals(db, event.subject_id)


def _other_sides(event: Event) -> set[UUID]:
    also = event.data.get("also")
    sides = {event.other_workspace_id, UUID(also) if also else None}
    return {side for side in sides if side is not None}


def _path(event: Event) -> str:
    url = str(event.data.get("url") or "")
    return url if url.startswith("/") and not url.startswith("//") and len(url) <= LONGEST_URL else "/inbox"


def _notice(event: Event, user_id: UUID, workspace_id: UUID, params: dict[str, str], url: str) -> Notice:
    return Notice(
        user_id=user_id,
        workspace_id=workspace_id,
        event_id=event.id,
        kind=event.kind,
        params=params,
        url=url,
        created_at=event.at,
    )
