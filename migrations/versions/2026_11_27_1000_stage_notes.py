"""what was said when a deal changed its stage

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stage_change", sa.Column("note", sa.String(length=2000), nullable=False, server_default=""))
    _fill()


def _fill() -> None:
    """What lost and won deals say of themselves was said when they came there last."""
    said = "CASE WHEN deal.stage_kind = 'lost' THEN deal.lost_note ELSE deal.external_note END"
    closed = "SELECT id, stage_kind FROM deal WHERE stage_kind IN ('lost', 'won')"
    newest = (
        "SELECT max(CAST(other.id AS VARCHAR)) FROM stage_change AS other WHERE other.deal_id = stage_change.deal_id"
    )
    op.execute(
        f"UPDATE stage_change SET note = (SELECT {said} FROM deal WHERE deal.id = stage_change.deal_id) "  # noqa: S608
        f"WHERE EXISTS (SELECT 1 FROM ({closed}) AS done WHERE done.id = stage_change.deal_id "
        f"AND done.stage_kind = stage_change.to_kind) AND CAST(stage_change.id AS VARCHAR) = ({newest})"
    )


def downgrade() -> None:
    op.drop_column("stage_change", "note")
