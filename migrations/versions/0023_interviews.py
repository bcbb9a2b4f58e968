"""Interviews: what the platform knows beside the main web app's columns, what was said afterwards, companies' hours.

Revision ID: 0023
Revises: 0022
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

COLUMNS = {
    "own_status": "text",
    "kind": "text",
    "round": "smallint",
    "calendar": "text",
    "credential_id": "integer",
    "ical_uid": "text",
    "generation": "integer not null default 0",
    "event_generation": "integer",
    "event_etag": "text",
    "event_address": "text",
    "event_checked_at": "timestamptz",
    "meeting_wanted": "boolean not null default false",
    "link_state": "text",
    "link_reason": "text",
    "canceled_by": "text",
    "cancel_reason": "text",
    "moved_from": "timestamptz",
    "moved_at": "timestamptz",
    "candidate_response": "text",
    "organiser_response": "text",
    "candidate_reminded_for": "timestamptz",
    "organiser_reminded_for": "timestamptz",
}
KEY = "interview_schedules_credential_id_fkey"
BOTH = {"integration_credentials": Lock.ALTER, "interview_schedules": Lock.ALTER}

TABLES = """
create table interview_feedback (
    interview_id integer primary key,
    notes text,
    feedback text,
    rating smallint,
    written_by integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint interview_feedback_rating_check check (rating between 1 and 5)
);
create index ix_interview_feedback_written_by on interview_feedback (written_by);
create table interview_settings (
    company_id integer primary key,
    days smallint[] not null,
    opens_at time not null,
    closes_at time not null,
    pause_minutes smallint not null,
    notice_hours smallint not null,
    skip_holidays boolean not null,
    hide_guests boolean not null,
    cancel_when_rejected boolean not null,
    updated_at timestamptz not null default now(),
    constraint interview_settings_hours_check check (opens_at < closes_at)
);
"""

INDEXES = (
    ConcurrentIndex(
        "ix_interview_schedules_planned_once",
        "unique index",
        "interview_schedules (application_id, scheduled_at) "
        "where calendar is not null and status in ('SCHEDULED', 'CONFIRMED', 'RESCHEDULED')",
    ),
    ConcurrentIndex(
        "ix_interview_schedules_credential_id",
        "index",
        "interview_schedules (credential_id) where credential_id is not null",
    ),
    ConcurrentIndex("ix_interview_schedules_created_by_user_id", "index", "interview_schedules (created_by_user_id)"),
)


def upgrade() -> None:
    adding = ", ".join(f"add column {name} {kind}" for name, kind in COLUMNS.items())
    key = f"constraint {KEY} foreign key (credential_id) references integration_credentials (id) on delete set null"
    run(
        f"{revision} upgrade",
        [
            Step("columns", f"alter table interview_schedules {adding}", {"interview_schedules": Lock.ALTER}),
            Step("key", f"alter table interview_schedules add {key} not valid", BOTH),
            Step("check key", f"alter table interview_schedules validate constraint {KEY}"),
            Step("tables", TABLES),
            foreign_keys.add("interview_feedback", "interview_id", "interview_schedules", "on delete cascade"),
            foreign_keys.add("interview_feedback", "written_by", "users", "on delete set null"),
            foreign_keys.add("interview_settings", "company_id", "companies", "on delete cascade"),
            *INDEXES,
        ],
    )


def downgrade() -> None:
    dropping = ", ".join(f"drop column {name}" for name in COLUMNS)
    run(
        f"{revision} downgrade",
        [
            *(DropIndex(each.name) for each in INDEXES),
            *foreign_keys.drop("interview_feedback"),
            *foreign_keys.drop("interview_settings"),
            Step("tables", "drop table interview_feedback, interview_settings"),
            Step("columns", f"alter table interview_schedules {dropping}", BOTH),
        ],
    )
