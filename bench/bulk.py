"""Many rows at once: ``COPY`` on PostgreSQL, prepared inserts on SQLite; and ids that are the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table
from sqlmodel import SQLModel


class Kind(IntEnum):
    """What an id stands for."""

    USER = 1
    WORKSPACE = 2
    MEMBERSHIP = 3
    PROFILE = 4
    BRIEF = 5
    BRIEF_LINE = 6
    STAGE = 7
    COMPANY = 8
    DEAL = 9
    LOG_IN = 10
    TOKEN = 11
    USAGE = 12


_BEGINNING = 1_700_000_000_000  # milliseconds since 1970


def id_of(kind: Kind, number: int) -> UUID:
    """The ``number``-th id of a kind: a UUIDv7 that sorts by ``number``."""
    return UUID(int=(_BEGINNING + number) << 80 | 7 << 76 | kind << 64 | 2 << 62 | number)


def put(connection: Connection, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> int:
    """Insert ``rows``, all with the same keys; other columns get the model's defaults. How many there were."""
    pending = iter(rows)
    first = next(pending, None)
    if first is None:
        return 0
    table: Table = model.__table__  # type: ignore[attr-defined]
    fixed = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name not in first and name != "id"
    }
    return put_rows(
        connection, table, [*first, *fixed], (tuple(row.values()) for row in chain([first], pending)), fixed
    )


def put_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    fixed: dict[str, Any] | None = None,
) -> int:
    """Insert tuples in the order of ``names``, the last of which are ``fixed`` and left out of the tuples."""
    columns = [table.c[name] for name in names]
    converted = _converted(connection, columns, rows, tuple((fixed or {}).values()))
    counted = _Counted(converted)
    prepare = connection.dialect.identifier_preparer
    target = f"{prepare.quote(table.name)} ({', '.join(prepare.quote(column.name) for column in columns)})"
    cursor: Any = connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        cursor.executemany(f"INSERT INTO {target} VALUES ({', '.join('?' * len(columns))})", counted)
    else:
        with cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in counted:
                copy.write_row(row)
    cursor.close()
    return counted.number


class _Counted:
    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self.rows:
            self.number += 1
            yield row


def _converted(
    connection: Connection, columns: Sequence[Column[Any]], rows: Iterable[tuple[Any, ...]], tail: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them."""
    makers = [_maker(connection, column) for column in columns]
    given = len(columns) - len(tail)
    end = tuple(make(value) if make else value for make, value in zip(makers[given:], tail, strict=True))
    changing = [(place, make) for place, make in enumerate(makers[:given]) if make]
    for row in rows:
        values = list(row)
        for place, make in changing:
            values[place] = make(values[place])
        yield (*values, *end)


def _maker(connection: Connection, column: Column[Any]) -> Callable[[Any], Any] | None:
    made: Callable[[Any], Any] | None = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return made
