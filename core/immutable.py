"""Tables that only grow: triggers on both databases refuse UPDATE and DELETE."""

from __future__ import annotations

from sqlalchemy import Connection, text

APPEND_ONLY = ("event", "contract_document", "signature", "usage_entry")
"""Rows that are proof of something."""


def protect(connection: Connection, table: str) -> None:
    """Make ``table`` append-only."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
        return
    connection.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
        )
    )


def unprotect(connection: Connection, table: str) -> None:
    """Take the protection away; for migrations down only."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
        return
    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
    connection.execute(text(f"DROP FUNCTION IF EXISTS {table}_append_only()"))


SIGNED_LINE_COLUMNS = (
    "id",
    "contract_id",
    "position",
    "responsibility",
    "platform",
    "owner",
    "unit",
    '"limit"',
    "period",
    "price",
    "overage_price",
    "rollover_cap",
    "sla_minutes",
    "revision_rounds",
    "approver",
    "evidence",
    "exclusions",
    "note",
    "valid_from",
)
"""All columns of ``scope_line`` but ``valid_to``: an amendment ends a signed line, it never edits one."""
SIGNED = ("signed", "active", "paused", "ending", "ended", "terminated")


def protect_signed_lines(connection: Connection) -> None:
    """Scope lines of a signed contract refuse DELETE, and UPDATE of anything but ``valid_to``."""
    states = ", ".join(f"'{state}'" for state in SIGNED)
    is_signed = f"(SELECT status FROM contract WHERE id = OLD.contract_id) IN ({states})"  # noqa: S608 - constants
    columns = ", ".join(SIGNED_LINE_COLUMNS)
    refusal = "a scope line of a signed contract is never changed"
    if connection.dialect.name == "sqlite":
        for name, verb in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE")):
            connection.execute(
                text(
                    f"CREATE TRIGGER scope_line_signed_no_{name} BEFORE {verb} ON scope_line "
                    f"WHEN {is_signed} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
                )
            )
        return
    connection.execute(
        text(
            "CREATE OR REPLACE FUNCTION scope_line_signed() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {is_signed} THEN RAISE EXCEPTION '{refusal}'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
    )
    connection.execute(
        text(
            f"CREATE TRIGGER scope_line_signed BEFORE UPDATE OF {columns} OR DELETE ON scope_line "
            "FOR EACH ROW EXECUTE FUNCTION scope_line_signed()"
        )
    )


def unprotect_signed_lines(connection: Connection) -> None:
    """Take that protection away; for migrations down only."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS scope_line_signed_no_{verb}"))
        return
    connection.execute(text("DROP TRIGGER IF EXISTS scope_line_signed ON scope_line"))
    connection.execute(text("DROP FUNCTION IF EXISTS scope_line_signed()"))
