"""Room for the marks of alerts: a run moves every one of them, and a new version beside the old touches no index.

Revision ID: 0011
Revises: 0010
"""

from migrations.steps import Step, run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(f"{revision} upgrade", [Step("fillfactor", "alter table job_alerts set (fillfactor = 50)")])


def downgrade() -> None:
    run(f"{revision} downgrade", [Step("fillfactor", "alter table job_alerts reset (fillfactor)")])
