"""Writing down how runs ended or returned. Every statement here is fenced by the run's lease and worker."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Database, execute, query
from worker.kit.errors import LeaseLost
from worker.ledger import sql
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Json, Run


@dataclass(frozen=True, slots=True)
class Success:
    """A finished run with what it gives back; `ran` is in seconds."""

    run: Run
    result: Json
    ran: float


UNCERTAIN = Failure(
    "effect.uncertain",
    "The run ended while nobody knows whether its request was carried out; a person has to look and settle it.",
    504,
)

UNCERTAIN_JSON = json.dumps(UNCERTAIN.shown())

OUR_ATTEMPT = "run_id = %(id)s and lease = %(lease)s and worker_id = %(worker)s"
STORE_PROGRESS = f"update task_runs r set progress = %(progress)s where {sql.fenced()} and r.state = 'running'"

LOCK = f"""
select r.id from task_runs r
 where {sql.all_fenced()} and {sql.is_state("running")}
 order by r.id for no key update
"""

SUCCEED = f"""
with mine as (
    select r.id, o.ran, %(results)s::jsonb -> (o.place::int - 1) as result,
           {sql.open_effect()} as open
      from unnest(%(ids)s::uuid[], %(leases)s::bigint[], %(workers)s::uuid[], %(ran)s::float8[])
           with ordinality as o(id, lease, worker_id, ran, place)
      join task_runs r on r.id = o.id and r.lease = o.lease and r.worker_id = o.worker_id
     where r.id = any(%(ids)s) and {sql.is_state("running")} order by r.id for no key update of r),
done as (
    update task_runs r
       set state = case when mine.open then 'uncertain' else 'succeeded' end, result = mine.result,
           error = case when mine.open then %(uncertain)s::jsonb end, progress = null,
           gate = null, gate_version = null, finished_at = clock_timestamp()
      from mine where r.id = mine.id
    returning r.id, r.lease, r.wanted, r.parent_id, r.state, mine.ran),
noted as (
    update task_attempts a set outcome = d.state, ran_seconds = d.ran
      from done d where a.run_id = d.id and a.lease = d.lease)
select id, parent_id, {sql.tell_waiting("done")} from done
"""

# The same for one run, which most messages carry: a fifth less work for Postgres. Nothing has to be put in order.
SUCCEED_ALONE = f"""
with done as (
    update task_runs r
       set state = case when o.open then 'uncertain' else 'succeeded' end, result = %(result)s::jsonb,
           error = case when o.open then %(uncertain)s::jsonb end, progress = null,
           gate = null, gate_version = null, finished_at = clock_timestamp()
      from (select {sql.open_effect("%(id)s")} as open) o
     where {sql.fenced()} and {sql.is_state("running")}
    returning r.id, r.lease, r.wanted, r.state),
noted as (
    update task_attempts a set outcome = d.state, ran_seconds = %(ran)s
      from done d where a.run_id = d.id and a.lease = d.lease)
select id, {sql.tell_waiting("done")} from done
"""


def fences(runs: Sequence[Run]) -> dict[str, Any]:
    """The parameters `ids`, `leases` and `workers` of a statement over several runs."""
    return {
        "ids": [run.id for run in runs],
        "leases": [run.lease for run in runs],
        "workers": [run.worker_id for run in runs],
    }


def fence(run: Run) -> dict[str, Any]:
    """The parameters `id`, `lease` and `worker` of a statement over one run."""
    return {"id": run.id, "lease": run.lease, "worker": run.worker_id}


def lock(connection: Connection, runs: Sequence[Run]) -> None:
    """Lock our rows before business rows are touched; raises LeaseLost when one is no longer ours."""
    if len(query(connection, LOCK, fences(runs))) != len(runs):
        raise LeaseLost("a run was taken by another worker or ended")


def succeed(connection: Connection, successes: Sequence[Success]) -> None:
    """Record successes together; raises LeaseLost when any of the runs is no longer ours."""
    rows = query(connection, SUCCEED, _outcomes(successes))
    if len(rows) != len(successes):
        raise LeaseLost("a run was taken by another worker or ended")
    wake_parents(connection, [row["parent_id"] for row in rows])


def succeed_at_once(database: Database, successes: Sequence[Success]) -> None:
    """Record successes without business rows and without parents, in one statement and one round trip.

    A run that is no longer ours is passed over: each row is fenced by itself.
    """
    if len(successes) == 1:
        database.autocommit(SUCCEED_ALONE, _outcome(successes[0]))
    else:
        database.autocommit(SUCCEED, _outcomes(successes))


def _outcome(success: Success) -> dict[str, Any]:
    return {
        **fence(success.run),
        "result": json.dumps(success.result),
        "ran": success.ran,
        "uncertain": UNCERTAIN_JSON,
    }


def _outcomes(successes: Sequence[Success]) -> dict[str, Any]:
    """Results travel as one document: an array of documents would be converted one by one."""
    return {
        **fences([success.run for success in successes]),
        "results": json.dumps([success.result for success in successes]),
        "ran": [success.ran for success in successes],
        "uncertain": UNCERTAIN_JSON,
    }


def parents_held(connection: Connection, parents: Sequence[UUID | None]) -> set[UUID]:
    """Lock these parents without waiting; returns those that somebody else holds."""
    wanted = sorted({parent for parent in parents if parent is not None})
    if not wanted:
        return set()
    locked = query(
        connection,
        "select id from task_runs where id = any(%s) order by id for no key update skip locked",
        (wanted,),
    )
    there = query(connection, "select id from task_runs where id = any(%s)", (wanted,))
    return {row["id"] for row in there} - {row["id"] for row in locked}


def wake_parents(connection: Connection, parents: Sequence[UUID | None]) -> None:
    """Make a waiting parent due when its last child ended. Parents are locked after their children.

    The lock comes first and the look at the other children after it: of two last children that end at the same
    time, the second sees the first. A parent whose wait is over becomes due anew as well: its message may have come
    while this lock was held, and was dropped.
    """
    for parent in sorted({parent for parent in parents if parent is not None}):
        if not query(connection, "select 1 from task_runs where id = %s for no key update", (parent,)):
            continue
        execute(
            connection,
            f"""
            update task_runs p set run_at = least(p.run_at, now()), {sql.published_again("now()")}
             where p.id = %s and p.state = 'queued'
               and not exists (select from task_runs c where c.parent_id = p.id and {sql.under_way("c")})
            """,
            (parent,),
        )


FINISH = f"""
update task_runs r
   set state = case when %(state)s in ('failed', 'cancelled') then {sql.ended("%(state)s")} else %(state)s end,
       error = %(error)s, progress = null, gate = null, gate_version = null, finished_at = clock_timestamp()
 where {sql.fenced()} and r.state = 'running'
