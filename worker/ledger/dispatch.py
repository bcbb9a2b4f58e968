"""From due rows to broker messages: which runs are published next, and how they share messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.ledger.record import wake_parents
from worker.ledger.rescue import redispatch

LONGEST_DELAY = 300


@dataclass(frozen=True, slots=True)
class Message:
    """One broker message: runs of one task on one queue. timeout: seconds for all of them."""

    task: str
    queue: str
    priority: int
    ids: tuple[UUID, ...]
    timeout: int


# Only queues with something due: idle ones cost a look at an empty index. Due runs are counted no further than
# to know whether they fit; the window is counted only where something is due.
STATE = """
select q.name, q.dispatch_delay_seconds as delay, q.window_size, q.window_size - published.n as room, due.n as due,
       array(select distinct unnest(tasks) from workers where expires_at > now()) as tasks
  from queues q
 cross join lateral (
       select count(*) as n from (
           select from task_runs r where r.state = 'queued' and r.queue = q.name and r.dispatch_at <= now()
            limit q.window_size + 1) first) due
 cross join lateral (
       select count(*) as n from task_runs r
        where due.n > 0 and r.queue = q.name and r.state = 'queued' and r.dispatches = 1
          and r.dispatch_at > now() and r.dispatch_at <= now() + make_interval(secs => q.dispatch_delay_seconds)
       ) published
 where q.paused_at is null and due.n > 0 order by q.name
"""

MARK = """
update task_runs r
   set dispatches = r.dispatches + 1,
       dispatch_at = now() + make_interval(secs => least(%(delay)s * 2 ^ least(r.dispatches, 10), %(longest)s))
  from due, task_catalogue c where r.id = due.id and c.name = r.task
returning r.id, r.task, r.priority, case when r.alone then 1 else c.batch end as batch, c.timeout_seconds,
          due.place, due.since, r.expires_at < now() and not exists (
              select from effects e where e.run_id = r.id and e.state = 'done' and e.applied_at is null) as expired,
          r.parent_id is not null and (select p.state from task_runs p where p.id = r.parent_id) = 'cancelled'
              and not exists (
              select from effects e where e.run_id = r.id and e.state = 'done' and e.applied_at is null) as orphan
"""

IN_ORDER = (
    """
with due as (
    select id, 0 as place, dispatch_at as since from task_runs
     where state = 'queued' and queue = %(queue)s and dispatch_at <= now() and cancel_requested_at is null
       and task = any(%(tasks)s)
     order by dispatch_at limit %(limit)s for update skip locked)
"""
    + MARK
)

# A loose index walk over the companies that have something queued, then the first runs of each, interleaved.
FAIR = (
    """
with recursive company as (
    (select company_id from task_runs where state = 'queued' and queue = %(queue)s order by company_id limit 1)
    union all
    select (select r.company_id from task_runs r
             where r.state = 'queued' and r.queue = %(queue)s and r.company_id > c.company_id
             order by r.company_id limit 1)
      from company c where c.company_id is not null),
turn as (
    select x.id, x.place, x.priority, x.dispatch_at from company c cross join lateral (
        select id, priority, dispatch_at, row_number() over (order by priority, dispatch_at) as place
          from (select id, priority, dispatch_at from task_runs r
                 where r.state = 'queued' and r.queue = %(queue)s and r.company_id = c.company_id
                   and r.dispatch_at <= now() and r.cancel_requested_at is null and r.task = any(%(tasks)s)
                 order by r.priority, r.dispatch_at limit %(limit)s) first) x
     where c.company_id is not null
     order by x.place, x.priority, x.dispatch_at limit %(limit)s),
due as (
    select r.id, turn.place, turn.dispatch_at as since from task_runs r join turn on turn.id = r.id
     where r.state = 'queued' and r.dispatch_at <= now() for update of r skip locked)
