"""A user's notifications are found newest first, and those that are unread counted, by indexes.

Revision ID: 0031
Revises: 0030
"""

from migrations.steps import ConcurrentIndex, DropIndex, run

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INDEXES = (
    ConcurrentIndex("ix_notifications_newest", "index", "notifications (user_id, created_at desc nulls last, id desc)"),
    ConcurrentIndex("ix_notifications_unread", "index", "notifications (user_id) where is_read is not true"),
)


def upgrade() -> None:
    run(f"{revision} upgrade", INDEXES)


def downgrade() -> None:
    run(f"{revision} downgrade", [DropIndex(each.name) for each in INDEXES])
