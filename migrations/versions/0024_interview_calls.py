"""What is being told to calendars: the call under way for an interview with its bytes, and events to be taken away.

Revision ID: 0024
Revises: 0023
"""

from migrations import foreign_keys
from migrations.steps import Lock, Step, run

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = """
create table interview_calls (
    interview_id integer primary key,
    operation text not null,
    generation integer not null,
    body bytea not null,
    created_at timestamptz not null default now()
)
"""

# No keys: the account may be deleted in the same statement as its interviews.
REMOVALS = """
create table interview_removals (
    id bigint generated always as identity primary key,
    credential_id integer not null,
    event_id text not null,
    created_at timestamptz not null default now()
)
"""
NOTE = """
create function note_removed_interviews() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into interview_removals (credential_id, event_id)
    select g.credential_id, coalesce(g.google_event_id, g.outlook_event_id)
      from gone g
     where g.credential_id is not null and coalesce(g.google_event_id, g.outlook_event_id) is not null
       and g.calendar is not null;
    return null;
exception when others then
    return null;
end $$;
revoke all on function note_removed_interviews() from public;
"""
WATCH = """
create trigger note_removed_interviews after delete on interview_schedules
referencing old table as gone for each statement execute function note_removed_interviews();
"""
UNWATCH = """
drop trigger note_removed_interviews on interview_schedules;
drop function note_removed_interviews();
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("table", TABLE),
            foreign_keys.add("interview_calls", "interview_id", "interview_schedules", "on delete cascade"),
            Step("removals", REMOVALS),
            Step("function", NOTE),
            Step("trigger", WATCH, {"interview_schedules": Lock.ATTACH}),
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            Step("trigger", UNWATCH, {"interview_schedules": Lock.ALTER}),
            *foreign_keys.drop("interview_calls"),
            Step("tables", "drop table interview_calls, interview_removals"),
        ],
    )
