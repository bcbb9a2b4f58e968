"""What ends interviews: applications that are rejected, withdrawn or deleted, and offers that close, are noted.

Revision ID: 0028
Revises: 0027
"""

from migrations.steps import Lock, Step, run

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# No keys: what is noted may be gone at the end of the same transaction.
TABLE = """
create table interview_endings (
    id bigint generated always as identity primary key,
    cause text not null,
    application_id integer,
    job_id integer,
    interview jsonb,
    created_at timestamptz not null default now(),
    constraint interview_endings_cause_check check (cause in ('rejected', 'withdrawn', 'closed', 'deleted'))
);
"""

# One note per statement; whatever goes wrong is swallowed. A session keeps the plan of its first update, of one row
# mostly: as a nested loop it would take minutes for the rows of a bulk update. An application takes its interviews
# with it, so they are copied before.
NOTES = """
create function note_ended_applications() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    insert into interview_endings (cause, application_id)
    select lower(n.status::text), n.id
      from new_applications n join old_applications o on o.id = n.id
     where lower(n.status::text) in ('rejected', 'withdrawn') and lower(o.status::text) <> lower(n.status::text);
    return null;
exception when others then
    return null;
end $$;

create function note_closed_jobs() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    insert into interview_endings (cause, job_id)
    select 'closed', n.id
      from new_jobs n join old_jobs o on o.id = n.id
     where lower(n.status::text) in ('closed', 'archived') and lower(o.status::text) not in ('closed', 'archived');
    return null;
exception when others then
    return null;
end $$;

create function note_deleted_applications() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into interview_endings (cause, application_id, job_id, interview)
    select 'deleted', old.id, old.job_id, to_jsonb(s) || jsonb_build_object('candidate_id', old.candidate_id)
      from interview_schedules s
     where s.application_id = old.id and s.scheduled_at > now()
       and s.status::text in ('SCHEDULED', 'CONFIRMED', 'RESCHEDULED');
    return old;
exception when others then
    return old;
end $$;

revoke all on function note_ended_applications(), note_closed_jobs(), note_deleted_applications() from public;
"""
OF_APPLICATIONS = """
create trigger note_ended_application after update on job_applications
    referencing old table as old_applications new table as new_applications
    for each statement execute function note_ended_applications();
create trigger note_deleted_application before delete on job_applications
    for each row execute function note_deleted_applications();
"""
OF_JOBS = """
create trigger note_closed_job after update on jobs
    referencing old table as old_jobs new table as new_jobs
    for each statement execute function note_closed_jobs();
"""
NOT_OF_APPLICATIONS = """
drop trigger note_ended_application on job_applications;
drop trigger note_deleted_application on job_applications;
"""
DROP = """
drop function note_ended_applications();
drop function note_closed_jobs();
drop function note_deleted_applications();
drop table interview_endings;
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("table", TABLE),
            Step("functions", NOTES),
            Step("applications", OF_APPLICATIONS, {"job_applications": Lock.ATTACH}),
            Step("offers", OF_JOBS, {"jobs": Lock.ATTACH}),
        ],
    )


def downgrade() -> None:
    run(
        f"{revision} downgrade",
        [
            Step("offers", "drop trigger note_closed_job on jobs", {"jobs": Lock.ALTER}),
            Step("applications", NOT_OF_APPLICATIONS, {"job_applications": Lock.ALTER}),
            Step("rest", DROP),
        ],
    )
