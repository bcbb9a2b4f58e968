"""The ledger: runs, attempts, workers, effects, keys, queues, schedules.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
create sequence lease_numbers;

create table task_catalogue (
    name text primary key,
    queue text not null,
    priority smallint not null,
    max_attempts smallint not null,
    timeout_seconds integer not null,
    expires_after_seconds integer not null,
    batch smallint not null,
    ids_only boolean not null,
    description text not null,
    payload_schema jsonb not null,
    updated_at timestamptz not null default now()
);

create table queues (
    name text primary key,
    dispatch_delay_seconds integer not null,
    window_size integer not null,
    paused_at timestamptz
);
insert into queues (name, dispatch_delay_seconds, window_size) values
    ('interactive', 5, 1000), ('default', 30, 4000), ('bulk', 60, 4000), ('upkeep', 30, 1000);

create table task_runs (
    id uuid primary key,
    task text not null,
    queue text not null,
    priority smallint not null,
    payload jsonb not null default '{}',
    company_id bigint not null default 0,
    caused_by bigint,
    state text not null default 'queued',
    run_at timestamptz not null default now(),
    dispatch_at timestamptz not null default now(),
    dispatches integer not null default 0,
    alone boolean not null default false,
    attempt smallint not null default 0,
    max_attempts smallint not null,
    rescues smallint not null default 0,
    lease bigint,
    worker_id uuid,
    message_id uuid,
    deadline_at timestamptz,
    cancel_requested_at timestamptz,
    wanted boolean not null default false,
    reserved_at timestamptz,
    progress jsonb,
    result jsonb,
    error jsonb,
    parent_id uuid,
    gate text,
    gate_version bigint,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz,
    constraint task_runs_state_check
        check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'uncertain')),
    constraint task_runs_priority_check check (priority between 0 and 9)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
create index ix_task_runs_due on task_runs (queue, dispatch_at) where state = 'queued';
create index ix_task_runs_fair on task_runs (queue, company_id, priority, dispatch_at) where state = 'queued';
create index ix_task_runs_running on task_runs (worker_id) where state = 'running';
create index ix_task_runs_finished on task_runs (finished_at) where finished_at is not null;
create index ix_task_runs_trouble on task_runs (state, id) where state in ('failed', 'cancelled', 'uncertain');
create index ix_task_runs_parent on task_runs (parent_id) where parent_id is not null;
create index ix_task_runs_company on task_runs (company_id, id) where company_id <> 0;
create index ix_task_runs_gate on task_runs (gate) where gate is not null;

create table task_attempts (
    run_id uuid not null,
    lease bigint not null,
    number smallint not null,
    worker_id uuid not null,
    message_id uuid,
    started_at timestamptz not null default now(),
    waited_seconds double precision not null,
    ran_seconds double precision,
    outcome text,
    error_class text,
    message text,
    traceback text,
    fingerprint text,
    primary key (run_id, lease)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);

create table workers (
    id uuid primary key,
    parent_id uuid,
    host text not null,
    pid integer not null,
    tasks text[] not null,
    queues text[] not null,
    lock_number bigint not null,
    draining boolean not null default false,
    started_at timestamptz not null default now(),
    expires_at timestamptz not null
);

create table effects (
    key text not null,
    generation integer not null,
    provider text not null,
    policy text not null,
    request bytea not null,
    run_id uuid not null,
    lease bigint not null,
    state text not null default 'intended',
    reference jsonb,
    others jsonb not null default '[]',
    sends integer not null default 1,
    looks smallint not null default 0,
    window_seconds integer,
    first_intended_at timestamptz not null default now(),
    intended_at timestamptz not null default now(),
    settled_at timestamptz,
    applied_at timestamptz,
    primary key (key, generation),
    constraint effects_state_check check (state in ('intended', 'done', 'refused', 'cleared')),
    constraint effects_policy_check check (policy in ('replay', 'lookup', 'ask'))
);
create index ix_effects_open on effects (run_id) where state = 'intended';
create index ix_effects_unapplied on effects (run_id) where state = 'done' and applied_at is null;
create index ix_effects_intended_at on effects (first_intended_at);

create table task_keys (
    scope text not null,
    kind text not null,
    key text not null,
    run_id uuid not null,
    body_hash text,
    answer jsonb,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    primary key (scope, kind, key)
);
create index ix_task_keys_run_id on task_keys (run_id);

create table schedules (
    name text primary key,
    task text not null,
    payload jsonb not null,
    rule text not null,
    time_zone text not null,
    catch_up text not null,
    enabled boolean not null default true,
    next_at timestamptz not null,
    updated_at timestamptz not null default now(),
    constraint schedules_catch_up_check check (catch_up in ('all', 'latest'))
);

create table schedule_periods (
    name text not null,
    period timestamptz not null,
    state text not null,
    run_id uuid,
    created_at timestamptz not null default now(),
    primary key (name, period),
    constraint schedule_periods_state_check check (state in ('queued', 'skipped'))
);

create table rate_limits (name text primary key, next_at timestamptz not null) with (fillfactor = 50);
create table park_gates (key text primary key, version bigint not null default 0);
create table platform_state (
    key text primary key,
    value jsonb not null,
    updated_at timestamptz not null default now()
);

create table inbound_events (
    id uuid primary key,
    source text not null,
    external_id text not null,
    payload jsonb not null,
    run_id uuid,
    received_at timestamptz not null default now(),
    handled_at timestamptz,
    constraint inbound_events_source_external_id_key unique (source, external_id)
);

create table service_keys (
    id uuid primary key,
    name text not null,
    key_hash text not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    last_used_at timestamptz,
    constraint service_keys_key_hash_key unique (key_hash)
);

create table audit_log (
    id uuid primary key,
    actor text not null,
    action text not null,
    subject text not null,
    reason text,
    details jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create index ix_audit_log_subject on audit_log (subject);
"""

