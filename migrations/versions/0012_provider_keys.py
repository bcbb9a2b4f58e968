"""Provider keys that no other installation can have used, and gates that close on a provider's configuration.

An effect without `provider_key` was frozen by the release before, which sends it under `key/generation`. That release
reads `window_seconds` only: the newer effects leave it empty, so that it never repeats one under a key of its own.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table effects add column provider_key text, add column provider_key_seconds integer")
    op.execute(
        """
        alter table park_gates add column closed_at timestamptz, add column reason text, add column prober uuid,
              add column probe_at timestamptz
        """
    )


def downgrade() -> None:
    op.execute(
        "alter table park_gates drop column closed_at, drop column reason, drop column prober, drop column probe_at"
    )
    op.execute("alter table effects drop column provider_key, drop column provider_key_seconds")
