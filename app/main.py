"""Assembly: one function that makes the app."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import structlog
from fastapi import FastAPI
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from app import health
from app.doors import ROUTERS
from app.features import open_database
from app.stopping import when_stopping
from core import logs
from core.clock import Clock, system_clock
from core.crypto import Keys
from core.db import Database
from core.settings import Settings
from core.templating import STATIC, environment
from crm.contracts import words as contract_words
from crm.deals import words as deal_words
from files.storage import Storage
from marketplace.offers import words as offer_words
from marketplace.taxonomy.words import FILTERS
from notifications.inbox.stream import Watch
from web import errors
from web.deps import WriteSlot
from web.middleware import AnswerHeaders, BodyLimit
from web.openapi import describe
from web.routing import attach, put_signpost, require_policies

log = structlog.get_logger()
THREADS = 8
SQLITE_THREADS = 3
"""A writer that waits for another process, something slow, and a reader: more only wait for each other."""
COLLECT = (10_000, 20, 50)
"""Garbage is looked for more rarely than by default: a look at everything stops a page for tens of milliseconds."""


class Static(StaticFiles):
    """Static files; addresses carry a mark of the content, so browsers may keep them for a year."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)

    def file_response(self, *args: Any, **options: Any) -> Response:
        response: Response = super().file_response(*args, **options)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def create_app(
    settings: Settings | None = None, database: Database | None = None, clock: Clock = system_clock
) -> FastAPI:
    """The web app. Refuses to start (``RuntimeError``) if a route does not say who may call it."""
    settings = settings or Settings()
    logs.configure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = SQLITE_THREADS if app.state.database.sqlite else THREADS
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        with when_stopping(app.state.watch.end):
            yield
        app.state.database.dispose()

    app = FastAPI(
        title="Postwright API",
        version="1",
        description=(
            "What the pages do, over JSON. Send an API token as a bearer token. Only pages show the history of an "
            "offer or a contract, whose invitation a link is before it is taken, all scopes at once, and what staff "
            "check."
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.keys = Keys(settings)
    app.state.database = database or open_database(settings, clock)
    app.state.write_slot = WriteSlot(needed=app.state.database.sqlite)
    filters = {**FILTERS, **offer_words.FILTERS, **deal_words.FILTERS, **contract_words.FILTERS}
    app.state.templates = environment(filters)
    app.state.storage = Storage(settings.storage_url)
    app.state.watch = Watch(lambda: app.state.database)

    app.mount("/static", Static(directory=STATIC), name="static")
    for router in (health.router, *ROUTERS):
        attach(app, router)
    put_signpost(app)
    errors.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(AnswerHeaders, settings=settings)
    describe(app)
    require_policies(app)
    return app
