"""What mails about interviews need to know: how often people heard of one, and who organises it in their calendars.

Revision ID: 0025
Revises: 0024
"""

from migrations.steps import Lock, Step, run

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = {
    "sequence": "integer not null default 0",
    "ical_organiser": "text",
    "organiser_timezone": "text",
    "calendar_refused_at": "timestamptz",
}
LOCKS = {"interview_schedules": Lock.ALTER}


def upgrade() -> None:
    adding = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS.items())
    run(f"{revision} upgrade", [Step("columns", f"alter table interview_schedules {adding}", LOCKS)])


def downgrade() -> None:
    dropping = ", ".join(f"drop column {name}" for name in COLUMNS)
    run(f"{revision} downgrade", [Step("columns", f"alter table interview_schedules {dropping}", LOCKS)])
