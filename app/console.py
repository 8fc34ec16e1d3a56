"""What every console command starts with: the settings and the database they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError

from core.settings import Settings

if TYPE_CHECKING:
    from core.db import Database


def load_settings() -> Settings:
    """The settings, or a list of what is wrong with them and exit code 2."""
    try:
        return Settings()
    except ValidationError as error:
        for item in error.errors():
            where = "".join(f"POSTWRIGHT_{str(part).upper()}: " for part in item["loc"])
            for line in item["msg"].removeprefix("Value error, ").split("; "):
                typer.echo(f"{where}{line}", err=True)
        raise typer.Exit(2) from error


@contextmanager
def opened(*, current: bool = True) -> Iterator[Database]:
    """The configured database. With ``current``, exit code 1 unless its schema is the one this code needs."""
    from app import schema
    from app.features import open_database

    database = open_database(load_settings())
    try:
        if current and (have := schema.current(database)) != schema.head():
            typer.echo(f"The schema is {have or 'empty'}, not {schema.head()}. Run: postwright db upgrade", err=True)
            raise typer.Exit(1)
        yield database
    finally:
        database.dispose()
