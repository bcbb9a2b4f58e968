"""Finding runs that nobody works on any more, and giving them back."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Database, execute, query
from worker.kit.logging import get_logger
from worker.kit.outages import is_away
from worker.ledger import sql
from worker.ledger.clock import heal
from worker.ledger.failure import Failure
from worker.ledger.record import UNCERTAIN, parents_held, wake_parents
from worker.ledger.uncertain import resume_known
from worker.ledger.unreadable import end_never_due
from worker.ledger.workers import HEARTBEAT

MOST_RESCUES = 20
GRACE = 15.0
CALM = 10.0
GAP = 30.0

log = get_logger(__name__)

POISON = Failure("run.lost", "The worker died, or lost its database, each time this run was tried.")
STOPPED = Failure("run.cancelled", "The run was cancelled; its worker died before it could end it.", 409)

# The row may have moved on since it was seen: state, lease and worker are checked again under the lock.
RESCUE = f"""
with lost as (
    select r.id, r.lease, r.message_id,
           {sql.open_effect()} as open,
           r.cancel_requested_at is not null and not {sql.unapplied_answer()} as stop
      from unnest(%(ids)s::uuid[], %(leases)s::bigint[], %(workers)s::uuid[]) as seen(id, lease, worker_id)
      join task_runs r on r.id = seen.id and r.lease is not distinct from seen.lease
       and r.worker_id is not distinct from seen.worker_id
     where r.id = any(%(ids)s) and {sql.is_state("running")}
       and (r.parent_id is null or r.parent_id <> all(%(held)s)
            or (r.cancel_requested_at is null and r.rescues < %(most)s))
     order by r.id for update of r skip locked),
shared as (select message_id from lost group by message_id having count(*) > 1),
noted as (
    update task_attempts a set outcome = 'lost',
           ran_seconds = greatest(least(extract(epoch from now()) - extract(epoch from a.started_at), 1e9), 0)
      from lost where a.run_id = lost.id and a.lease = lost.lease)
update task_runs r
   set rescues = least(r.rescues, 32000) + 1, attempt = r.attempt - 1, alone = r.alone or s.message_id is not null,
       state = case when not lost.stop and r.rescues < %(most)s then 'queued'
                    when lost.open then 'uncertain'
                    when lost.stop then 'cancelled' else 'failed' end,
       finished_at = case when not lost.stop and r.rescues < %(most)s then null else now() end,
       cancel_requested_at = case when lost.stop then r.cancel_requested_at end,
       error = case when lost.stop and lost.open then %(uncertain)s::jsonb
                    when lost.stop then %(stopped)s::jsonb
                    when r.rescues >= %(most)s then %(poison)s::jsonb else r.error end,
       {sql.due()}, lease = null, {sql.UNCLAIMED}
  from lost left join shared s on s.message_id = lost.message_id
 where r.id = lost.id
