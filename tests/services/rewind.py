"""A PostgreSQL database that tests used, put back to how it was copied: a tenth of the time of copying it again."""

from __future__ import annotations

import psycopg
from psycopg import sql

TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""
CATALOGS = {
    "pg_class": "oid",
    "pg_attribute": "attrelid",
    "pg_trigger": "oid",
    "pg_constraint": "oid",
    "pg_index": "indexrelid",
    "pg_proc": "oid",
    "pg_statistic": "starelid",
}
OURS = sql.SQL(" WHERE {} >= 16384")
"""The server's own objects have smaller numbers."""
MARK = sql.SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}")
"""How many rows a table has, and the last transaction that wrote one: both stay if nothing was changed."""
OTHERS = "other sessions"
OPEN = sql.SQL(
    "SELECT {}, count(*), NULL::bigint FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
)
"""What is not committed yet cannot be seen in a table."""
Marks = dict[str, tuple[int, int | None]]


class Rewind:
    """Knows every row of a fresh copy. Asks for a role that may leave triggers out: a superuser."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        self._columns: dict[str, list[str]] = dict(self._connection.execute(TABLES).fetchall())
        rows = [MARK.format(table, sql.Identifier(table)) for table in self._columns]
        shape = [
            MARK.format(table, sql.Identifier(table)) + OURS.format(sql.Identifier(column))
            for table, column in CATALOGS.items()
        ]
        self._question = sql.SQL(" UNION ALL ").join([*rows, *shape, OPEN.format(OTHERS)])
        self._marks = self._look()
        self._rows = {table: self._copied(table) for table in self._columns if self._marks[table][0]}

    def back(self) -> bool:
        """Put every row back. No, when tests changed more than rows, or are not done with some of them."""
        try:
            marks = self._look()
            changed = [table for table, mark in marks.items() if mark != self._marks[table]]
            if not self._columns.keys() >= set(changed):
                return False
            if changed:
                self._restore(changed)
            return True
        except psycopg.Error:
            return False

    def close(self) -> None:
        self._connection.close()

    def _look(self) -> Marks:
        found = self._connection.execute(self._question, prepare=True)
        return {table: (count, last) for table, count, last in found}

    def _copied(self, table: str) -> bytes:
        with self._connection.cursor() as cursor, cursor.copy(self._copy(table, "TO STDOUT")) as rows:
            return b"".join(map(bytes, rows))

    def _restore(self, tables: list[str]) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # signed rows let nobody delete them
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            for table in tables:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                if table in self._rows:
                    with cursor.copy(self._copy(table, "FROM STDIN")) as rows:
                        rows.write(self._rows[table])
            last = cursor.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        for table in tables:
            count, _last = self._marks[table]
            self._marks[table] = (count, last[0] if last and count else None)

    def _copy(self, table: str, way: str) -> sql.Composed:
        columns = sql.SQL(", ").join(map(sql.Identifier, self._columns[table]))
        return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), columns, sql.SQL(way))
