"""Loading a notice of one's own; others' are not there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from accounts.access import Person
from notifications.inbox import queries
from notifications.inbox.models import Notice
from notifications.inbox.stream import Watch
from web.deps import DB


def own_notice(notice_id: UUID, viewer: Person, db: DB) -> Notice:
    return queries.find_own(db, viewer, notice_id)


async def get_watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


OwnNotice = Annotated[Notice, Depends(own_notice)]
UnreadWatch = Annotated[Watch, Depends(get_watch)]