# UUIDv7 (RFC 9562): Postgres 15 has no function of its own for it.
NEW_RUN_ID = """
create function new_run_id() returns uuid language sql volatile parallel safe as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1), 'hex')::uuid
$$;
"""

# entries: [{id?, task, payload, run_at?, priority?, company_id?, unique_key?, idempotency_key?, body_hash?,
#            parent_id?, caused_by?, wanted?}]
# A key that is taken gives the first run and created = false; conflict tells that an idempotency key came
# with another body. Keys are inserted in order, so that two bulk calls cannot deadlock.
ENQUEUE_TASKS = """
create function enqueue_tasks(entries jsonb, caller text default 'sql', announce boolean default true)
returns table (ordinal integer, run_id uuid, created boolean, conflict boolean)
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
#variable_conflict use_column
declare
    stranger text;
    ids uuid[];
    owners uuid[];
    owner uuid;
    n integer;
begin
    select e->>'task' into stranger from jsonb_array_elements(entries) e
     where not exists (select from task_catalogue c where c.name = e->>'task') limit 1;
    if found then
        raise exception 'unknown task "%"', stranger using errcode = '22023',
            hint = 'SELECT name FROM task_catalogue lists the tasks that exist.';
    end if;
    select array_agg(coalesce((e->>'id')::uuid, new_run_id()) order by i) into ids
      from jsonb_array_elements(entries) with ordinality t(e, i);
    owners := ids;

    if jsonb_path_exists(entries, '$[*].unique_key') or jsonb_path_exists(entries, '$[*].idempotency_key') then
        delete from task_keys t using (
            select old.scope, old.kind, old.key from task_keys old
             where old.scope = caller
               and (old.kind, old.key) in (
                   select k.kind, k.key from jsonb_array_elements(entries) e
                    cross join lateral (values ('unique', e->>'unique_key'), ('idempotency', e->>'idempotency_key'))
                          k(kind, key)
                    where k.key is not null)
               and coalesce(old.expires_at, (select r.finished_at + interval '24 hours'
                                               from task_runs r where r.id = old.run_id)) < now()
             order by old.kind, old.key for update of old) gone
         where (t.scope, t.kind, t.key) = (gone.scope, gone.kind, gone.key);
        insert into task_keys (scope, kind, key, run_id, body_hash)
        select caller, k.kind, k.key, ids[i], e->>'body_hash'
          from jsonb_array_elements(entries) with ordinality t(e, i)
          cross join lateral (values ('unique', e->>'unique_key'), ('idempotency', e->>'idempotency_key'))
               k(kind, key)
         where k.key is not null
         order by k.kind, k.key, i
            on conflict do nothing;
        for n in 1 .. cardinality(ids) loop
            select t.run_id into owner from task_keys t
             where t.scope = caller and t.run_id <> ids[n]
               and ((t.kind = 'idempotency' and t.key = entries->(n - 1)->>'idempotency_key')
                 or (t.kind = 'unique' and t.key = entries->(n - 1)->>'unique_key'))
             order by t.kind limit 1;
            if found then
                owners[n] := owner;
                update task_keys t set run_id = owner where t.scope = caller and t.run_id = ids[n];
            end if;
        end loop;
    end if;

    insert into task_runs (id, task, queue, priority, payload, company_id, caused_by, run_at, dispatch_at,
                           max_attempts, expires_at, parent_id, wanted)
    select ids[n], c.name, c.queue, coalesce((e->>'priority')::smallint, c.priority),
           coalesce(e->'payload', '{}'), coalesce((e->>'company_id')::bigint, 0), (e->>'caused_by')::bigint,
           s.at, s.at, c.max_attempts, s.at + make_interval(secs => c.expires_after_seconds),
           (e->>'parent_id')::uuid, coalesce((e->>'wanted')::boolean, false)
      from jsonb_array_elements(entries) with ordinality t(e, n)
      join task_catalogue c on c.name = e->>'task'
      cross join lateral (select coalesce((e->>'run_at')::timestamptz, now()) as at) s
     where owners[n] = ids[n];

    if announce and pg_try_advisory_xact_lock(hashtext('task_runs.announce')) then
        perform pg_notify('task_runs', '');
    end if;

    return query
    select o.n::integer, owners[o.n], owners[o.n] = ids[o.n],
           owners[o.n] <> ids[o.n] and entries->(o.n::integer - 1) ? 'idempotency_key' and exists (
               select from task_keys t where t.scope = caller and t.kind = 'idempotency'
                  and t.key = entries->(o.n::integer - 1)->>'idempotency_key'
                  and t.body_hash is distinct from entries->(o.n::integer - 1)->>'body_hash')
      from generate_series(1, cardinality(ids)) o(n);
end $$;
"""

ENQUEUE_TASK = """
create function enqueue_task(task text, payload jsonb default '{}', unique_key text default null,
                             run_at timestamptz default null, priority integer default null,
                             company_id bigint default 0)
returns uuid language sql security definer set search_path = public, pg_temp as $$
    select run_id from enqueue_tasks(jsonb_build_array(
        jsonb_strip_nulls(jsonb_build_object('task', task, 'unique_key', unique_key, 'run_at', run_at,
                                             'priority', priority, 'company_id', company_id))
        || jsonb_build_object('payload', coalesce(payload, '{}'))))
$$;
"""

DROP = """
drop function enqueue_task(text, jsonb, text, timestamptz, integer, bigint);
drop function enqueue_tasks(jsonb, text, boolean);
drop function new_run_id();
drop table audit_log, service_keys, inbound_events, platform_state, park_gates, rate_limits, schedule_periods,
    schedules, task_keys, effects, workers, task_attempts, task_runs, queues, task_catalogue;
drop sequence lease_numbers;
"""


def upgrade() -> None:
    for statements in (TABLES, NEW_RUN_ID, ENQUEUE_TASKS, ENQUEUE_TASK):
        op.execute(statements)


def downgrade() -> None:
    op.execute(DROP)
