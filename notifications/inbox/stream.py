"""The unread count, live: one loop per process asks the database for everyone who is listening.

Nobody holds a connection of the database while waiting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from accounts.viewers import Viewer
from core.db import Database
from core.errors import TooMany
from core.i18n import gettext as _
from notifications.inbox import queries

log = structlog.get_logger()
EVERY = 1.0
CHECK_EVERY = 60.0
HEARTBEAT = 15.0
LONGEST = 600
"""Seconds after which a stream ends; browsers open the next one by themselves."""
MOST_PER_PERSON = 5
MOST = 2000
_CHUNK = 500


class Listener:
    """One open stream."""

    def __init__(self, viewer: Viewer) -> None:
        self.user_id = viewer.user_id
        self.session_id = viewer.session_id
        self.number = viewer.unread
        self.over = False
        self.changed = asyncio.Event()


class Watch:
    """All open streams of this process. Times are in seconds."""

    def __init__(
        self, database: Callable[[], Database], *, every: float = EVERY, check_every: float = CHECK_EVERY
    ) -> None:
        self._database = database
        self._every = every
        self._check_every = check_every
        self._listeners: list[Listener] = []
        self._poll: asyncio.Task[None] | None = None

    def admit(self, viewer: Viewer) -> None:
        """Raise ``TooMany`` if the person, or this process, has as many open streams as it may."""
        own = sum(1 for listener in self._listeners if listener.user_id == viewer.user_id)
        if own >= MOST_PER_PERSON or len(self._listeners) >= MOST:
            raise TooMany(_("Too many open pages. Close some."), retry_after=60)

    def end(self) -> None:
        """End every stream: the server stops."""
        for listener in self._listeners:
            _finish(listener)

    async def follow(self, viewer: Viewer, seconds: float = LONGEST) -> AsyncIterator[str]:
        """The count now and after every change, as server-sent events, for at most ``seconds``."""
        until = time.monotonic() + seconds
        listener = Listener(viewer)
        yield f"retry: 5000\n\n{_event(listener.number)}"
        if seconds <= 0:
            return
        self._add(listener)
        try:
            while not listener.over and (left := until - time.monotonic()) > 0:
                try:
                    await asyncio.wait_for(listener.changed.wait(), min(HEARTBEAT, left))
                except TimeoutError:
                    yield ": \n\n"
                    continue
                listener.changed.clear()
                if not listener.over:
                    yield _event(listener.number)
        finally:
            self._remove(listener)

    def _add(self, listener: Listener) -> None:
        self._listeners.append(listener)
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._run())

    def _remove(self, listener: Listener) -> None:
        self._listeners.remove(listener)
        if not self._listeners and self._poll is not None:
            self._poll.cancel()
            self._poll = None

    async def _run(self) -> None:
        checked = time.monotonic()
        while True:
            await asyncio.sleep(self._every)
            listeners = list(self._listeners)
            check = time.monotonic() - checked >= self._check_every
            try:
                numbers, living = await asyncio.to_thread(self._ask, listeners, check)
            except (SQLAlchemyError, OSError) as error:
                log.warning("unread counts could not be read", error=str(error))
                continue
            if check:
                checked = time.monotonic()
            for listener in listeners:
                if listener.user_id not in numbers or (check and listener.session_id not in living):
                    _finish(listener)
                elif numbers[listener.user_id] != listener.number:
                    listener.number = numbers[listener.user_id]
                    listener.changed.set()

    def _ask(self, listeners: Sequence[Listener], check: bool) -> tuple[dict[UUID, int], set[UUID]]:
        people = list({listener.user_id for listener in listeners})
        sessions = [listener.session_id for listener in listeners if listener.session_id is not None]
        numbers: dict[UUID, int] = {}
        living: set[UUID] = set()
        with self._database().read() as db:
            for start in range(0, len(people), _CHUNK):
                numbers |= queries.unread_of_many(db, people[start : start + _CHUNK])
            for start in range(0, len(sessions) if check else 0, _CHUNK):
                living |= queries.living_sessions(db, sessions[start : start + _CHUNK])
        return numbers, living


def _event(number: int) -> str:
    return f"event: unread\ndata: {number}\n\n"


def _finish(listener: Listener) -> None:
    listener.over = True
    listener.changed.set()
