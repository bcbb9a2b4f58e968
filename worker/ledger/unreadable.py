"""Queued runs whose own times nobody can keep: written past `enqueue_tasks`, or before it refused them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import query
from worker.ledger import sql
from worker.ledger.record import parents_held, wake_parents

MOST = 100

# Of a row `r`. Beyond these years Python has no word for a time, and `infinity` is in none of them.
TIMES = """(r.run_at not between '0001-01-02' and '9999-12-30'
    or coalesce(r.expires_at not between '0001-01-02' and '9999-12-30', false))"""

# A run whose provider's answer waits to be written down goes on, with times that can be kept.
END = f"""
with bad as (
    select r.id, r.run_at, r.expires_at,
           {sql.open_effect()} as open, {sql.unapplied_answer()} as known
      from task_runs r
     where r.id = any(%(ids)s) and r.state = 'queued' and (r.parent_id is null or r.parent_id <> all(%(held)s))
     order by r.id for update of r skip locked)
update task_runs r
   set state = case when bad.known then 'queued' when bad.open then 'uncertain' else 'failed' end,
       run_at = now(), dispatch_at = now(), expires_at = now() + interval '1 day',
       finished_at = case when not bad.known then now() end,
       error = case when bad.known then r.error else jsonb_build_object(
           'code', 'run.unreadable', 'status', 422, 'message', format(
               'This run''s times cannot be kept (run_at %%s, expires_at %%s). Make it anew by enqueue_task or POST '
               '/api/tasks, or retry it: it is due at once then.', bad.run_at, bad.expires_at)) end
  from bad where r.id = bad.id
returning r.parent_id, r.state, {sql.tell_waiting()}
"""

NEVER_DUE = """
select r.id from queues q cross join lateral (
    select n.id from task_runs n
     where n.state = 'queued' and n.queue = q.name and n.dispatch_at > '9999-12-30' limit %(most)s) r
"""


def end(connection: Connection, ids: Sequence[UUID]) -> None:
    """End these queued runs as failed, with their times as the reason.

    One whose parent somebody holds waits for the next pass: nobody waits for the parent.
    """
    if not ids:
        return
    parents = query(connection, "select parent_id from task_runs where id = any(%s)", (list(ids),))
    held = parents_held(connection, [row["parent_id"] for row in parents])
    rows = query(connection, END, {"ids": list(ids), "held": sorted(held)})
    wake_parents(connection, [row["parent_id"] for row in rows if row["state"] != "queued"])


def end_never_due(connection: Connection) -> None:
    """End what no dispatcher will ever come across. Cost: one look into an index per queue."""
    end(connection, [row["id"] for row in query(connection, NEVER_DUE, {"most": MOST})])
