"""What Claude's texts cost, per day and company: the daily budgets are kept with it.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        create table ai_spending (
            day date not null,
            company_id bigint not null,
            calls integer not null default 0,
            input_tokens bigint not null default 0,
            output_tokens bigint not null default 0,
            micro_usd bigint not null default 0,
            primary key (day, company_id)
        );
    """)


def downgrade() -> None:
    op.execute("drop table ai_spending")
