"""Triggers on shared tables cost the main web app little, and run with our rights: its role needs none on our tables.

Revision ID: 0019
Revises: 0018
"""

from alembic import context

from migrations.adoption import execute
from migrations.steps import Lock, Step, run

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# One note per statement, and no notification: nobody listens, and a transaction that has one cannot be prepared for
# two phases. Whatever goes wrong is swallowed, and upkeep finds the offer later. Counters, marks and pictures are left
# out by name at run time, so that the main web app stays free to alter or drop any column. A session keeps the plan of
# its first update, of one row mostly: as a nested loop it would take minutes for the rows of a bulk update.
NOTES = """
create function note_new_jobs() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into job_changes (job_id) select id from new_jobs;
    return null;
exception when others then
    return null;
end $$;

create function note_changed_jobs() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
declare
    ignored constant text[] := array['views_count', 'applications_count', 'is_featured', 'updated_at',
                                     'image_url', 'image_cloudinary_id', 'linkedin_published_at'];
begin
    insert into job_changes (job_id)
    select o.id from old_jobs o
     where not exists (select from new_jobs n where n.id = o.id and to_jsonb(n) - ignored = to_jsonb(o) - ignored);
    return null;
exception when others then
    return null;
end $$;

create function note_gone_jobs() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into job_changes (job_id) select id from old_jobs;
    return null;
exception when others then
    return null;
end $$;
"""

NOTING = """
create or replace trigger note_job_change after insert on jobs
    referencing new table as new_jobs for each statement execute function note_new_jobs();
create trigger note_changed_job after update on jobs
    referencing old table as old_jobs new table as new_jobs for each statement execute function note_changed_jobs();
create trigger note_gone_job after delete on jobs
    referencing old table as old_jobs for each statement execute function note_gone_jobs();
"""

# A column's default is computed with the rights of whoever inserts, a trigger with ours.
MARK = """
create function begin_at_highest_number() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    new.last_number := highest_job_number();
    return new;
exception when others then
    return new;
end $$;
"""
MARKING = """
create trigger begin_at_highest_number before insert on job_alerts
    for each row when (new.last_number is null) execute function begin_at_highest_number();
alter table job_alerts alter column last_number drop default;
"""

WITH_OUR_RIGHTS = ("forget_older_jobs", "lock_default_templates", "count_template_version", "keep_template_version")
CLOSED = (
    *WITH_OUR_RIGHTS,
    "highest_job_number",
    "note_new_jobs",
    "note_changed_jobs",
    "note_gone_jobs",
    "begin_at_highest_number",
    "place_default_template",
)


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("functions", NOTES + MARK),
            Step("notes", NOTING, {"jobs": Lock.ATTACH}),
            Step("marks", MARKING, {"job_alerts": Lock.ALTER}),
            Step("rights", take_rights),
        ],
    )


def take_rights() -> None:
    for name in WITH_OUR_RIGHTS:
        execute(f"alter function {name}() security definer set search_path = public, pg_temp")
    for name in CLOSED:
        execute(f"revoke execute on function {name}() from public")
    execute("drop function note_job_change()")


def downgrade() -> None:
    function, trigger = context.script.get_revision("0004").module.NOTE_CHANGES.split("create trigger")
    run(
        f"{revision} downgrade",
        [
            Step("rights", give_rights),
            Step("function", function),
            Step(
                "notes",
                "drop trigger note_changed_job on jobs; drop trigger note_gone_job on jobs;"
                f"create or replace trigger{trigger}",
                {"jobs": Lock.ALTER},
            ),
            Step(
                "marks",
                "alter table job_alerts alter column last_number set default highest_job_number();"
                "drop trigger begin_at_highest_number on job_alerts",
                {"job_alerts": Lock.ALTER},
            ),
            Step(
                "functions",
                "drop function note_new_jobs(), note_changed_jobs(), note_gone_jobs(), begin_at_highest_number()",
            ),
        ],
    )


def give_rights() -> None:
    for name in WITH_OUR_RIGHTS:
        execute(f"alter function {name}() security invoker")
    for name in CLOSED:
        execute(f"grant execute on function {name}() to public")
