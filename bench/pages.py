"""What is measured: requests, and how an answer proves that it is whole."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle, islice
from urllib.parse import quote
from uuid import UUID

from bench.people import API_TOKEN, SESSIONS
from bench.pipelines import full_pipelines, pipelines
from bench.specialists import address_of, questions
from core.templating import static
from marketplace.taxonomy.catalogue import load
from web.cookies import SESSION_COOKIE


@dataclass(frozen=True)
class Page:
    """``requests`` are asked in turn; ``mark`` occurs at least ``rows`` times in every answer."""

    name: str
    paths: list[str]
    mark: str = ""
    rows: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    most_queries: int | None = 8

    @property
    def writes(self) -> bool:
        return bool(self.bodies)

    @property
    def requests(self) -> list[str]:
        """As they go over the wire."""
        if self.writes:
            sent = zip(cycle(self.paths), self.bodies, strict=False)
            return [self._request("POST", path, body, sender=number) for number, (path, body) in enumerate(sent)]
        return [self._request("GET", path, "") for path in self.paths]

    def _request(self, method: str, path: str, body: str, *, sender: int = 0) -> str:
        """``sender``: writes come through a proxy from many addresses, because each may send only so many."""
        headers = {"Host": "127.0.0.1", "Accept": "*/*", "Accept-Language": "en", **self.headers}
        if body:
            headers["X-Forwarded-For"] = f"10.0.{sender // 250}.{sender % 250}"
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body}"


FLOOR = "nothing"
"""The page that does nothing; everything is held against it."""
DIRECTORY = "directory"
SLUGS = 200


def floor() -> list[Page]:
    """Asked first and last."""
    return [Page(FLOOR, ["/healthz"], most_queries=0), Page("static file", [static("css/tokens.css")], most_queries=0)]


def pages(size: int, contract_id: UUID, today: date) -> list[Page]:
    """Every page of the run, for a market of ``size``."""
    signed_in = {"Cookie": f"{SESSION_COOKIE}={SESSIONS['specialist']}"}
    card = 'class="listing"'
    budgets = [f"/specialists?platform=IG&budget_from={amount}" for amount in range(200, 1200)]
    return [
        Page(DIRECTORY, [f"/specialists?platform={p}&niche={n}" for p, n in _pairs()], card, 25),
        Page("directory, never asked before", budgets, card, 25),
        Page("directory, words", [f"/specialists?q={quote(word)}" for word in questions()], card, 25),
        Page("profile", [f"/specialists/{address_of(size // SLUGS * n)}" for n in range(SLUGS)], '"owns"', 1),
        Page("board", [f"/briefs?platform={p}&niche={n}" for p, n in _pairs()], mark='id="brief-', rows=25),
        Page("kanban", ["/deals"], mark="data-deal-id", rows=80, headers=signed_in),
        Page("scope", [f"/contracts/{contract_id}/scope"], mark='id="line-', rows=50, headers=signed_in),
        offer_page(size, today),
    ]


def _pairs() -> list[tuple[str, str]]:
    """Platforms and niches that many have, at every size."""
    catalogue = load()
    return [(p, n) for p in list(catalogue.platforms)[:2] for n in list(catalogue.niches)[:2]]


def offer_page(size: int, today: date) -> Page:
    """Hire offers, sent: each also becomes a deal of the specialist's, a notice and a mail."""
    receivers = range(min(full_pipelines(size), pipelines(size) // 2), pipelines(size))
    lines = [{"responsibility": code, "platform": "IG", "limit": 8, "price": 30_000} for code in ("C1", "D1", "D3")]
    terms = {"currency": "EUR", "lines": lines, "starts_on": str(today + timedelta(days=20)), "term_months": 6}
    bodies = [
        {"title": f"Offer {number}", "to": address_of(number), "valid_until": str(today + timedelta(days=14)), **terms}
        for number in islice(receivers, 400)
    ]
    return Page(
        "POST offer",
        ["/api/v1/offers"],
        mark='"status":"sent"',
        rows=1,
        headers={"Authorization": f"Bearer {API_TOKEN}"},
        bodies=[json.dumps(body) for body in bodies],
        most_queries=None,
    )
