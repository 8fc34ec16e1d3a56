"""No question of the directory reads a whole table or sorts more than the few rows it started from."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, text

from marketplace.directory import queries
from marketplace.directory.filters import EVERYONE, Filters, Sort
from tests.backdrop import Backdrop
from tests.marketplace.directory.crowd import put_crowd

CROWD = 2_500
WALKS = [
    (EVERYONE, Sort.BEST),
    (EVERYONE, Sort.PRICE),
    (EVERYONE, Sort.FREE),
    (Filters(chosen=(("platform", ("FB", "IG")),)), Sort.BEST),
    (Filters(chosen=(("platform", ("IG",)),)), Sort.PRICE),
    (Filters(low=10_000, high=250_000), Sort.BEST),
    (Filters(low=10_000, high=250_000), Sort.PRICE),
]
"""Common things: the index of the order, or of one facet's value, is walked and nothing is sorted."""
WHOLE = re.compile(
    r"^SCAN (profile|profile_facet|profile_search|workspace|lead|whole|has_\w+|all_\w+|priced)\b|Seq Scan", re.M
)
STARTS = [
    (Filters(chosen=(("niche", ("pets",)),)), Sort.PRICE),
    (Filters(chosen=(("niche", ("pets",)), ("platform", ("IG", "TG"))), high=90_000), Sort.BEST),
    (Filters(high=12_000), Sort.FREE),
    (Filters(q="reels", chosen=(("language", ("en",)),)), Sort.BEST),
]
"""Rare things: the statement starts from their rows."""


@pytest.fixture(scope="module")
def backdrop():
    return Backdrop("crowd", lambda db: put_crowd(db, CROWD))


@pytest.fixture
def plans(database):
    """The plans of the listing and the counts of a question, as text."""
    if not database.sqlite:
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE profile, profile_facet, profile_search, workspace"))

    def explain(filters: Filters, sort: Sort) -> list[str]:
        seen: list[tuple[str, object]] = []

        def note(_connection, _cursor, statement, parameters, *_rest):
            if statement.startswith(("SELECT", "WITH")):
                seen.append((statement, parameters))

        event.listen(database.reader, "before_cursor_execute", note)
        try:
            with database.read() as db:
                queries.list_specialists(db, filters, sort)
        finally:
            event.remove(database.reader, "before_cursor_execute", note)
        command = "EXPLAIN QUERY PLAN" if database.sqlite else "EXPLAIN"
        with database.reader.connect() as connection:
            if not database.sqlite:
                connection.exec_driver_sql("SET enable_seqscan = off")
            return [
                "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{command} {statement}", parameters))
                for statement, parameters in seen
            ]

    return explain


def test_nothing_reads_a_whole_table(plans):
    for filters, sort in [*WALKS, *STARTS]:
        for plan in plans(filters, sort):
            assert not WHOLE.search(plan), (filters, sort, plan)


def test_common_questions_are_walked_in_order_without_sorting(plans):
    for filters, sort in WALKS:
        listing = plans(filters, sort)[-1]
        assert "TEMP B-TREE FOR ORDER BY" not in listing, (filters, sort, listing)
        assert "Sort" not in listing, (filters, sort, listing)


ONE_VALUE = [
    Filters(chosen=(("platform", ("IG",)),)),
    Filters(chosen=(("niche", ("food",)), ("platform", ("IG",)))),
]


def test_the_best_with_one_value_lie_in_order(plans):
    """Only the page itself is put in order again, after what else is told of its rows was looked up."""
    for filters in ONE_VALUE:
        listing = plans(filters, Sort.BEST)[-1]
        walk = listing.partition("Limit")[2]
        assert "Sort" not in walk, listing
        assert listing.count("TEMP B-TREE") <= 1, listing
