"""what was signed is protected by its signatures, whatever its status; sums that were too small; won deals are over

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.immutable import AGREED, protect_signed, unprotect_signed

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WIDENED = (("brief", "scope_minutes"), ("profile", "busy_minutes"), ("usage_total", "used"))


def upgrade() -> None:
    unprotect_signed(op.get_bind())
    protect_signed(op.get_bind())
    _resize(sa.BigInteger())
    _finish_won_deals()


def downgrade() -> None:
    _resize(sa.Integer())
    unprotect_signed(op.get_bind())
    _protect_by_status()


def _finish_won_deals() -> None:
    """A late answer to an offer could leave a reason to lose, or a next step, on a deal won by hand."""
    over = {"lost_reason": None, "lost_note": "", "next_step": "", "next_step_on": None}
    deal = sa.table("deal", sa.column("stage_kind"), *(sa.column(name) for name in over))
    op.execute(sa.update(deal).where(deal.c.stage_kind == "won").values(over))


def _resize(to: sa.types.TypeEngine[int]) -> None:
    """SQLite stores an integer in as many bytes as it takes. On the way down what is too large becomes the largest."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column in WIDENED:
            fitting = column if isinstance(to, sa.BigInteger) else f"least({column}, {2**31 - 1})"
            op.alter_column(table, column, type_=to, existing_nullable=False, postgresql_using=fitting)


def _protect_by_status() -> None:
    """The protection as it was: UPDATE and DELETE only, while the status says signed."""
    states = "('signed', 'active', 'paused', 'ending', 'ended', 'terminated')"
    names = {
        "contract": "a signed contract",
        "plan_item": "the plan of a signed contract",
        "scope_line": "a signed line",
    }
    for table, agreed in AGREED.items():
        status = "OLD.status" if table == "contract" else "(SELECT status FROM contract WHERE id = OLD.contract_id)"
        columns, signed = ", ".join(agreed), f"{status} IN {states}"
        refusal = f"'{names[table]} is never changed'"
        if op.get_bind().dialect.name == "sqlite":
            for name, verb in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE")):
                op.execute(
                    f"CREATE TRIGGER {table}_signed_no_{name} BEFORE {verb} ON {table} "
                    f"WHEN {signed} BEGIN SELECT RAISE(ABORT, {refusal}); END"
                )
            continue
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_signed() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {signed} THEN RAISE EXCEPTION {refusal}; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_signed BEFORE UPDATE OF {columns} OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_signed()"
        )
