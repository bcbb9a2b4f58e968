"""Alerts: what changed among the offers, their numbers, alert runs and digests.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from migrations.adoption import execute, restore_values

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
    job_id integer primary key references jobs on delete cascade,
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

# Runs after the trigger exists, whose lock waited for every open write: no offer falls between the two.
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

ALERTS = """
alter table job_alerts
    add column origin text not null default 'main',
    add column own_frequency text,
    add column last_number bigint default highest_job_number(),
    add constraint job_alerts_origin_check check (origin in ('main', 'translated', 'orphan', 'platform'));
create index ix_job_alerts_untranslated on job_alerts (id) where origin = 'main';

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
    alert_id integer not null references job_alerts on delete cascade,
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
    for statements in (OFFERS, NOTE_CHANGES, NUMBER_OFFERS, ALERTS, TRANSLATE_ALERTS):
        op.execute(statements)
    execute("select translate_job_alerts()")


def downgrade() -> None:
    restore_values("job_alerts", "is_active", "boolean")
    restore_values("job_alerts", "candidate_id", "integer", unless_missing_in="candidates")
    op.execute("drop trigger note_job_change on jobs")
    op.execute("drop function translate_job_alerts(), note_job_change()")
    op.execute("drop table alert_digests, alert_runs")
    op.execute("alter table job_alerts drop column origin, drop column own_frequency, drop column last_number")
    op.execute("drop function highest_job_number()")
    op.execute("drop table job_search, job_changes")
