"""A whole market in a fresh database: tables first, rows in bulk, indexes last."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateTable
from sqlmodel import SQLModel

import app.tables  # noqa: F401 - registers every table
from app.features import REACTIONS
from bench.briefs import seed_briefs
from bench.people import seed_people
from bench.pipelines import seed_pipelines
from bench.scope import make_contract, seed_usage
from bench.specialists import seed_specialists
from core.db import Database, patience
from core.immutable import APPEND_ONLY, protect, protect_signed
from core.search import KINDS, create_index
from marketplace.taxonomy.service import load_catalogue


def seed(url: str, size: int, now: datetime) -> UUID:
    """Fill the empty database at ``url`` with ``size`` specialists, briefs and deals; the contract measured in it."""
    database = Database(url, reactions=REACTIONS, synchronous="OFF")
    try:
        with database.writer.connect() as connection, patience(connection):
            _without_checks(connection)
            for table in SQLModel.metadata.sorted_tables:
                connection.execute(CreateTable(table))
            seed_people(connection, size, now)
            seed_specialists(connection, size, now)
            seed_briefs(connection, size, now)
            seed_pipelines(connection, size, now)
            _index(connection)
            connection.commit()
        with database.write() as db:
            load_catalogue(db)
        database.dispose()  # the connection without checks is not used again
        contract_id = make_contract(database, now)
        with database.writer.connect() as connection, patience(connection):
            seed_usage(connection, contract_id, size, now)
            connection.commit()
        _settle(database)
    finally:
        database.dispose()
    return contract_id


def _without_checks(connection: Connection) -> None:
    """References are checked once, in the end; a half-filled database is thrown away."""
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "cache_size=-200000"):
            raw.execute(f"PRAGMA {pragma}")
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def _index(connection: Connection) -> None:
    """Indexes, full text and the triggers that protect proofs."""
    for table in SQLModel.metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection)
    for kind in KINDS:
        create_index(connection, kind)
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"INSERT INTO {kind}_search_fts({kind}_search_fts) VALUES ('rebuild')"))
        else:
            sequence = f"pg_get_serial_sequence('{kind}_search', 'n')"
            connection.execute(text(f"SELECT setval({sequence}, coalesce(max(n), 1)) FROM {kind}_search"))
    for name in APPEND_ONLY:
        protect(connection, name)
    protect_signed(connection)


def _settle(database: Database) -> None:
    """Look for broken references; on PostgreSQL do what autovacuum would have done by now."""
    with database.writer.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        if database.sqlite:
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"broken references: {broken[:5]}")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            raw.autocommit = True
            raw.execute("SET statement_timeout = 0")
            raw.execute("VACUUM ANALYZE")