returning r.parent_id, r.state, {sql.tell_waiting()}
"""


def finish(connection: Connection, run: Run, state: str, failure: Failure, *, ran: float) -> str:
    """End a run as failed or cancelled (uncertain with an open effect); returns the state written."""
    rows = query(
        connection,
        FINISH,
        {**fence(run), "state": state, "error": Jsonb(failure.shown())},
    )
    if not rows:
        raise LeaseLost("a run was taken by another worker or ended")
    close_attempt(connection, run, rows[0]["state"], failure, ran=ran)
    wake_parents(connection, [rows[0]["parent_id"]])
    return str(rows[0]["state"])


# Every return to `queued` with a cancel asked ends the run instead, and so does one past its expiry. A provider's
# answer that is known and not yet applied is stronger than both: what happened outside must be written down.
RETURN = f"""
with seen as (
    select r.id, r.cancel_requested_at is not null as asked,
           r.expires_at < now() + make_interval(secs => %(seconds)s) as past,
           {sql.open_effect()} as open
      from task_runs r
     where {sql.fenced()} and r.state = 'running'
       for no key update of r),
mine as (
    select id, open, asked and not known as stop, past and not known as late
      from seen cross join lateral (select (asked or past) and {sql.unapplied_answer("seen.id")} as known) k)
update task_runs r
   set state = case when not (mine.stop or mine.late) then 'queued' when mine.open then 'uncertain'
                    when mine.stop then 'cancelled' else 'failed' end,
       finished_at = case when mine.stop or mine.late then clock_timestamp() end,
       cancel_requested_at = case when mine.stop then r.cancel_requested_at end,
       error = case when mine.late and not mine.stop then %(expired)s::jsonb
                    when mine.stop and mine.open then %(uncertain)s::jsonb
                    else coalesce(%(error)s::jsonb, r.error) end,
       {sql.due_in("seconds")},
       attempt = r.attempt - %(given_back)s,
       gate = %(gate)s, gate_version = %(gate_version)s,
       lease = case when mine.stop or mine.late then r.lease end, {sql.UNCLAIMED}
  from mine where r.id = mine.id
returning r.parent_id, r.state, {sql.tell_waiting()}
"""


def requeue(
    connection: Connection,
    run: Run,
    seconds: float,
    *,
    failure: Failure | None = None,
    give_back: bool = False,
    gate: tuple[str, int] | None = None,
    ran: float = 0.0,
) -> str:
    """Return a run to the queue for `seconds` from now; returns the state written.

    give_back: the attempt does not count. Without a failure (a snooze) the attempt leaves no trace.
    """
    expired = Failure("run.expired", "The run's time to succeed is over.", 504)
    rows = query(
        connection,
        RETURN,
        {
            **fence(run),
            "seconds": max(seconds, 0.0),
            "expired": Jsonb((failure or expired).with_note(expired.message).shown()),
            "error": Jsonb(failure.shown()) if failure else None,
            "uncertain": Jsonb(UNCERTAIN.shown()),
            "given_back": 1 if give_back else 0,
            "gate": gate[0] if gate else None,
            "gate_version": gate[1] if gate else None,
        },
    )
    if not rows:
        raise LeaseLost("a run was taken by another worker or ended")
    state = str(rows[0]["state"])
    if failure is None and state == "queued":
        execute(connection, f"delete from task_attempts where {OUR_ATTEMPT}", fence(run))
    else:
        close_attempt(connection, run, "retried" if state == "queued" else state, failure, ran=ran)
    if state != "queued":
        wake_parents(connection, [rows[0]["parent_id"]])
    return state


def close_attempt(connection: Connection, run: Run, outcome: str, failure: Failure | None, *, ran: float) -> None:
    """Write an attempt's end: what happened, how long it ran, and the fault's fingerprint."""
    facts: dict[str, Any] = failure.facts() if failure else dict.fromkeys(Failure.FACTS)
    execute(
        connection,
        f"""
        update task_attempts set outcome = %(outcome)s, ran_seconds = %(ran)s, error_class = %(error_class)s,
               message = %(message)s, traceback = %(traceback)s, fingerprint = %(fingerprint)s
         where {OUR_ATTEMPT}
        """,
        {"outcome": outcome, "ran": ran, **fence(run), **facts},
    )


def store_progress(connection: Connection, run: Run, value: Json) -> None:
    """Store progress; raises LeaseLost when the run is no longer ours."""
    if not execute(connection, STORE_PROGRESS, {"progress": Jsonb(dict(value)), **fence(run)}):
        raise LeaseLost("a run was taken by another worker or ended")
