"""Taking runs: from a broker's message to rows that are ours, with a lease."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Database, query
from worker.ledger import sql
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Run
from worker.ledger.record import fences, wake_parents

# What is asked of the worker and of the queues is asked once, not per run.
CLAIM = f"""
with due as (
    select r.id from task_runs r
     where r.id = any(%(ids)s) and r.task = %(task)s and {sql.is_state("queued")} and r.run_at <= now()
       and r.cancel_requested_at is null
       and {sql.unpaused()} and not {sql.orphan()}
       and (select %(task)s = any(w.tasks) and not w.draining from workers w where w.id = %(worker)s)
     order by r.id for update of r skip locked),
claimed as (
    update task_runs r
       set state = 'running', attempt = least(r.attempt, 32000) + 1, lease = nextval('lease_numbers'),
           worker_id = %(worker)s, message_id = %(message)s, started_at = now(),
           deadline_at = now() + make_interval(secs => %(timeout)s)
      from due where r.id = due.id
    returning r.id, r.task, r.payload, r.company_id, r.attempt, r.max_attempts, r.lease, r.worker_id, r.parent_id,
              r.progress, r.run_at),
attempts as (
    insert into task_attempts (run_id, lease, number, worker_id, message_id, waited_seconds)
    select id, lease, attempt, %(worker)s, %(message)s,
           least(extract(epoch from now()) - extract(epoch from run_at), 1e9) from claimed)
select id, task, payload, company_id, attempt, max_attempts, lease, worker_id, parent_id, progress
  from claimed order by lease
"""


def claim(
    database: Database, task: str, ids: Sequence[UUID], *, worker: UUID, message: UUID | None, timeout: float
) -> list[Run]:
    """Claim what is still due among `ids`, in one statement that is its own transaction.

    timeout: seconds until all of them must have ended. An empty answer means that the message was stale: drop it.
    """
    rows = database.autocommit(
        CLAIM, {"task": task, "ids": list(ids), "worker": worker, "message": message, "timeout": timeout}
    )
    return [Run(**row) for row in rows]


HELD = """
select id, task, payload, company_id, attempt, max_attempts, lease, worker_id, parent_id, progress from task_runs
 where worker_id = %(worker)s and message_id = %(message)s and state = 'running' and id = any(%(ids)s) order by lease
"""


def held(database: Database, ids: Sequence[UUID], *, worker: UUID, message: UUID | None) -> list[Run]:
    """What an earlier claim of this message took although its answer was lost. Only for who has begun none of it."""
    return [Run(**row) for row in database.autocommit(HELD, {"ids": list(ids), "worker": worker, "message": message})]


STILL_WANTED = f"""
select r.id from task_runs r
  join queues q on q.name = r.queue
  left join workers w on w.id = r.worker_id
 where {sql.all_fenced()} and r.state = 'running'
   and r.cancel_requested_at is null and q.paused_at is null and w.id is not null and not w.draining
"""


def still_wanted(connection: Connection, runs: Sequence[Run]) -> set[UUID]:
    """Which claimed, not yet begun runs may begin: not cancelled, not paused, worker neither dead nor leaving."""
    return {row["id"] for row in query(connection, STILL_WANTED, fences(runs))}


GIVE_BACK = f"""
with mine as (
    select r.id, r.lease, r.cancel_requested_at is not null as stop,
           {sql.open_effect()} as open
      from task_runs r
     where {sql.all_fenced()} and r.state = 'running'
     order by r.id for update of r),
gone as (delete from task_attempts a using mine where a.run_id = mine.id and a.lease = mine.lease)
update task_runs r
   set state = case when not mine.stop then 'queued' when mine.open then 'uncertain' else 'cancelled' end,
       finished_at = case when mine.stop then now() end,
       error = case when mine.stop then %(stopped)s::jsonb else r.error end,
       attempt = r.attempt - 1, lease = null, {sql.UNCLAIMED}, started_at = null,
       {sql.published_again("greatest(r.run_at, now())")}
  from mine where r.id = mine.id
returning r.parent_id, r.state, {sql.tell_waiting()}
"""


def give_back(connection: Connection, runs: Sequence[Run]) -> int:
    """Return claimed runs that never began: no attempt is spent, they are due again at once."""
    stopped = Failure("run.cancelled", "The run was cancelled before it began.", 409)
    rows = query(connection, GIVE_BACK, {**fences(runs), "stopped": Jsonb(stopped.shown())})
    wake_parents(connection, [row["parent_id"] for row in rows if row["state"] != "queued"])
    return len(rows)
