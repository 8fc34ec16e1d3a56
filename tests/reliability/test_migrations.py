"""Migrations go up, down and up again with data on both databases, and give exactly the tables of the code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from app import schema
from app.checks import broken
from app.features import REACTIONS
from core.clock import ManualClock
from core.db import Database
from core.events import Event
from tests.cast import put_cast_on_stage
from tests.conftest import START
from tests.house.world import build_world
from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite


@pytest.fixture(params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest, templates: Callable[..., SQLite | Postgres]) -> Iterator[Database]:
    """A migrated database holding one of everything."""
    server = templates(request.param)
    name = f"migrate_{os.getpid()}"
    database = Database(server.clone("template_cast", name), clock=ManualClock(START), reactions=REACTIONS)
    with database.write() as db:
        build_world(db)
    yield database
    database.dispose()
    server.drop(name)


def by_hand(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Full-text tables and indexes are made by the migration itself, not from the metadata."""
    if kind == "table":
        return "_search_fts" not in (name or "")
    return not (kind == "index" and (name or "").endswith("_search_text"))


def test_up_down_up_with_data(full: Database):
    with full.read() as db:
        assert db.scalar(select(func.count()).select_from(Event))
    assert schema.current(full) == schema.head()
    schema.downgrade(full, "base")
    assert schema.current(full) is None
    left = set(inspect(full.reader).get_table_names()) - {"alembic_version"}
    assert left == set()
    schema.upgrade(full)
    with full.write() as db:
        put_cast_on_stage(db)
        build_world(db)


def run(database: Database, sql: str) -> int:
    with database.writer.begin() as connection:
        return connection.execute(text(sql)).rowcount


def test_sums_beyond_32_bits_survive_the_way_down(full: Database):
    assert run(full, f"UPDATE brief SET scope_minutes = {2**40}")
    schema.downgrade(full, "0002")
    schema.upgrade(full)
    with full.read() as db:
        assert db.scalar(text("SELECT max(scope_minutes) FROM brief")) == (2**40 if full.sqlite else 2**31 - 1)


def test_what_was_signed_stays_protected_on_the_way_down_and_up(full: Database):
    schema.downgrade(full, "0002")
    with pytest.raises(DBAPIError, match="never changed"):
        run(full, "UPDATE plan_item SET amount = amount + 1")
    left = "UPDATE deal SET lost_reason = 'price', next_step = 'Ask again', next_step_on = '2026-09-01'"
    assert run(full, f"{left} WHERE stage_kind = 'won'")
    schema.upgrade(full)
    assert [fault for fault in broken(full) if "deal" in fault] == []
    run(full, "UPDATE contract SET status = 'void'")
    for sql in ("UPDATE plan_item SET amount = amount + 1", "UPDATE contract SET signed_at = NULL"):
        with pytest.raises(DBAPIError, match="never changed"):
            run(full, sql)


def test_briefs_of_older_releases_count_their_bidders_anew(full: Database):
    assert run(full, "UPDATE brief SET offer_count = 99")
    schema.downgrade(full, "0004")
    schema.upgrade(full)
    assert [fault for fault in broken(full) if "counts" in fault] == []


def test_the_migrated_schema_is_the_one_of_the_code(full: Database):
    with full.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": by_hand, "compare_type": False})
        assert compare_metadata(context, SQLModel.metadata) == []
