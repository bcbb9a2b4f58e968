"""A queue for what operators ask for: it never stands behind what it stops.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "insert into queues (name, dispatch_delay_seconds, window_size) values ('operations', 5, 100)"
        " on conflict (name) do nothing"
    )


def downgrade() -> None:
    """What still waits there goes to a queue that the last release knows."""
    op.execute("update task_runs set queue = 'upkeep' where queue = 'operations'")
    op.execute("update task_catalogue set queue = 'upkeep' where queue = 'operations'")
    op.execute("delete from queues where name = 'operations'")
