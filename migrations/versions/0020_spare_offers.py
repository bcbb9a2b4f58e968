"""Digests keep the next offers too, for those that close before the mail is written.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table alert_digests add column spare_ids integer[]")


def downgrade() -> None:
    op.execute("alter table alert_digests drop column spare_ids")
