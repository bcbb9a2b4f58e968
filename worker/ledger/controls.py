"""What people may do to runs and queues. Everything that changes something is written into audit_log."""

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Database, Row, execute, query
from worker.kit.errors import PlatformError
from worker.ledger import sql
from worker.ledger.audit import audit, audit_runs
from worker.ledger.enqueue import announce
from worker.ledger.outcomes import Json
from worker.ledger.record import wake_parents
from worker.ledger.rescue import redispatch

T = TypeVar("T")
Transact = Callable[[Callable[[Connection], T]], T]

CHUNK = 500
# A row that a worker holds for its own commit is free again within milliseconds.
TRIES = 40
PAUSE = 0.05


class ControlRefused(PlatformError):
    """The run's state does not allow this; the message says what would. Whoever holds the transaction rolls back."""


class NotFound(ControlRefused):
    """There is no such run or queue."""


CANCELLABLE = f"""(r.state = 'running' and r.cancel_requested_at is null
                or r.state = 'queued' and not {sql.unapplied_answer()})"""

# Called under the rows' locks, so that effects are read after the last attempt wrote them.
CANCEL = f"""
with mine as (
    select r.id, r.state = 'running' as running,
           {sql.open_effect()} as open
      from task_runs r where r.id = any(%(ids)s) and {CANCELLABLE})
update task_runs r
   set cancel_requested_at = coalesce(r.cancel_requested_at, now()),
       state = case when mine.running then 'running' when mine.open then 'uncertain' else 'cancelled' end,
       finished_at = case when mine.running then null else now() end,
       progress = case when mine.running then r.progress end,
       error = case when mine.running then r.error when mine.open then %(uncertain)s::jsonb
                    else %(cancelled)s::jsonb end
  from mine where r.id = mine.id
returning r.id, r.parent_id, r.state, {sql.tell_waiting()}
"""

CANCELLED = {"code": "run.cancelled", "message": "The run was cancelled before it began.", "status": 409}
UNCERTAIN = {
    "code": "effect.uncertain",
    "message": "The run was cancelled while nobody knows whether its request was carried out; "
    "a person has to look and settle it.",
    "status": 504,
}


def cancel(database: Database, run_id: UUID, actor: str, *, reason: str | None = None) -> str | None:
    """Cancel a run and whatever descends from it, in several transactions.

    Returns `cancelled`, `requested` (it runs and will stop when it next looks), `uncertain` (its effect is open)
    or the state that it keeps: a final one, or `queued` when the provider has answered and the answer only waits
    to be written down. None for an unknown run.
    """

    def transact(work: Callable[[Connection], T]) -> T:
        with database.transaction() as connection:
            return work(connection)

    word = transact(lambda connection: _cancel_one(connection, run_id, actor, reason))
    if word not in (None, "succeeded", "failed"):
        cancel_descendants(transact, [run_id], actor, reason=reason)
    return word


def _cancel_one(connection: Connection, run_id: UUID, actor: str, reason: str | None) -> str | None:
    found = query(connection, "select state from task_runs where id = %s for no key update", (run_id,))
    if not found:
        return None
    changed = cancel_locked(connection, [run_id], actor, reason)
    if not changed:
        return "requested" if found[0]["state"] == "running" else str(found[0]["state"])
    if changed[0]["state"] == "running":
        return "requested"
    wake_parents(connection, [changed[0]["parent_id"]])
    return str(changed[0]["state"])


def cancel_locked(connection: Connection, ids: Sequence[UUID], actor: str, reason: str | None) -> list[Row]:
    """Cancel those of these runs that can be; the caller has locked them. Rows of {id, parent_id, state}."""
    parameters = {"ids": list(ids), "cancelled": Jsonb(CANCELLED), "uncertain": Jsonb(UNCERTAIN)}
    changed = query(connection, CANCEL, parameters)
    audit_runs(connection, actor, "run.cancel", [row["id"] for row in changed], reason)
    return changed


