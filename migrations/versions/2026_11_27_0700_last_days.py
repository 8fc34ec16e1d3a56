"""the last day of a contract in force, and who wants it to go on after notice

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contract", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("contract", sa.Column("keep_asked_by", sa.String(length=32), nullable=True))
    op.create_index("ix_contract_end", "contract", ["status", "ends_on"])
    _fill()


def _fill() -> None:
    """What is in force already ends with its term."""
    contract = sa.table(
        "contract",
        sa.column("id", sa.Uuid()),
        sa.column("status", sa.String()),
        sa.column("starts_on", sa.Date()),
        sa.column("term_months", sa.Integer()),
        sa.column("ends_on", sa.Date()),
    )
    running = contract.c.status.in_(("active", "paused", "ending", "ended", "terminated"))
    rows = op.get_bind().execute(sa.select(contract).where(running)).all()
    for row in rows:
        last_day = _last_day(row.starts_on, row.term_months)
        op.get_bind().execute(sa.update(contract).where(contract.c.id == row.id).values(ends_on=last_day))


def _last_day(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1])) - timedelta(days=1)


def downgrade() -> None:
    op.drop_index("ix_contract_end", "contract")
    op.drop_column("contract", "keep_asked_by")
    op.drop_column("contract", "ends_on")
