"""When an event last changed, on its provider's clock: what is read back tells its own age.

Revision ID: 0027
Revises: 0026
"""

from migrations.steps import Lock, Step, run

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LOCKS = {"interview_schedules": Lock.ALTER}


def upgrade() -> None:
    adding = "alter table interview_schedules add column event_changed_at timestamptz"
    run(f"{revision} upgrade", [Step("column", adding, LOCKS)])


def downgrade() -> None:
    dropping = "alter table interview_schedules drop column event_changed_at"
    run(f"{revision} downgrade", [Step("column", dropping, LOCKS)])