def cancel_descendants(transact: Transact[Any], roots: Sequence[UUID], actor: str, *, reason: str | None = None) -> int:
    """Cancel the children of these runs, and theirs; returns how many.

    Each step is a transaction of its own that skips what a worker holds and comes back for it; what stays held
    for two seconds is left alone. `transact` runs a function in a transaction and commits it.
    """
    cancelled = 0
    parents = list(roots)
    while parents:
        touched = _cancel_generation(transact, parents, actor, reason)
        cancelled += len(touched)
        parents = touched
    return cancelled


def _cancel_generation(transact: Transact[Any], parents: Sequence[UUID], actor: str, reason: str | None) -> list[UUID]:
    touched: list[UUID] = []
    for _ in range(TRIES):
        changed, left = transact(lambda connection: _cancel_children(connection, parents, actor, reason))
        touched += changed
        if not left:
            break
        if not changed:
            time.sleep(PAUSE)
    return touched


def _cancel_children(
    connection: Connection, parents: Sequence[UUID], actor: str, reason: str | None
) -> tuple[list[UUID], bool]:
    children = f"select r.id from task_runs r where r.parent_id = any(%s) and {CANCELLABLE}"
    free = query(
        connection, f"{children} order by r.id limit {CHUNK} for no key update of r skip locked", (list(parents),)
    )
    changed = cancel_locked(connection, [row["id"] for row in free], actor, reason)
    left = query(connection, f"{children} limit 1", (list(parents),))
    return [row["id"] for row in changed], bool(left)


# A cancelled run whose unique key went to a newer run stays as it is: two of them would do the same work.
NOT_REPLACED = "not coalesce(r.error ? 'replaced_by', false)"

REQUEUE = f"""
update task_runs r
   set {sql.resumed()}, {sql.UNCLAIMED},
       attempt = 0, rescues = 0, result = null, progress = null, started_at = null, gate = null, gate_version = null,
       expires_at = now() + coalesce((select make_interval(secs => c.expires_after_seconds)
                                        from task_catalogue c where c.name = r.task), interval '1 day')
 where r.id = any(%(ids)s) and r.state = any(%(states)s) and {NOT_REPLACED}
returning r.id
"""


def retry_locked(connection: Connection, ids: Sequence[UUID], actor: str, reason: str | None) -> list[UUID]:
    """Queue those of these runs that failed or were cancelled; the caller has locked them."""
    rows = query(connection, REQUEUE, {"ids": list(ids), "states": ["failed", "cancelled"]})
    retried = [row["id"] for row in rows]
    audit_runs(connection, actor, "run.retry", retried, reason)
    return retried


def retry(connection: Connection, run_id: UUID, actor: str, *, reason: str | None = None) -> str:
    """Queue a failed or cancelled run anew, with all its attempts; returns `queued`. Raises ControlRefused."""
    state, newer = _lock_state(connection, run_id)
    if newer:
        raise ControlRefused(f"After its cancel this run's unique key went to run {newer}: that one does the work.")
    if state == "uncertain":
        raise ControlRefused("Nobody knows yet whether this run's request was carried out: settle it first.")
    if state not in ("failed", "cancelled"):
        raise ControlRefused(f"This run is {state}; only a failed or cancelled run can be retried.")
    retry_locked(connection, [run_id], actor, reason)
    announce(connection)
    return "queued"


def _lock_state(connection: Connection, run_id: UUID) -> tuple[str, str | None]:
    """The run's state, and the run that has its unique key now."""
    rows = query(
        connection,
        "select state, error->>'replaced_by' as newer from task_runs where id = %s for no key update",
        (run_id,),
    )
    if not rows:
        raise NotFound(f"There is no run {run_id}.")
    return str(rows[0]["state"]), rows[0]["newer"]


