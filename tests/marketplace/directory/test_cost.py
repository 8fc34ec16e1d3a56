"""A page of the directory costs the same however many specialists there are."""

from __future__ import annotations

import pytest

from marketplace.directory import queries
from marketplace.directory.filters import EVERYONE, Sort
from tests.marketplace.directory.crowd import put_crowd


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_cost_of_a_walk_does_not_grow_with_the_table(database):
    """Steps of SQLite's machine for a page, counted: the same for 300 as for 3,000 specialists, within 30%."""
    small = _steps(database, 300, seed=1)
    large = _steps(database, 2_700, seed=2)
    assert large <= small * 1.3


def _steps(database, more: int, *, seed: int) -> int:
    with database.write() as db:
        put_crowd(db, more, seed=seed)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.read() as db:
        queries.survey(db, EVERYONE)
        raw = db.connection().connection.driver_connection
        raw.set_progress_handler(step, 10)
        try:
            for sort in Sort:
                queries.list_specialists(db, EVERYONE, sort)
        finally:
            raw.set_progress_handler(None, 0)
    return steps
