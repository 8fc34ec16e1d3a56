"""a file is found with the work it proves, and a brief counts each bidder once

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
    _count("count(DISTINCT offer.author_id)", "offer.sent_at IS NOT NULL AND offer.status <> 'withdrawn'")


def downgrade() -> None:
    op.drop_index("ix_usage_entry_upload_id", "usage_entry")
    _count("count(*)", "offer.sent_at IS NOT NULL")


def _count(what: str, of: str) -> None:
    found = f"SELECT {what} FROM offer WHERE offer.brief_id = brief.id AND {of}"  # noqa: S608 - our own words
    op.execute(f"UPDATE brief SET offer_count = ({found})")  # noqa: S608
