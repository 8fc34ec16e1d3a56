"""What a handler asks for: the request's database session, keys, settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from core.crypto import Keys
from core.db import Database, Session
from core.settings import Settings

T = TypeVar("T")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class WriteSlot:
    """Writers of one SQLite process queue here, not in worker threads, so that the one ahead always gets a thread."""

    def __init__(self, *, needed: bool) -> None:
        self.needed = needed
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        if not self.needed:
            yield
            return
        lock = self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with lock:
            yield


async def in_write(request: Request, work: Callable[[Session], T]) -> T:
    """Run ``work`` in a transaction of its own that stays even if the request fails (rate limits, audit)."""
    database: Database = request.app.state.database

    def run() -> T:
        with database.write() as db:
            return work(db)

    slot: WriteSlot = request.app.state.write_slot
    async with slot.held():
        return await to_thread.run_sync(run, limiter=_edge_threads())


def _edge_threads() -> CapacityLimiter:
    """Commits have threads of their own: a full pool of handlers must not keep a transaction open."""
    loop = asyncio.get_running_loop()
    limiter = _limiters.get(loop)
    if limiter is None:
        limiter = _limiters[loop] = CapacityLimiter(4)
    return limiter


_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, CapacityLimiter] = WeakKeyDictionary()


async def get_db(request: Request) -> AsyncIterator[Session]:
    """One session per request: read-only for safe methods, else committed before the answer is sent."""
    database: Database = request.app.state.database
    if request.method in SAFE:
        session = database.session(write=False)
        request.state.db = session
        try:
            yield session
        finally:
            session.close()
        return
    slot: WriteSlot = request.app.state.write_slot
    async with slot.held():
        session = database.session(write=True)
        request.state.db = session
        try:
            yield session
            await to_thread.run_sync(session.commit, limiter=_edge_threads())
        finally:
            await to_thread.run_sync(session.close, limiter=_edge_threads())


DB = Annotated[Session, Depends(get_db, scope="function")]


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def get_keys(request: Request) -> Keys:
    keys: Keys = request.app.state.keys
    return keys


AppSettings = Annotated[Settings, Depends(get_settings)]
AppKeys = Annotated[Keys, Depends(get_keys)]
