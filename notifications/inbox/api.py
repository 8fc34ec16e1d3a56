"""Notices and preferences over JSON."""

from __future__ import annotations

from typing import Any

from accounts.access import Person
from core.fields import PageSize
from core.paging import PAGE_SIZE
from notifications.inbox import queries
from notifications.inbox import service as inbox
from notifications.inbox.access import OwnNotice
from notifications.inbox.schemas import NoticePage, PreferenceRead, PreferencesInput, ReadingInput, UnreadRead
from web.deps import DB
from web.routing import api

router = api("account")


@router.get("/inbox", response_model=NoticePage)
def index(
    viewer: Person,
    db: DB,
    after: str | None = None,
    limit: PageSize = PAGE_SIZE,
) -> Any:
    return queries.list_notices(db, viewer, after=after, size=limit)


@router.get("/inbox/unread", response_model=UnreadRead)
def unread(viewer: Person) -> Any:
    return UnreadRead(unread=viewer.unread)


@router.post("/inbox/reading", response_model=UnreadRead)
def read_all(viewer: Person, db: DB, data: ReadingInput | None = None) -> Any:
    inbox.read_all(db, data.url if data else "", by=viewer)
    return UnreadRead(unread=queries.unread_of(db, viewer.user_id))


@router.post("/inbox/{notice_id}/reading", response_model=UnreadRead)
def read(viewer: Person, notice: OwnNotice, db: DB) -> Any:
    inbox.read(db, notice, by=viewer)
    return UnreadRead(unread=queries.unread_of(db, viewer.user_id))


@router.get("/preferences", response_model=list[PreferenceRead])
def preferences(viewer: Person, db: DB) -> Any:
    return queries.list_preferences(db, viewer.user_id)


@router.put("/preferences", response_model=list[PreferenceRead])
def choose(viewer: Person, db: DB, data: PreferencesInput) -> Any:
    inbox.choose(db, data, by=viewer)
    return queries.list_preferences(db, viewer.user_id)
