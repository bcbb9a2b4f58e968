"""Each interviewer has a scorecard of his own, and is reminded of it once per interview.

Revision ID: 0033
Revises: 0032
"""

from migrations import foreign_keys
from migrations.steps import Step, run

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLES = """
create table own_scorecards (
    id bigint generated always as identity primary key,
    application_id integer not null,
    user_id integer,
    technical_skills smallint,
    soft_skills smallint,
    experience smallint,
    culture_fit smallint,
    communication smallint,
    motivation smallint,
    overall smallint,
    comment text,
    submitted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint own_scorecards_technical_skills_check check (technical_skills between 1 and 5),
    constraint own_scorecards_soft_skills_check check (soft_skills between 1 and 5),
    constraint own_scorecards_experience_check check (experience between 1 and 5),
    constraint own_scorecards_culture_fit_check check (culture_fit between 1 and 5),
    constraint own_scorecards_communication_check check (communication between 1 and 5),
    constraint own_scorecards_motivation_check check (motivation between 1 and 5),
    constraint own_scorecards_overall_check check (overall between 1 and 5),
    constraint own_scorecards_application_id_user_id_key unique (application_id, user_id)
);
create index ix_own_scorecards_user_id on own_scorecards (user_id);
create index ix_own_scorecards_drafts on own_scorecards (updated_at) where submitted_at is null;
create table scorecard_reminders (
    interview_id integer primary key,
    start timestamptz not null,
    user_ids integer[] not null,
    created_at timestamptz not null default now()
);
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("tables", TABLES),
            foreign_keys.add("own_scorecards", "application_id", "job_applications", "on delete cascade"),
            foreign_keys.add("own_scorecards", "user_id", "users", "on delete set null"),
            foreign_keys.add("scorecard_reminders", "interview_id", "interview_schedules", "on delete cascade"),
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            *foreign_keys.drop("own_scorecards"),
            *foreign_keys.drop("scorecard_reminders"),
            Step("tables", "drop table own_scorecards, scorecard_reminders"),
        ],
    )
