"""One stated bound for runs, whoever writes them; a cancelled run frees its unique key; functions of ours are closed.

Revision ID: 0018
Revises: 0017
"""

from alembic import context, op

from migrations.adoption import execute, rows

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Null for what may be stored. The same bounds as worker/ledger/bounds.py, which speaks for HTTP; a test compares.
PAYLOAD_FAULT = """
create function payload_fault(payload jsonb) returns text language sql immutable parallel safe as $$
    select case
        when jsonb_typeof(payload) <> 'object' then 'must be a JSON object'
        when octet_length(payload::text) > 262144 then 'is larger than 256 KiB; store the data and send its id'
        when jsonb_path_exists(payload, 'strict $.**{60} ? (@.type() == "object" || @.type() == "array")')
            then 'is nested deeper than 60 levels'
        when jsonb_path_exists(payload, 'strict $.** ? (@.type() == "number" && (@ >= 1e308 || @ <= -1e308))')
            then 'holds a number of more than 308 digits'
    end
$$;
"""

# entries: [{id?, task, payload, run_at?, priority?, company_id?, unique_key?, idempotency_key?, body_hash?,
#            parent_id?, caused_by?, wanted?}]
# A key that is taken gives the first run and created = false; conflict tells that an idempotency key came
# with another body. Keys are inserted in order, so that two bulk calls cannot deadlock. A refusal names its
# member as the error's column. A cancelled run is locked before its unique key is taken from it: a retry that
# is under way keeps the key.
ENQUEUE_TASKS = """
create or replace function enqueue_tasks(entries jsonb, caller text default 'sql', announce boolean default true)
returns table (ordinal integer, run_id uuid, created boolean, conflict boolean)
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
#variable_conflict use_column
declare
    fault record;
    ids uuid[];
    owners uuid[];
    owner uuid;
    cancelled uuid[] := '{}';
    freed text[] := '{}';
    n integer;
begin
    select t.i, f.place, f.sentence into fault
      from jsonb_array_elements(entries) with ordinality t(e, i)
      left join task_catalogue c on c.name = e->>'task'
     cross join lateral (values
           ('task', case when c.name is null then format('unknown task "%s"', e->>'task') end),
           ('payload', 'payload ' || payload_fault(e->'payload')),
           ('run_at', 'run_at ' || case
               when (e->>'run_at')::timestamptz > now() + interval '400 days' then 'is more than 400 days ahead'
               when (e->>'run_at')::timestamptz < '0001-01-01 00:00:00+00' then 'lies before the year 1' end),
           ('priority', case when (e->>'priority')::numeric not between 0 and 9
                             then 'priority must be a whole number from 0 to 9' end),
           ('company_id', case when (e->>'company_id')::numeric < 0 then 'company_id must not be negative' end),
           ('unique_key', case when char_length(e->>'unique_key') not between 1 and 200
                               then 'unique_key must have 1 to 200 characters' end)) f(place, sentence)
     where f.sentence is not null order by t.i limit 1;
    if found then
        raise exception using errcode = '22023', column = fault.place, message = case
            when jsonb_array_length(entries) = 1 then fault.sentence
            else format('entry %s: %s', fault.i, fault.sentence) end, hint = case fault.place
            when 'task' then 'SELECT name FROM task_catalogue lists the tasks that exist.'
            else 'Nothing was written: mend the value and call again.' end;
    end if;
    select array_agg(coalesce((e->>'id')::uuid, new_run_id()) order by i) into ids
      from jsonb_array_elements(entries) with ordinality t(e, i);
    owners := ids;

    if jsonb_path_exists(entries, '$[*].unique_key') or jsonb_path_exists(entries, '$[*].idempotency_key') then
        select coalesce(array_agg(gone.id), '{}'), coalesce(array_agg(gone.key), '{}') into cancelled, freed from (
            select r.id, k.key from task_keys k join task_runs r on r.id = k.run_id
             where k.scope = caller and k.kind = 'unique' and r.state = 'cancelled'
               and k.key in (select e->>'unique_key' from jsonb_array_elements(entries) e)
             order by r.id for no key update of r) gone;
        delete from task_keys t using (
            select old.scope, old.kind, old.key from task_keys old
             where old.scope = caller
               and (old.kind, old.key) in (
                   select k.kind, k.key from jsonb_array_elements(entries) e
                    cross join lateral (values ('unique', e->>'unique_key'), ('idempotency', e->>'idempotency_key'))
                          k(kind, key)
                    where k.key is not null)
               and (old.kind = 'unique' and old.run_id = any(cancelled)
                    or coalesce(old.expires_at < now(), (select r.finished_at < now() - interval '24 hours'
                                                           from task_runs r where r.id = old.run_id)))
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
        update task_runs r set error = coalesce(r.error, '{}') || jsonb_build_object('replaced_by', k.run_id)
          from unnest(cancelled, freed) gone(id, key)
          join task_keys k on k.scope = caller and k.kind = 'unique' and k.key = gone.key
         where r.id = gone.id and k.run_id <> r.id;
    end if;

    insert into task_runs (id, task, queue, priority, payload, company_id, caused_by, run_at, dispatch_at,
                           max_attempts, expires_at, parent_id, wanted)
    select ids[n], c.name, c.queue, coalesce((e->>'priority')::smallint, c.priority),
           coalesce(e->'payload', '{}'), coalesce((e->>'company_id')::bigint, 0), (e->>'caused_by')::bigint,
           s.at, s.at, c.max_attempts, s.at + make_interval(secs => c.expires_after_seconds),
           (e->>'parent_id')::uuid, coalesce((e->>'wanted')::boolean, false)
      from jsonb_array_elements(entries) with ordinality t(e, n)
      join task_catalogue c on c.name = e->>'task'
      cross join lateral (select greatest((e->>'run_at')::timestamptz, now()) as at) s
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

# Pruning looks for the oldest; the index is small beside its table.
INBOUND = "create index ix_inbound_events_received_at on inbound_events (received_at)"

FUNCTIONS = """
select p.oid::regprocedure::text as name from pg_proc p
 where p.pronamespace = 'public'::regnamespace
   and p.proname in ('payload_fault', 'new_run_id', 'enqueue_tasks', 'enqueue_task', 'note_job_change',
       'translate_job_alerts', 'forget_older_jobs', 'lock_default_templates', 'place_default_template',
       'count_template_version', 'keep_template_version')
