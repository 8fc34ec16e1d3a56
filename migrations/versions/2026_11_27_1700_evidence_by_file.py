"""which work a file proves

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_usage_entry_upload_id", "usage_entry", ["upload_id"])


def downgrade() -> None:
    op.drop_index("ix_usage_entry_upload_id", "usage_entry")
