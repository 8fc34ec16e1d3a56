"""A database lent to one test after another: whatever the last one did, the next finds the template."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.services.postgres import Postgres
from tests.services.sqlite import SQLite
from tests.services.test_services import Databases, execute, titles

ROWS = ["Cà phê", "Кофе"]
SEALED = (
    "CREATE TABLE signature (name TEXT)",
    "INSERT INTO signature VALUES ('Nora')",
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'signed'; END $$",
    "CREATE TRIGGER sealed BEFORE UPDATE OR DELETE ON signature FOR EACH ROW EXECUTE FUNCTION refuse()",
)
"""A table whose rows nobody changes or deletes."""


def build(url: str) -> None:
    execute(url, "CREATE TABLE brief (title TEXT PRIMARY KEY)", "CREATE TABLE offer (title TEXT)")
    execute(url, *(f"INSERT INTO brief VALUES ('{title}')" for title in ROWS))
    if url.startswith("postgresql"):
        execute(url, *SEALED)


def lend(databases: Databases) -> str:
    databases.template("lending", build)
    return databases.lend("lending")


@pytest.mark.parametrize(
    "mischief",
    [
        "SELECT title FROM brief",
        "INSERT INTO brief VALUES ('Trà')",
        "UPDATE brief SET title = title",
        "UPDATE brief SET title = title || '!'",
        "DELETE FROM brief",
        "INSERT INTO offer SELECT title FROM brief",
        "ALTER TABLE brief ADD COLUMN price INTEGER",
        "CREATE TABLE deal (title TEXT)",
        "CREATE INDEX by_title ON offer (title)",
        "DROP TABLE offer",
    ],
)
def test_the_next_test_finds_the_template(databases: Databases, mischief: str) -> None:
    for _ in range(2):
        url = lend(databases)
        assert sorted(titles(url)) == ROWS
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT * FROM offer").all() == []
        names = {column["name"] for column in sa.inspect(engine).get_columns("brief")}
        engine.dispose()
        assert names == {"title"}
        execute(url, mischief)
    assert sorted(titles(lend(databases))) == ROWS


@pytest.mark.parametrize("change", ["INSERT INTO signature VALUES ('Igor')", "UPDATE brief SET title = title || '!'"])
def test_changed_rows_are_put_back_in_the_same_database(postgres: Postgres, change: str) -> None:
    url = lend(postgres)
    execute(url, change)
    again = lend(postgres)
    assert (again == url) is postgres.may_rewind
    engine = sa.create_engine(again)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM signature").scalars().all() == ["Nora"]
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "TRUNCATE brief",
        "ANALYZE brief",
        "DROP TRIGGER sealed ON signature",
        "ALTER TABLE signature DISABLE TRIGGER sealed",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    ],
)
def test_a_database_of_another_shape_is_copied_anew(postgres: Postgres, change: str) -> None:
    url = lend(postgres)
    execute(url, change)
    assert lend(postgres) != url


@pytest.mark.parametrize(
    "unfinished", ["UPDATE brief SET title = 'Held' WHERE title = 'Кофе'", "INSERT INTO offer VALUES ('Late')"]
)
def test_what_a_test_has_not_finished_keeps_nobody_waiting_and_goes_with_its_copy(
    postgres: Postgres, unfinished: str
) -> None:
    url = lend(postgres)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(unfinished)
        execute(url, "INSERT INTO brief VALUES ('Trà')")
        assert lend(postgres) != url
        assert sorted(titles(lend(postgres))) == ROWS
        connection.invalidate()  # it was cut off with its database
    engine.dispose()


def test_a_copy_of_sqlite_is_another_file_each_time(sqlite: SQLite) -> None:
    assert lend(sqlite) != lend(sqlite)
