"""Writing the catalogue and the schedule of this release into the database, at deploy and at start."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.tasks import Schedule, TaskDefinition
from worker.ledger.schedules import next_period

ENQUEUE_TASK = "enqueue_task(text, jsonb, text, timestamptz, integer, bigint)"

# The platform's own roles write its table; everybody else who may call is a main web app that was named before.
STRANGERS = f"""
select quote_ident(r.rolname) as name
  from pg_proc p cross join lateral aclexplode(p.proacl) a join pg_roles r on r.oid = a.grantee
 where p.oid = '{ENQUEUE_TASK}'::regprocedure and not has_table_privilege(r.oid, 'task_runs', 'insert')
"""

# In the order of names: two processes that start at once lock the rows alike.
UPSERT_TASKS = """
insert into task_catalogue as c (name, queue, priority, max_attempts, timeout_seconds, expires_after_seconds, batch,
       ids_only, description, payload_schema)
select name, queue, priority, max_attempts, timeout_seconds, expires_after_seconds, batch, ids_only, description,
       payload_schema
  from jsonb_to_recordset(%s) as t(name text, queue text, priority integer, max_attempts integer,
       timeout_seconds integer, expires_after_seconds integer, batch integer, ids_only boolean, description text,
       payload_schema jsonb)
 order by name
on conflict (name) do update set (queue, priority, max_attempts, timeout_seconds, expires_after_seconds, batch,
       ids_only, description, payload_schema, updated_at) =
       (excluded.queue, excluded.priority, excluded.max_attempts, excluded.timeout_seconds,
        excluded.expires_after_seconds, excluded.batch, excluded.ids_only, excluded.description,
        excluded.payload_schema, now())
"""


def open_sql_door(connection: Connection, role: str) -> None:
    """Let the main web app's role call `enqueue_task`, and no other outside the platform. Raises ValueError."""
    found = query(connection, "select quote_ident(rolname) as name from pg_roles where rolname = %s", (role,))
    if not found:
        raise ValueError(f"There is no Postgres role {role!r}: MAIN_APP_ROLE has to name the main web app's.")
    for stranger in query(connection, STRANGERS):
        execute(connection, f"revoke execute on function {ENQUEUE_TASK} from {stranger['name']}")
    execute(connection, f"grant execute on function {ENQUEUE_TASK} to {found[0]['name']}")


def synchronise_catalogue(connection: Connection, definitions: Iterable[TaskDefinition]) -> None:
    """Upsert every task; a task of an older release stays, because its runs may still exist."""
    by_name = {each.name: _catalogue_row(each) for each in definitions}
    execute(connection, UPSERT_TASKS, (Jsonb(list(by_name.values())),))


def _catalogue_row(definition: TaskDefinition) -> Mapping[str, Any]:
    return {
        "name": definition.name,
        "queue": definition.queue,
        "priority": definition.priority,
        "max_attempts": definition.max_attempts,
        "timeout_seconds": definition.timeout,
        "expires_after_seconds": definition.expires_after,
        "batch": definition.batch,
        "ids_only": definition.ids_only,
        "description": definition.description,
        "payload_schema": definition.schema(),
    }


def synchronise_schedules(connection: Connection, schedules: Iterable[Schedule], time_zone: str) -> None:
    """Make the rows equal the table in code: new rules start from now, vanished ones are switched off."""
    now: datetime = query(connection, "select now() as now")[0]["now"].astimezone(UTC)
    names = []
    for schedule in schedules:
        names.append(schedule.name)
        execute(
            connection,
            """
            insert into schedules as s (name, task, payload, rule, time_zone, catch_up, next_at)
            values (%(name)s, %(task)s, %(payload)s, %(rule)s, %(zone)s, %(catch_up)s, %(next_at)s)
            on conflict (name) do update set task = excluded.task, payload = excluded.payload,
                catch_up = excluded.catch_up, enabled = true, rule = excluded.rule, time_zone = excluded.time_zone,
                next_at = case when (s.rule, s.time_zone, s.enabled) = (excluded.rule, excluded.time_zone, true)
                               then s.next_at else excluded.next_at end,
                updated_at = now()
            where (s.task, s.payload, s.rule, s.time_zone, s.catch_up, s.enabled) is distinct from
                  (excluded.task, excluded.payload, excluded.rule, excluded.time_zone, excluded.catch_up, true)
            """,
            {
                "name": schedule.name,
                "task": schedule.task,
                "payload": Jsonb(dict(schedule.payload)),
                "rule": schedule.rule,
                "zone": time_zone,
                "catch_up": schedule.catch_up,
                "next_at": next_period(schedule.rule, time_zone, now),
            },
        )
    execute(connection, "update schedules set enabled = false where enabled and not name = any(%s)", (names,))
