"""The app on a port of this machine, and people who look at it in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import Visitor
from tests.browser.server import Server
from tests.cast import CAST
from tests.services.chromium import flags
from web.cookies import SESSION_COOKIE

WIDE = 992
"""Pixels from which the workspace has a sidebar instead of tabs (62rem)."""


@pytest.fixture(scope="package")
def browser(chromium: Path) -> Iterator[Browser]:
    """Chromium. For this folder only: while it is driven, its event loop runs in this thread and no other may."""
    with sync_playwright() as driver:
        program = driver.chromium.launch(executable_path=str(chromium), args=flags())
        yield program
        program.close()


@pytest.fixture(scope="package")
def server(built_app: FastAPI) -> Iterator[Server]:
    """The app on a port; to start and to stop it takes longer than many a test."""
    server = Server(
        uvicorn.Config(
            built_app, port=0, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, name="live")
    thread.start()
    assert server.listening.wait(30), "the server did not start"
    yield server
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def live(web: FastAPI, server: Server) -> Iterator[str]:
    """The address of the app, served over this test's database; the next test has it when all is answered."""
    yield server.address
    server.rest()


@pytest.fixture
def visit(browser: Browser, live: str) -> Iterator[Callable[..., Visitor]]:
    """``visit("alice", width=390)`` is alice at her browser, logged in; ``visit()`` is nobody.

    At the end of the test everything a page complained about fails it.
    """
    visitors: list[Visitor] = []

    def person(
        name: str = "", *, width: int = 1280, scheme: str = "light", scripts: bool = True, touch: bool = False
    ) -> Visitor:
        context = browser.new_context(
            base_url=live,
            viewport={"width": width, "height": 900 if width > 600 else 844},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-GB",
            java_script_enabled=scripts,
            has_touch=touch,
            is_mobile=touch,
        )
        visitor = Visitor(context, live, wide=width >= WIDE)
        visitors.append(visitor)
        if name:
            visitor.take({SESSION_COOKIE: CAST.members[name].session_token})
        return visitor

    yield person
    for visitor in visitors:
        visitor.context.close()
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert not complaints, "\n".join(complaints)
