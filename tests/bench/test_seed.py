"""A small market of the bench: what is measured is there, its pages answer in full, and nothing in it is broken."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.features import INVARIANTS, REACTIONS
from bench.pages import Page, floor, pages
from bench.probe import Probe, probe
from bench.seed import seed
from core.db import Database
from crm.deals.models import Deal
from marketplace.briefs.models import Brief
from marketplace.profiles.models import Profile, ProfileFacet
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SIZE = 200
NAME, NICHES = "Branlu Cirbrea", ["finance_law"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, templates: Callable[[str], SQLite | Postgres]) -> Iterator[tuple[str, UUID]]:
    """The address of a market of 200 and the contract measured in it."""
    server = templates(request.param)
    found: list[UUID] = []
    name = f"bench_market_{request.param}_{os.getpid()}"
    server.template(f"{name}_template", lambda url: found.append(seed(url, SIZE, NOW)))
    url = server.clone(f"{name}_template", name)
    if not found:
        database = Database(url)
        with database.read() as db:
            found.append(UUID(str(db.scalar(text("SELECT id FROM contract")))))
        database.dispose()
    yield url, found[0]
    server.drop(name)


@pytest.fixture
def inside(market: tuple[str, UUID]) -> Iterator[Probe]:
    with probe(market[0]) as made:
        yield made


def test_market_has_its_size(inside: Probe) -> None:
    with inside.database.read() as db:
        counts = [db.scalar(select(func.count()).select_from(model)) for model in (Profile, Brief)]
        deals = db.scalar(select(func.count()).select_from(Deal))
        facets = db.scalar(select(func.count(func.distinct(ProfileFacet.profile_id))))
    assert counts == [SIZE, SIZE]
    assert deals == 121  # one full pipeline and the deal of the signed contract
    assert facets == SIZE


def test_nothing_in_it_is_broken(market: tuple[str, UUID]) -> None:
    database = Database(market[0], reactions=REACTIONS)
    with database.read() as db:
        assert [row for check in INVARIANTS for row in check(db)] == []
    database.dispose()


def test_the_same_seed_gives_the_same_rows(inside: Probe) -> None:
    with inside.database.read() as db:
        row = db.execute(select(Profile.slug, Profile.name, Profile.niches).order_by(Profile.slug).limit(1)).one()
    assert row.slug == "specialist-0"
    assert row == ("specialist-0", NAME, NICHES)


def test_pages_answer_in_full_with_few_statements(market: tuple[str, UUID], inside: Probe) -> None:
    for page in [*floor(), *wanted(market[1])]:
        queries = inside.queries(page)  # raises when an answer is not whole
        assert page.most_queries is None or queries <= page.most_queries, page.name


def test_an_offer_is_stored(market: tuple[str, UUID], inside: Probe) -> None:
    before = inside.offers()
    inside.queries(next(page for page in wanted(market[1]) if page.writes))
    assert inside.offers() == before + 3


def wanted(contract_id: UUID) -> list[Page]:
    """The pages of the run whose filters have enough rows in so small a market."""
    today = datetime.now(UTC).date()
    small = {"directory, never asked before", "profile", "kanban", "scope", "POST offer"}
    return [page for page in pages(SIZE, contract_id, today) if page.name in small]


def test_the_directory_is_drawn_without_a_database(inside: Probe, market: tuple[str, UUID]) -> None:
    directory = pages(SIZE, market[1], NOW.date())[0]
    assert min(inside.drawing(directory)) > 0
