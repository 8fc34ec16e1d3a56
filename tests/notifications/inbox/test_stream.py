"""The unread count arrives by itself, and streams end when they should."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from sqlalchemy import delete, update
from sqlmodel import col

from accounts.sessions.models import LoginSession
from accounts.users.models import User
from app.stopping import when_stopping
from core.errors import TooMany
from notifications.inbox import stream
from notifications.inbox.stream import Watch
from tests.cast import CAST, viewer_of
from tests.factories.notices import happen
from web.cookies import SESSION_COOKIE


@pytest.fixture
def bob(database):
    with database.read() as db:
        return viewer_of(db, "bob")


@pytest.fixture
def play(database) -> Callable[[Callable[[Watch], Awaitable[None]]], None]:
    """Run a scene with a watch that looks every 10 ms; ten seconds at most."""

    def perform(scene: Callable[[Watch], Awaitable[None]], **times: float) -> None:
        watch = Watch(lambda: database, **{"every": 0.01, **times})
        asyncio.run(asyncio.wait_for(scene(watch), 10))

    return perform


def tell(database) -> None:
    with database.write() as db:
        happen(db)


def test_it_starts_with_the_number_and_sends_each_change(database, bob, play):
    async def scene(watch: Watch) -> None:
        events = watch.follow(bob)
        assert await anext(events) == "retry: 5000\n\nevent: unread\ndata: 0\n\n"
        for number in (1, 2):
            waiting = asyncio.ensure_future(anext(events))
            await asyncio.to_thread(tell, database)
            assert await waiting == f"event: unread\ndata: {number}\n\n"
        await events.aclose()

    play(scene)


def test_a_change_between_the_first_number_and_the_first_look_is_not_lost(database, bob, play):
    async def scene(watch: Watch) -> None:
        events = watch.follow(bob)
        await asyncio.to_thread(tell, database)
        assert "data: 0" in await anext(events)
        assert "data: 1" in await anext(events)
        await events.aclose()

    play(scene)


def test_no_connection_is_held_while_waiting(database, bob, play):
    async def scene(watch: Watch) -> None:
        events = watch.follow(bob)
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert database.reader.pool.checkedout() == 0
        assert database.writer.pool.checkedout() == 0
        await asyncio.to_thread(tell, database)
        await waiting
        await events.aclose()

    play(scene)


@pytest.mark.parametrize("how", ["logged out", "expired", "suspended"])
def test_it_ends_with_the_log_in(database, clock, bob, play, how):
    def end_session() -> None:
        with database.write() as db:
            if how == "logged out":
                db.execute(delete(LoginSession).where(col(LoginSession.id) == bob.session_id))
            elif how == "suspended":
                db.execute(update(User).where(col(User.id) == bob.user_id).values(suspended_at=db.now()))
        if how == "expired":
            clock.forward(days=4000)

    async def scene(watch: Watch) -> None:
        events = watch.follow(bob)
        await anext(events)
        waiting = asyncio.ensure_future(anext(events, "over"))
        await asyncio.to_thread(end_session)
        assert await waiting == "over"

    play(scene, check_every=0.01)


def test_it_ends_when_the_server_stops_or_time_is_up(bob, play):
    async def scene(watch: Watch) -> None:
        assert [event async for event in watch.follow(bob, 0.02)][-1] == ": \n\n"
        assert len([event async for event in watch.follow(bob, 0)]) == 1
        events = watch.follow(bob)
        await anext(events)
        waiting = asyncio.ensure_future(anext(events, "over"))
        await asyncio.sleep(0)
        watch.end()
        assert await waiting == "over"

    play(scene)


def test_a_silent_stream_shows_that_it_lives(bob, play, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)

    async def scene(watch: Watch) -> None:
        events = watch.follow(bob)
        await anext(events)
        assert await anext(events) == ": \n\n"
        assert await anext(events) == ": \n\n"
        await events.aclose()

    play(scene)


def test_nobody_opens_too_many(database, bob, play):
    async def scene(watch: Watch) -> None:
        streams = [watch.follow(bob) for _ in range(stream.MOST_PER_PERSON)]
        waiting = []
        for events in streams:
            watch.admit(bob)
            await anext(events)
            waiting.append(asyncio.ensure_future(anext(events)))
        await asyncio.sleep(0)
        with pytest.raises(TooMany):
            watch.admit(bob)
        with database.read() as db:
            watch.admit(viewer_of(db, "bella"))
        await asyncio.to_thread(tell, database)
        await asyncio.gather(*waiting)
        for events in streams:
            await events.aclose()
        watch.admit(bob)

    play(scene)


def test_a_database_that_fails_for_a_moment_does_not_end_it(database, bob):
    failures = iter([True, True])

    def flaky():
        if next(failures, False):
            raise OSError("gone")
        return database

    async def scene() -> None:
        events = Watch(flaky, every=0.01).follow(bob)
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.to_thread(tell, database)
        assert "data: 1" in await waiting
        await events.aclose()

    asyncio.run(asyncio.wait_for(scene(), 10))


@contextmanager
def served(app) -> Iterator[str]:
    """The app behind a real server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def test_a_browser_sees_the_change_at_once(web, database):
    cookies = {SESSION_COOKIE: CAST.bob.session_token}
    with (
        served(web) as address,
        httpx.Client(base_url=address, cookies=cookies, timeout=10) as client,
        client.stream("GET", "/inbox/stream?seconds=60") as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("data")) == "data: 0"
        tell(database)
        assert next(line for line in lines if line.startswith("data")) == "data: 1"


def test_the_number_can_be_asked_once(as_, database):
    tell(database)
    answer = as_("bob").get("/inbox/stream?seconds=0")
    assert answer.text == "retry: 5000\n\nevent: unread\ndata: 1\n\n"
    assert as_("bob").get("/inbox/stream?seconds=601").status_code == 422


def test_the_signal_to_stop_is_heard_before_the_server_waits():
    heard: list[str] = []

    async def scene() -> None:
        before = signal.signal(signal.SIGTERM, lambda *_: heard.append("server"))
        ended = asyncio.Event()
        try:
            with when_stopping(ended.set):
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.wait_for(ended.wait(), 5)
            assert heard == ["server"]
        finally:
            signal.signal(signal.SIGTERM, before)

    asyncio.run(scene())
