"""Candidates choose among offered times; recruiters subscribe to their interviews.

Revision ID: 0026
Revises: 0025
"""

from migrations import foreign_keys
from migrations.steps import Lock, Step, run

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMN = "alter table interview_schedules add column offered_times timestamptz[]"
TABLE = """
create table calendar_feeds (
    user_id integer primary key,
    number integer not null,
    open boolean not null,
    changed_at timestamptz not null default now()
)
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("column", COLUMN, {"interview_schedules": Lock.ALTER}),
            Step("table", TABLE),
            foreign_keys.add("calendar_feeds", "user_id", "users", "on delete cascade"),
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            *foreign_keys.drop("calendar_feeds"),
            Step("table", "drop table calendar_feeds"),
            Step(
                "column",
                "alter table interview_schedules drop column offered_times",
                {"interview_schedules": Lock.ALTER},
            ),
        ],
    )
