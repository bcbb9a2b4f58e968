"""Rows that we write never stop the main web app from deleting: foreign keys cascade or empty themselves.

Added without looking at the rows, so that the locks are short; the next revision looks.

Revision ID: 0005
Revises: 0004
"""

from migrations.foreign_keys import loosen, restore
from migrations.steps import run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("notifications", "job_postings", "interview_schedules", "job_alerts")


def upgrade() -> None:
    run(f"{revision} upgrade", loosen(TABLES))


def downgrade() -> None:
    run(f"{revision} downgrade", restore(TABLES))