def resolve(
    connection: Connection, run_id: UUID, *, happened: bool, reference: Json | None = None, reason: str, actor: str
) -> str:
    """A person's decision about an uncertain run; returns the state it gets. Raises ControlRefused.

    happened: the provider has carried it out, under `reference` when that is known; the run comes back to write
    what follows. Otherwise the same request goes anew, unless somebody had asked to cancel the run: then it ends
    cancelled. Anew means the same bytes under the same key, because a person may be wrong and the provider remembers;
    only a key that it holds for other content is replaced.
    """
    rows = query(connection, "select state, cancel_requested_at from task_runs where id = %s", (run_id,))
    if not rows:
        raise NotFound(f"There is no run {run_id}.")
    if rows[0]["state"] != "uncertain":
        raise ControlRefused(f"This run is {rows[0]['state']}; only an uncertain run can be settled.")
    # The effect before the run, in the order in which a late answer of the provider locks them.
    if not _resolve_effect(connection, run_id, reference or {"settled": True}, happened=happened):
        raise ControlRefused("This run's effect is not open any more: somebody settled it, or the answer came late.")
    state = "cancelled" if rows[0]["cancel_requested_at"] and not happened else "queued"
    _leave_uncertain(connection, run_id, state)
    audit(
        connection,
        actor,
        "run.settle",
        str(run_id),
        reason=reason,
        details={"happened": happened, "reference": reference},
    )
    return state


def _resolve_effect(connection: Connection, run_id: UUID, reference: Json, *, happened: bool) -> int:
    return execute(
        connection,
        """
        update effects
           set state = case when %(happened)s then 'done' else 'cleared' end, settled_at = now(),
               reference = case when %(happened)s then coalesce(reference, %(reference)s::jsonb) else reference end,
               provider_key = case when not %(happened)s and exists (
                       select from task_runs r
                        where r.id = %(run)s and r.error ->> 'code' = 'provider.key_conflict')
                   then coalesce(provider_key, key || '/' || generation) || '/'
                        || (extract(epoch from now()) * 1000000)::bigint
                   else provider_key end
         where run_id = %(run)s and state = 'intended'
        """,
        {"happened": happened, "reference": Jsonb(dict(reference)), "run": run_id},
    )


def _leave_uncertain(connection: Connection, run_id: UUID, state: str) -> None:
    if state == "queued":
        changed = query(connection, REQUEUE, {"ids": [run_id], "states": ["uncertain"]})
        announce(connection)
    else:
        changed = query(
            connection,
            "update task_runs set state = 'cancelled', error = %s where id = %s and state = 'uncertain' returning id",
            (Jsonb(CANCELLED), run_id),
        )
    if not changed:
        raise ControlRefused("This run changed meanwhile: look at it again.")


def pause(connection: Connection, queue: str, actor: str, *, reason: str | None = None) -> None:
    """Stop claiming from a queue; what runs goes on. Pausing twice changes nothing. Raises NotFound."""
    _set_paused(connection, queue, "coalesce(paused_at, now())")
    audit(connection, actor, "queue.pause", queue, reason=reason)


def resume(connection: Connection, queue: str, actor: str, *, reason: str | None = None) -> None:
    """Claim from a queue again; its runs are published anew at once. Raises NotFound."""
    _set_paused(connection, queue, "null")
    redispatch(connection, [queue])
    announce(connection)
    audit(connection, actor, "queue.resume", queue, reason=reason)


def _set_paused(connection: Connection, queue: str, value: str) -> None:
    if not execute(connection, f"update queues set paused_at = {value} where name = %s", (queue,)):
        names = ", ".join(row["name"] for row in query(connection, "select name from queues order by name"))
        raise NotFound(f"There is no queue {queue[:40]!r}; the queues are {names}.")


def note_reveal(connection: Connection, run_id: UUID, actor: str) -> None:
    """An operator looked at a run's payload unredacted."""
    audit(connection, actor, "run.reveal", str(run_id))
