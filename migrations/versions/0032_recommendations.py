"""Recommendations: scores of candidates for offers, what changed since they were computed, and indexes to find both.

Revision ID: 0032
Revises: 0031
"""

from migrations import foreign_keys
from migrations.steps import ConcurrentIndex, DropIndex, Lock, Step, run

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLES = """
create table recommendations (
    candidate_id integer not null,
    job_id integer not null,
    score double precision not null,
    points jsonb not null,
    matched jsonb not null,
    missing jsonb not null,
    unknown jsonb not null,
    caveat text,
    cv jsonb,
    explanations jsonb not null default '{}',
    model text not null,
    fingerprint text not null,
    recommended boolean not null default false,
    computed_at timestamptz not null default now(),
    primary key (candidate_id, job_id)
);
create index ix_recommendations_job_id on recommendations (job_id);
create table recommendation_sets (
    candidate_id integer primary key,
    offers integer not null,
    fingerprint text not null,
    computed_at timestamptz not null default now()
);
create table recommendation_changes (
    id bigint generated always as identity primary key,
    candidate_id integer,
    job_id integer,
    changed_at timestamptz not null default now()
);
"""

# One note per statement; whatever goes wrong is swallowed, and the next night finds what was missed. Columns that do
# not matter are left out by name at run time, so that the main web app stays free to alter or drop any. A session keeps
# the plan of its first update, of one row mostly: as a nested loop it would take minutes for a bulk update.
NOTES = """
create function note_changed_facts() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
begin
    if tg_op = 'INSERT' then
        insert into recommendation_changes (candidate_id) select distinct candidate_id from new_rows;
    elsif tg_op = 'DELETE' then
        insert into recommendation_changes (candidate_id) select distinct candidate_id from old_rows;
    else
        insert into recommendation_changes (candidate_id)
        select o.candidate_id from old_rows o
         where not exists (select from new_rows n
                            where n.id = o.id and to_jsonb(n) - 'updated_at' = to_jsonb(o) - 'updated_at')
         union
        select n.candidate_id from new_rows n join old_rows o on o.id = n.id
         where n.candidate_id <> o.candidate_id;
    end if;
    return null;
exception when others then
    return null;
end $$;

create function note_changed_profiles() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
declare
    ignored constant text[] := array['updated_at', 'phone', 'linkedin_url', 'website_url', 'profile_picture_url',
                                     'cv_filename'];
begin
    insert into recommendation_changes (candidate_id)
    select o.id from old_rows o
     where exists (select from new_rows n where n.id = o.id and to_jsonb(n) - ignored <> to_jsonb(o) - ignored);
    return null;
exception when others then
    return null;
end $$;

create function note_changed_offers() returns trigger
language plpgsql security definer set search_path = public, pg_temp set enable_nestloop = off as $$
declare
    ignored constant text[] := array['views_count', 'applications_count', 'is_featured', 'updated_at', 'posted_at',
                                     'image_url', 'image_cloudinary_id', 'linkedin_published_at', 'benefits'];
begin
    insert into recommendation_changes (job_id)
    select o.id from old_rows o
     where exists (select from new_rows n where n.id = o.id and to_jsonb(n) - ignored <> to_jsonb(o) - ignored);
    return null;
exception when others then
    return null;
end $$;

revoke all on function note_changed_facts(), note_changed_profiles(), note_changed_offers() from public;
"""

FACTS = ("skills", "experiences", "educations", "candidate_cvs")
INDEXED = FACTS[:3]
EVENTS = {
    "insert": "referencing new table as new_rows",
    "update": "referencing old table as old_rows new table as new_rows",
    "delete": "referencing old table as old_rows",
}

INDEXES = (
    *(ConcurrentIndex(f"ix_{table}_candidate_id", "index", f"{table} (candidate_id)") for table in INDEXED),
    ConcurrentIndex("ix_job_applications_candidate_id", "index", "job_applications (candidate_id)"),
    ConcurrentIndex(
        "ix_job_applications_best", "index", "job_applications (job_id, ai_score desc nulls last, id desc)"
    ),
    ConcurrentIndex(
        "ix_job_applications_newest", "index", "job_applications (job_id, applied_at desc nulls last, id desc)"
    ),
    ConcurrentIndex(
        "ix_jobs_newest_published",
        "index",
        "jobs (coalesce(posted_at, created_at) desc nulls last, id desc) where lower(status::text) = 'published'",
    ),
)


def trigger(table: str, event: str, function: str) -> str:
    return (
        f"create trigger note_{event}_for_scores after {event} on {table} {EVENTS[event]} "
        f"for each statement execute function {function}();"
    )


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("tables", TABLES),
            foreign_keys.add("recommendations", "candidate_id", "candidates", "on delete cascade"),
            foreign_keys.add("recommendations", "job_id", "jobs", "on delete cascade"),
            foreign_keys.add("recommendation_sets", "candidate_id", "candidates", "on delete cascade"),
            Step("functions", NOTES),
            Step(
                "notes of profiles",
                trigger("candidates", "update", "note_changed_profiles"),
                {"candidates": Lock.ATTACH},
            ),
            *(
                Step(
                    f"notes of {table}",
                    "".join(trigger(table, event, "note_changed_facts") for event in EVENTS),
                    {table: Lock.ATTACH},
                )
                for table in FACTS
            ),
            Step("notes of offers", trigger("jobs", "update", "note_changed_offers"), {"jobs": Lock.ATTACH}),
            *INDEXES,
        ],
    )


def downgrade() -> None:
    noted = {**dict.fromkeys(("jobs", "candidates"), ("update",)), **dict.fromkeys(FACTS, tuple(EVENTS))}
    run(
        f"{revision} downgrade",
        [
            *(DropIndex(each.name) for each in INDEXES),
            *(
                Step(
                    f"notes of {table}",
                    "".join(f"drop trigger note_{event}_for_scores on {table};" for event in events),
                    {table: Lock.ALTER},
                )
                for table, events in noted.items()
            ),
            Step("functions", "drop function note_changed_facts(), note_changed_profiles(), note_changed_offers()"),
            *foreign_keys.drop("recommendation_sets"),
            *foreign_keys.drop("recommendations"),
            Step("tables", "drop table recommendation_changes, recommendation_sets, recommendations"),
        ],
    )
