"""Migrations and bulk work are not cut off by the time limit of requests."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.db import patience


def limit_of(connection) -> str:
    return str(connection.execute(text("SHOW statement_timeout")).scalar())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_limit_is_lifted_and_comes_back(database):
    with database.writer.connect() as connection:
        with patience(connection):
            assert limit_of(connection) == "0"
            connection.rollback()
            assert limit_of(connection) == "0", "also after a transaction was undone"
        assert limit_of(connection) == "5s"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_it_comes_back_after_a_failure_too(database):
    with database.writer.connect() as connection:
        with pytest.raises(ProgrammingError), patience(connection):
            connection.execute(text("SELECT nothing FROM nowhere"))
        assert limit_of(connection) == "5s"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_has_no_such_limit(database):
    with database.writer.connect() as connection, patience(connection):
        assert connection.execute(text("SELECT 1")).scalar() == 1
