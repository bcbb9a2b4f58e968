"""Addresses whose mail came back for a passing reason, counted.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table soft_bounces (
            address text primary key,
            count integer not null default 1,
            last_at timestamptz not null default now(),
            constraint soft_bounces_address_check check (address = lower(address))
        );
        create index ix_suppressions_created_at on suppressions (created_at, address);
    """)


def downgrade() -> None:
    op.execute("drop index ix_suppressions_created_at")
    op.execute("drop table soft_bounces")
