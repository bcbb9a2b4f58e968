"""Alerts: what changed among the offers, their numbers, alert runs and digests.

Revision ID: 0004
Revises: 0003
"""

from migrations import foreign_keys
from migrations.adoption import restore_values
from migrations.steps import ConcurrentIndex, Lock, Step, run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OFFERS = """
create table job_changes (
    id bigint generated always as identity primary key,
    job_id integer not null,
    changed_at timestamptz not null default now()
);

create table job_search (
    job_id integer primary key,
    tokens text[],
    visible_no bigint,
    refreshed_at timestamptz,
    constraint job_search_visible_no_key unique (visible_no)
);
create sequence job_numbers owned by job_search.visible_no;

create function highest_job_number() returns bigint
language sql stable security definer set search_path = public, pg_temp as $$
    select coalesce(max(visible_no), 0) from job_search
$$;
"""

# Counters, marks and pictures change often and matter to nobody who searches. Columns are left out by name
# at run time, so that the main web app stays free to alter or drop any column. Its transaction never fails
# because of us: whatever goes wrong here is swallowed, and upkeep finds the offer later.
NOTE_CHANGES = """
create function note_job_change() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    ignored constant text[] := array['views_count', 'applications_count', 'is_featured', 'updated_at',
                                     'image_url', 'image_cloudinary_id', 'linkedin_published_at'];
begin
    if tg_op = 'UPDATE' and to_jsonb(old) - ignored = to_jsonb(new) - ignored then
        return null;
    end if;
    insert into job_changes (job_id) values (coalesce(new.id, old.id));
    perform pg_notify('job_changes', '');
    return null;
exception when others then
    return null;
end $$;

create trigger note_job_change after insert or update or delete on jobs
    for each row execute function note_job_change();
"""

# Runs after the trigger exists, whose lock waited for every open write: no offer falls between the two. The key to
# `jobs` comes after, so that the offers are not locked while they are numbered.
NUMBER_OFFERS = """
with numbered as (
    insert into job_search (job_id, visible_no)
    select id, row_number() over (order by coalesce(posted_at, created_at) nulls first, id)
      from jobs
     where lower(status::text) = 'published' and (expires_at is null or expires_at > now())
    returning visible_no
)
select setval('job_numbers', max(visible_no)) from numbered having max(visible_no) is not null
"""

OFFERS_KEY = """
alter table job_search add constraint job_search_job_id_fkey
    foreign key (job_id) references jobs on delete cascade not valid
"""
DELETED_MEANWHILE = "delete from job_search s where not exists (select from jobs j where j.id = s.job_id)"

ALERT_COLUMNS = """
alter table job_alerts
    add column origin text not null default 'main',
    add column own_frequency text,
    add column last_number bigint default highest_job_number(),
    add constraint job_alerts_origin_check check (origin in ('main', 'translated', 'orphan', 'platform')) not valid;
"""

ALERTS = """
create table alert_runs (
    id bigint generated always as identity primary key,
    frequency text not null,
    period timestamptz not null,
    run_id uuid,
    horizon bigint,
    state text not null default 'running',
    alerts_scanned integer not null default 0,
    alerts_matched integer not null default 0,
    digests_stored integer not null default 0,
    skipped jsonb not null default '{}',
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint alert_runs_frequency_period_key unique (frequency, period),
    constraint alert_runs_frequency_check check (frequency in ('instant', 'daily', 'weekly', 'monthly')),
    constraint alert_runs_state_check check (state in ('running', 'succeeded', 'failed', 'cancelled'))
);

create table alert_digests (
    id bigint generated always as identity primary key,
    alert_id integer not null,
    alert_run_id bigint,
    period timestamptz not null,
    job_ids integer[] not null,
    total integer not null,
    more_count integer not null default 0,
    first_number bigint,
    last_number bigint,
    message_id bigint,
    created_at timestamptz not null default now(),
    constraint alert_digests_alert_id_period_key unique (alert_id, period)
);
create index ix_alert_digests_alert_run_id on alert_digests (alert_run_id);
"""

# The main web app writes users.id into candidate_id; rows of other origins hold candidates.id.
TRANSLATE_ALERTS = """
create function translate_job_alerts() returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    touched integer;
begin
    with waiting as (
        select a.id, a.candidate_id, a.is_active, c.id as owner
          from job_alerts a left join candidates c on c.user_id = a.candidate_id
         where a.origin = 'main' order by a.id for update of a skip locked
    ), translated as (
        update job_alerts a
           set origin = case when w.owner is null then 'orphan' else 'translated' end,
               candidate_id = coalesce(w.owner, a.candidate_id),
               is_active = case when w.owner is null then false else a.is_active end
          from waiting w where a.id = w.id
        returning w.*
    ), listed as (
        insert into adoption_changes (table_name, row_id, column_name, old_value, new_value, reason)
        select 'job_alerts', id, 'candidate_id', to_jsonb(candidate_id), to_jsonb(owner),
               'written as users.id'
          from translated where owner is not null and owner <> candidate_id
        union all
        select 'job_alerts', id, 'is_active', to_jsonb(is_active), 'false',
               'written for a user who is no candidate'
          from translated where owner is null
    )
    select count(*) into touched from translated;
    return touched;
end $$;
"""


def upgrade() -> None:
    run(
        f"{revision} upgrade",
        [
            Step("offers", OFFERS),
            Step("changes of offers", NOTE_CHANGES, {"jobs": Lock.ATTACH}),
            Step("numbers", NUMBER_OFFERS),
            Step("key of offers", OFFERS_KEY, {"jobs": Lock.ATTACH}),
            Step("offers deleted meanwhile", DELETED_MEANWHILE),
            Step("check of offers", "alter table job_search validate constraint job_search_job_id_fkey"),
            Step("columns of alerts", ALERT_COLUMNS, {"job_alerts": Lock.ALTER}),
            Step("check of origins", "alter table job_alerts validate constraint job_alerts_origin_check"),
            ConcurrentIndex("ix_job_alerts_untranslated", "index", "job_alerts (id) where origin = 'main'"),
            Step("runs of alerts", ALERTS),
            foreign_keys.add("alert_digests", "alert_id", "job_alerts", "on delete cascade"),
            Step("function", TRANSLATE_ALERTS),
            Step("translation", "select translate_job_alerts()"),
        ],
    )


def downgrade() -> None:
    columns = "alter table job_alerts drop column origin, drop column own_frequency, drop column last_number"
    run(
        f"{revision} downgrade",
        [
            restore_values("job_alerts", "is_active", "boolean"),
            restore_values("job_alerts", "candidate_id", "integer", unless_missing_in="candidates"),
            Step("trigger", "drop trigger note_job_change on jobs", {"jobs": Lock.ALTER}),
            Step("functions", "drop function translate_job_alerts(), note_job_change()"),
            *foreign_keys.drop("alert_digests"),
            Step("runs of alerts", "drop table alert_digests, alert_runs"),
            Step("columns of alerts", columns, {"job_alerts": Lock.ALTER}),
            Step("highest number", "drop function highest_job_number()"),
            *foreign_keys.drop("job_search"),
            Step("offers", "drop table job_search, job_changes"),
        ],
    )
