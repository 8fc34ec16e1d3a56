"""What needs no load: statements of a page, counted in the app itself, and the page drawn without a database."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from markupsafe import Markup
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.main import create_app
from bench.pages import Page
from bench.servers import SECRET
from core.db import Database
from core.settings import Settings
from marketplace.directory import cards, queries
from marketplace.offers.models import Offer
from tests.counting import counted
from web import responses

DRAWN = 60
"""Drawings that are timed."""


@dataclass
class Probe:
    """An app on the database that is measured, in this process."""

    app: FastAPI

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    def queries(self, page: Page) -> int:
        """The most statements one of three requests took: caches cold, then warm. Raises if the page is not whole."""
        client = TestClient(self.app, base_url="http://127.0.0.1")
        client.headers.update(page.headers)
        counts = []
        for number in range(3):
            with counted(self.database) as statements:
                path = page.paths[number % len(page.paths)]
                answer = client.post(path, json=json.loads(page.bodies[number])) if page.writes else client.get(path)
            if not answer.is_success or answer.text.count(page.mark) < page.rows:
                found = answer.text[:300] if page.writes else answer.text.count(page.mark)
                raise RuntimeError(f"{path} answered {answer.status_code}, found {found} of {page.rows}")
            counts.append(len(statements))
        return max(counts)

    def offers(self) -> int:
        """How many offers are stored."""
        with self.database.read() as db:
            return db.scalar(select(func.count()).select_from(Offer)) or 0

    def drawing(self, page: Page) -> tuple[float, float]:
        """CPU milliseconds to draw the page from the same values: with the cards that are kept, and with none kept."""
        with _overheard() as heard, _keys_seen() as seen:
            TestClient(self.app, base_url="http://127.0.0.1").get(page.paths[0])
        request, template, values = heard[0]
        with self.database.read() as db:
            rows = queries.cards_of(db, [key.id for key in seen])
        templates, now = self.app.state.templates, self.app.state.clock()

        def draw() -> None:
            responses.draw(request, template, **values)

        def draw_all() -> None:
            drawn = Markup("\n").join([cards.drawing(templates, row, now) for row in rows])
            responses.draw(request, template, **{**values, "cards": drawn})

        return _timed(draw), _timed(draw_all)


def _timed(work: Any) -> float:
    work()
    best = []
    for _round in range(3):
        start = time.process_time()
        for _number in range(DRAWN):
            work()
        best.append((time.process_time() - start) / DRAWN)
    return 1000 * min(best)


@contextmanager
def _overheard() -> Iterator[list[tuple[Request, str, dict[str, Any]]]]:
    """What the pages asked to be drawn inside the block."""
    heard: list[tuple[Request, str, dict[str, Any]]] = []
    draw = responses.draw

    def listen(request: Request, template: str, **values: Any) -> bytes:
        heard.append((request, template, values))
        return draw(request, template, **values)

    responses.draw = listen
    try:
        yield heard
    finally:
        responses.draw = draw


@contextmanager
def _keys_seen() -> Iterator[list[Any]]:
    """The keys whose cards were drawn inside the block."""
    seen: list[Any] = []
    draw = cards.draw

    def look(db: Any, templates: Any, keys: Any, now: Any) -> Any:
        seen.extend(keys)
        return draw(db, templates, keys, now)

    cards.draw = look
    try:
        yield seen
    finally:
        cards.draw = draw


@contextmanager
def probe(url: str) -> Iterator[Probe]:
    """An app in this process on the database at ``url``."""
    app = create_app(Settings(database_url=url, secret_key=SECRET, storage_url="memory:", rate_limits=True))
    try:
        yield Probe(app)
    finally:
        app.state.database.dispose()
