"""Alembic's entry: the tables of every feature, on both databases."""

from __future__ import annotations

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

import app.tables  # noqa: F401 - registers every table
from core.columns import EnumText, UTCDateTime
from core.db import Database
from core.settings import Settings


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Column types as a migration can read them without importing the features."""
    if kind != "type":
        return False
    name = type(item).__name__
    if name == "AutoString":
        length = getattr(item, "length", None)
        return f"sa.String(length={length})" if length else "sa.Text()"
    if isinstance(item, EnumText):
        return "sa.String(length=32)"
    if isinstance(item, UTCDateTime):
        autogen.imports.add("from core.columns import UTCDateTime")
        return "UTCDateTime()"
    if name == "JSON" and isinstance(getattr(item, "_variant_mapping", {}).get("postgresql"), JSONB):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def include_object(item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Full-text tables and their indexes are made by hand, not by comparison."""
    if kind == "table" and name is not None and "_search_fts" in name:
        return False
    return not (kind == "index" and name is not None and name.endswith("_search_text"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_object=include_object,
        compare_type=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    database = Database(Settings().database_url)
    with database.writer.connect() as connection:
        run(connection)
        connection.commit()
    database.dispose()


main()