returning r.id, r.parent_id, r.state, {sql.tell_waiting()}
"""


def rescue_runs(connection: Connection, found: Sequence[dict[str, object]]) -> int:
    """Give lost runs back in the caller's transaction; rows of {id, lease, worker_id}. Returns how many.

    A run that ends here, while somebody holds its parent, waits for the next pass: nobody waits for the parent.
    """
    if not found:
        return 0
    ids = [row["id"] for row in found]
    rows = query(
        connection,
        RESCUE,
        {
            "ids": ids,
            "held": sorted(parents_held(connection, _parents_of_ending(connection, ids))),
            "leases": [row["lease"] for row in found],
            "workers": [row["worker_id"] for row in found],
            "most": MOST_RESCUES,
            "uncertain": Jsonb(UNCERTAIN.shown()),
            "stopped": Jsonb(STOPPED.shown()),
            "poison": Jsonb(POISON.shown()),
        },
    )
    wake_parents(connection, [row["parent_id"] for row in rows if row["state"] != "queued"])
    return len(rows)


def _parents_of_ending(connection: Connection, ids: Sequence[object]) -> list[UUID]:
    """The parents of those runs that may end instead of being queued anew."""
    rows = query(
        connection,
        """
        select distinct parent_id from task_runs
         where id = any(%(ids)s) and parent_id is not null
           and (cancel_requested_at is not null or rescues >= %(most)s)
        """,
        {"ids": list(ids), "most": MOST_RESCUES},
    )
    return [row["parent_id"] for row in rows]


def rescue_message(connection: Connection, message: UUID, hinted: Sequence[UUID] = ()) -> int:
    """The parent saw the child die that held this message: free its runs, take the child's row away.

    hinted: the ids that the message names; those that the child died too early to claim are published again.
    """
    found = query(
        connection,
        "select id, lease, worker_id from task_runs where state = 'running' and message_id = %s",
        (message,),
    )
    rescued = rescue_runs(connection, found)
    workers = sorted({row["worker_id"] for row in found if row["worker_id"] is not None})
    execute(connection, "delete from workers where id = any(%s)", (workers,))
    _publish_again(connection, "id = any(%(these)s)", these=list(hinted))
    return rescued


def rescue_worker(connection: Connection, worker: UUID) -> int:
    """A worker is dead: free its runs, and send the messages again that it may have taken with it."""
    gone = query(connection, "delete from workers where id = %s returning queues, parent_id", (worker,))
    running = "select id, lease, worker_id from task_runs where state = 'running' and worker_id = %s"
    found = query(connection, running, (worker,))
    rescued = rescue_runs(connection, found)
    for row in gone:
        redispatch(connection, row["queues"])
    return rescued


def redispatch(connection: Connection, queues: Sequence[str] | None = None) -> int:
    """Make published but unclaimed runs due for publishing again, on these queues or on all."""
    if queues is None:
        return _publish_again(connection, "true")
    return _publish_again(connection, "queue = any(%(these)s)", these=list(queues))


def _publish_again(connection: Connection, condition: str, **parameters: list[Any]) -> int:
    return execute(
        connection,
        f"""
        with lost as (
            select id from task_runs where state = 'queued' and dispatches > 0 and {condition}
             order by id for update skip locked)
        update task_runs r set {sql.published_again()} from lost where r.id = lost.id
        """,
        parameters,
    )


class Watch:
    """What one process notices of outages that break no connection: a frozen server, a network without answers."""

    def __init__(self) -> None:
        self._heard = time.monotonic()
        self._calm_at = self._heard

    def calm(self) -> bool:
        """To be asked after each answer of Postgres: whether none was GAP seconds late within the last CALM seconds."""
        now = time.monotonic()
        if now - self._heard > GAP:
            self._calm_at = now + CALM
        self._heard = now
        return now >= self._calm_at


def rescue(database: Database, *, lease: int, watch: Watch | None = None) -> int:
    """One pass over everything that can be lost; a transaction per worker. Returns how many runs were freed.

    Nothing in one worker's rows, or in one run, keeps the others from being freed. watch: the process' own memory of
    outages; after one the living shall have time to say that they live.
    """
    with database.transaction() as connection:
        suspects = _suspects(connection, lease)
        overdue = _overdue(connection)
    if watch is not None and not watch.calm():
        suspects = []
    freed = _free(database, overdue)
    freed += alone(database, resume_known)
    alone(database, end_never_due)
    alone(database, partial(heal, lease=lease))
    for suspect in suspects:
        freed += alone(database, partial(_rescue_suspect, suspect=suspect))
    return freed


def _free(database: Database, found: Sequence[dict[str, object]]) -> int:
    """All at once, or one by one when one of them spoils it for all."""
    if not found:
        return 0
    try:
        with database.transaction() as connection:
            return rescue_runs(connection, found)
    except Exception as error:
        if is_away(error):
            raise
    return sum(alone(database, partial(rescue_runs, found=[row])) for row in found)


def alone(database: Database, work: Callable[[Connection], int | None]) -> int:
    """What one step freed; its fault is logged and stops nothing else."""
    try:
        with database.transaction() as connection:
            return work(connection) or 0
    except Exception as error:
        if is_away(error):
            raise
        log.warning("rescue.broken", error=type(error).__name__)
        return 0


def _rescue_suspect(connection: Connection, *, suspect: tuple[UUID, int, bool]) -> int:
    worker, number, expired = suspect
    return rescue_worker(connection, worker) if expired or _lock_free(connection, number) else 0


def _suspects(connection: Connection, lease: int) -> list[tuple[UUID, int, bool]]:
    """Workers whose lease ended, and silent ones whose lock may tell, while things are calm: a restart of Postgres (or
    of our own connection) frees every lock at once, and leases end while nobody can renew them.
    """
    rows = query(
        connection,
        """
        select w.id, w.lock_number, w.expires_at < now() - make_interval(secs => %(grace)s) as expired
          from workers w
         where w.expires_at < now() + make_interval(secs => greatest(%(silent)s, -%(grace)s))
           and pg_postmaster_start_time() < now() - make_interval(secs => %(calm)s)
           and (select backend_start from pg_stat_activity where pid = pg_backend_pid())
               < now() - make_interval(secs => %(calm)s)
        """,
        {"grace": GRACE, "silent": lease - 2.5 * HEARTBEAT, "calm": CALM},
    )
    return [(row["id"], row["lock_number"], row["expired"]) for row in rows]


def _lock_free(connection: Connection, number: int) -> bool:
    return bool(query(connection, "select pg_try_advisory_xact_lock(%s) as free", (number,))[0]["free"])


def _overdue(connection: Connection) -> list[dict[str, object]]:
    """Runs past their deadline, and runs whose worker has no row."""
    return query(
        connection,
        """
        select r.id, r.lease, r.worker_id from task_runs r left join workers w on w.id = r.worker_id
         where r.state = 'running' and (w.id is null or r.deadline_at < now())
         limit 1000
        """,
    )