"""

# Whoever was allowed to write a table may go on to call what belongs to it.
WRITERS = """
select distinct quote_ident(r.rolname) as name
  from pg_class c cross join lateral aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
 where c.oid = cast(:table as regclass) and a.privilege_type = 'INSERT'
 union
select quote_ident(r.rolname) from pg_class c join pg_roles r on r.oid = c.relowner
 where c.oid = cast(:table as regclass)
"""


def upgrade() -> None:
    for statement in (PAYLOAD_FAULT, ENQUEUE_TASKS, INBOUND):
        op.execute(statement)
    platform = [each.name for each in rows(WRITERS, table="public.task_runs")]
    for function in rows(FUNCTIONS):
        execute(f"revoke execute on function {function.name} from public")
        execute(f"grant execute on function {function.name} to {', '.join(platform)}")
    for role in main_app_roles():
        execute(f"grant execute on function enqueue_task(text, jsonb, text, timestamptz, integer, bigint) to {role}")


def main_app_roles() -> list[str]:
    """The role that the settings name, else those that may write the main web app's users."""
    named = context.config.attributes.get("main_app_role")
    if named:
        return [each.name for each in rows("select quote_ident(:role) as name", role=named)]
    return [each.name for each in rows(WRITERS, table="public.users")]


def downgrade() -> None:
    for function in rows(FUNCTIONS):
        execute(f"grant execute on function {function.name} to public")
    op.execute("drop index ix_inbound_events_received_at")
    first = context.script.get_revision("0001").module
    op.execute(first.ENQUEUE_TASKS.replace("create function", "create or replace function", 1))
    op.execute("drop function payload_fault(jsonb)")
