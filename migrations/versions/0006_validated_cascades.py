"""The foreign keys of the revision before, checked against the rows while others read and write.

Revision ID: 0006
Revises: 0005
"""

from migrations.foreign_keys import validate
from migrations.steps import run

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("notifications", "job_postings", "interview_schedules", "job_alerts")


def upgrade() -> None:
    run(f"{revision} upgrade", validate(TABLES))


def downgrade() -> None:
    pass
