"""Tables that only grow: triggers on both databases refuse UPDATE, DELETE and what does the same by another name."""

from __future__ import annotations

from sqlalchemy import Connection, text

APPEND_ONLY = ("event", "contract_document", "signature", "usage_entry")
"""Rows that are proof of something."""
_UNIQUE = {
    "contract_document": "contract_id = NEW.contract_id AND number = NEW.number",
    "signature": "document_id = NEW.document_id AND side = NEW.side",
    "usage_entry": "corrects_id = NEW.corrects_id",
}
"""Besides the id, whatever makes SQLite's REPLACE delete a row, which no trigger on DELETE hears of."""


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
        known = f"SELECT 1 FROM {table} WHERE id = NEW.id"  # noqa: S608 - constants
        if table in _UNIQUE:
            known += f" UNION ALL SELECT 1 FROM {table} WHERE {_UNIQUE[table]}"  # noqa: S608 - constants
        connection.execute(
            text(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({known}) "
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
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
        )
    )


def unprotect(connection: Connection, table: str) -> None:
    """Take the protection away; for migrations down only."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete", "replace"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
        return
    for trigger in ("append_only", "no_truncate"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{trigger} ON {table}"))
    connection.execute(text(f"DROP FUNCTION IF EXISTS {table}_append_only()"))


AGREED: dict[str, tuple[str, ...]] = {
    "contract": (
        "id",
        "offer_id",
        "brief_id",
        "specialist_id",
        "business_id",
        "title",
        "currency",
        "total",
        "billing",
        "starts_on",
        "term_months",
        "parties",
        "terms",
        "document_number",
        "sent_by_id",
        "sent_at",
        "signed_at",
        "created_at",
    ),
    "plan_item": (
        "id",
        "contract_id",
        "kind",
        "position",
        "title",
        "amount",
        "currency",
        "due_on",
        "period_from",
        "period_to",
    ),
    "scope_line": (
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
    ),
}
"""By table the columns both sides signed for. Left out is what goes on afterwards: a contract's status and its dates,
and ``valid_to``, the end of a line."""
_NAMES = {"contract": "a signed contract", "plan_item": "the plan of a signed contract", "scope_line": "a signed line"}
_SIGNED = "SELECT 1 FROM contract WHERE signed_at IS NOT NULL AND"
"""What both signed stays so whatever becomes of the contract's status."""


def protect_signed(connection: Connection) -> None:
    """What a signed contract says refuses DELETE, UPDATE of the columns that were signed for, and new rows.

    So does a row that would take the place of a signed one: SQLite's REPLACE deletes without a word.
    """
    for table, agreed in AGREED.items():
        columns, refusal = ", ".join(agreed), f"{_NAMES[table]} is never changed"
        if connection.dialect.name == "sqlite":
            for name, verb, condition in (
                ("update", f"UPDATE OF {columns}", f"{_was_signed(table)} OR {_would_be_signed(table)}"),
                ("delete", "DELETE", _was_signed(table)),
                ("insert", "INSERT", _would_be_signed(table)),
            ):
                connection.execute(
                    text(
                        f"CREATE TRIGGER {table}_signed_no_{name} BEFORE {verb} ON {table} "
                        f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
                    )
                )
            continue
        refuse = f"RAISE EXCEPTION '{refusal}';"
        connection.execute(
            text(
                f"CREATE OR REPLACE FUNCTION {table}_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF TG_OP = 'TRUNCATE' THEN {refuse} END IF; "
                f"IF TG_OP <> 'INSERT' THEN IF {_was_signed(table)} THEN {refuse} END IF; END IF; "
                "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
                f"IF {_would_be_signed(table)} THEN {refuse} END IF; RETURN NEW; END $$"
            )
        )
        for name, verb, each in (
            ("signed", f"INSERT OR UPDATE OF {columns} OR DELETE", "ROW"),
            ("signed_no_truncate", "TRUNCATE", "STATEMENT"),
        ):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_{name} BEFORE {verb} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION {table}_signed()"
                )
            )


def _was_signed(table: str) -> str:
    return "OLD.signed_at IS NOT NULL" if table == "contract" else f"EXISTS ({_SIGNED} id = OLD.contract_id)"


def _would_be_signed(table: str) -> str:
    """Whether the new row would join or replace what is signed."""
    if table == "contract":
        return f"EXISTS ({_SIGNED} (id = NEW.id OR offer_id = NEW.offer_id))"
    taken = f"(SELECT contract_id FROM {table} WHERE id = NEW.id)"  # noqa: S608 - constants
    return f"EXISTS ({_SIGNED} (id = NEW.contract_id OR id = {taken}))"


def unprotect_signed(connection: Connection) -> None:
    """Take that protection away; for migrations only."""
    for table in AGREED:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete", "insert"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_signed_no_{verb}"))
            continue
        for trigger in ("signed", "signed_no_truncate"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{trigger} ON {table}"))
        connection.execute(text(f"DROP FUNCTION IF EXISTS {table}_signed()"))