"""
    + MARK
)


def pick(connection: Connection, *, least: float = 0.0, waiting: Mapping[str, int] | None = None) -> list[Message]:
    """Mark what is to be published now; the caller commits, and then publishes. Expired runs end here.

    waiting: messages in the broker, by queue. A queue that holds a window of them gets no more: in a backlog that
    lasts, runs fall due for publishing again and again, and their old hints would pile up.

    least: where more is due than fits, the share of the window (0 to 1) that must be free before it is filled
    again. Without it a backlog would be published in crumbs, as fast as runs are claimed.
    """
    messages: list[Message] = []
    for queue in query(connection, STATE):
        room = queue["room"]
        crowded = queue["due"] > room
        if (waiting or {}).get(queue["name"], 0) >= queue["window_size"]:
            continue
        if room > 0 and queue["tasks"] and not (crowded and room < least * queue["window_size"]):
            messages += _pick_queue(connection, queue, crowded=crowded)
    return messages


def _pick_queue(connection: Connection, queue: Mapping[str, Any], *, crowded: bool) -> list[Message]:
    rows = query(
        connection,
        FAIR if crowded else IN_ORDER,
        {
            "queue": queue["name"],
            "tasks": queue["tasks"],
            "limit": queue["room"],
            "delay": queue["delay"],
            "longest": LONGEST_DELAY,
        },
    )
    cancel_orphans(connection, [row["id"] for row in rows if row["orphan"]])
    expire(connection, [row["id"] for row in rows if row["expired"] and not row["orphan"]])
    return group(queue["name"], [row for row in rows if not row["expired"] and not row["orphan"]])


def group(queue: str, rows: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Runs that may share a message are packed up to their batch; messages are in the order of their first runs.

    rows: {id, task, priority, batch, timeout_seconds, place, since}. place: the run's turn within its company when
    more is due than fits, else 0; low priority numbers come first within a place.
    """
    packs: list[list[Mapping[str, Any]]] = []
    filling: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["place"], row["priority"], row["since"], row["id"])):
        pack = filling.get((row["task"], row["priority"]))
        if pack is None or row["batch"] == 1 or len(pack) >= pack[0]["batch"]:
            pack = filling[row["task"], row["priority"]] = []
            packs.append(pack)
        pack.append(row)
    return [_message(queue, pack) for pack in packs]


def _message(queue: str, rows: Sequence[Mapping[str, Any]]) -> Message:
    first = rows[0]
    ids = tuple(row["id"] for row in rows)
    return Message(first["task"], queue, first["priority"], ids, first["timeout_seconds"] * len(ids))


def expire(connection: Connection, ids: Sequence[UUID]) -> None:
    """End queued runs whose time to succeed is over."""
    if not ids:
        return
    ended = query(
        connection,
        """
        update task_runs r
           set state = case when exists (select from effects e where e.run_id = r.id and e.state = 'intended')
                            then 'uncertain' else 'failed' end,
               finished_at = now(), error = coalesce(r.error, '{}') || jsonb_build_object('code', 'run.expired',
                   'status', 504, 'message', concat_ws(' ', %(sentence)s::text, r.error->>'message'))
         where r.id = any(%(ids)s) and r.state = 'queued'
        returning r.parent_id, case when r.wanted then pg_notify('task_done', r.id::text) end
        """,
        {"ids": sorted(ids), "sentence": "The run's time to succeed is over."},
    )
    wake_parents(connection, [row["parent_id"] for row in ended])


def cancel_orphans(connection: Connection, ids: Sequence[UUID]) -> None:
    """End queued runs whose parent was cancelled: it may write children after the cancel, or one was held then."""
    if not ids:
        return
    execute(
        connection,
        """
        update task_runs r
           set state = case when exists (select from effects e where e.run_id = r.id and e.state = 'intended')
                            then 'uncertain' else 'cancelled' end,
               cancel_requested_at = now(), finished_at = now(), progress = null, error = jsonb_build_object(
                   'code', 'run.cancelled', 'status', 409, 'message', %(sentence)s::text)
         where r.id = any(%(ids)s) and r.state = 'queued'
        returning case when r.wanted then pg_notify('task_done', r.id::text) end
        """,
        {"ids": sorted(ids), "sentence": "The run that this one belongs to was cancelled; retry that one."},
    )


def unpublished(connection: Connection, messages: Sequence[Message]) -> None:
    """Publishing failed: these runs are due again at once."""
    ids = sorted(identifier for message in messages for identifier in message.ids)
    execute(
        connection,
        """
        with lost as (select id from task_runs where id = any(%s) and state = 'queued' order by id
                         for update skip locked)
        update task_runs r set dispatch_at = r.run_at, dispatches = 0 from lost where r.id = lost.id
        """,
        (ids,),
    )


def note_broker(connection: Connection, identity: str) -> bool:
    """Remember which broker process we publish to; when it is another one, publish everything again.

    Compare-and-set: of several dispatchers one sees the change. Returns whether it changed.
    """
    changed = query(
        connection,
        """
        insert into platform_state as s (key, value) values ('broker', %(value)s)
        on conflict (key) do update set value = excluded.value, updated_at = now()
          where s.value is distinct from excluded.value
        returning s.key
        """,
        {"value": Jsonb({"identity": identity})},
    )
    if changed:
        redispatch(connection)
    return bool(changed)


def note_alive(connection: Connection, broker_reachable: bool) -> None:  # noqa: FBT001 - a plain fact
    """The dispatcher's sign of life, for /readyz."""
    execute(
        connection,
        """
        insert into platform_state (key, value) values ('dispatcher', %(value)s)
        on conflict (key) do update set value = excluded.value, updated_at = now()
        """,
        {"value": Jsonb({"broker_reachable": broker_reachable})},
    )
