"""From due rows to broker messages: which runs are published next, and how they share messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.ledger import platform_state, sql, turns, unreadable
from worker.ledger.pace import Pace
from worker.ledger.record import parents_held, wake_parents
from worker.ledger.rescue import redispatch

# Messages that may lie in the broker beside those of twice the window: they were counted a moment ago.
SLACK = 16


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
select q.name, q.dispatch_delay_seconds as delay, size.n as size, size.n - published.n as room,
       least(q.window_size, 2 * size.n + %(slack)s) as line,
       due.n > size.n - published.n as crowded,
       array(select distinct unnest(tasks) from workers where expires_at > now()) as tasks
  from queues q
  left join unnest(%(names)s::text[], %(sizes)s::bigint[]) as pace(name, size) on pace.name = q.name
 cross join lateral (select least(q.window_size, coalesce(pace.size, %(otherwise)s)) as n) size
 cross join lateral (
       select count(*) as n from (
           select from task_runs r where r.state = 'queued' and r.queue = q.name and r.dispatch_at <= now()
            limit size.n + 1) first) due
 cross join lateral (
       select count(*) as n from task_runs r
        where due.n > 0 and r.queue = q.name and r.state = 'queued' and r.dispatches = 1
          and r.dispatch_at > now() and r.dispatch_at <= now() + make_interval(secs => q.dispatch_delay_seconds)
       ) published
 where q.paused_at is null and due.n > 0 order by q.name
"""


def pick(
    connection: Connection, *, pace: Pace | None = None, least: float = 0.0, waiting: Mapping[str, int] | None = None
) -> list[Message]:
    """Mark what is to be published now; the caller commits, and then publishes. Expired runs end here.

    pace: how fast runs are taken, measured here when what it knows is too old; it bounds windows and messages, keeps
    whose turn it is, and is told when to look again. Without it the windows of table `queues` count.

    waiting: messages in the broker, by queue. A queue that holds a window of them gets no more: in a backlog that
    lasts, runs fall due for publishing again and again, and their old messages would pile up.

    least: where more is due than fits, the share of the window (0 to 1) that must be free before it is filled
    again. Without it a backlog would be published in crumbs, as fast as runs are claimed.
    """
    pace = pace or Pace(measured=False)
    queues = _state(connection, pace)
    if queues and pace.refresh(connection, queues):
        queues = _state(connection, pace)
    messages: list[Message] = []
    pace.begin_pass()
    for queue in queues:
        if (waiting or {}).get(queue["name"], 0) >= queue["line"]:
            continue
        if queue["room"] > 0 and queue["tasks"] and not (queue["crowded"] and queue["room"] < least * queue["size"]):
            messages += _pick_queue(connection, queue, pace)
        elif queue["crowded"]:
            pace.come_back(drained=False)
    return messages


def _state(connection: Connection, pace: Pace) -> list[Row]:
    sizes = pace.sizes()
    return query(
        connection,
        STATE,
        {"names": list(sizes), "sizes": list(sizes.values()), "otherwise": pace.least(), "slack": SLACK},
    )


def _pick_queue(connection: Connection, queue: Row, pace: Pace) -> list[Message]:
    rows = turns.in_turn(connection, queue, pace) if queue["crowded"] else turns.in_order(connection, queue)
    unreadable.end(connection, [row["id"] for row in rows if row["unreadable"]])
    rows = [row for row in rows if not row["unreadable"]]
    cancel_orphans(connection, [row["id"] for row in rows if row["orphan"]])
    expire(connection, [row["id"] for row in rows if row["expired"] and not row["orphan"]])
    return group(queue["name"], [row for row in rows if not row["expired"] and not row["orphan"]], pace)


def group(queue: str, rows: Sequence[Mapping[str, Any]], pace: Pace) -> list[Message]:
    """Runs that may share a message are packed up to their batch, or to what a message may take of a child's time;
    messages are in the order of their first runs.

    rows: {id, task, priority, batch, timeout_seconds, place, since}. place: the run's turn within its company when
    more is due than fits, else 0; low priority numbers come first within a place.
    """
    packs: list[list[Mapping[str, Any]]] = []
    filling: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["place"], row["priority"], row["since"], row["id"])):
        pack = filling.get((row["task"], row["priority"]))
        if pack is None or row["batch"] == 1 or len(pack) >= pace.batch(row["task"], pack[0]["batch"]):
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
    ids = _with_free_parents(connection, ids)
    ended = query(
        connection,
        f"""
        update task_runs r
           set state = {sql.ended("'failed'")},
               finished_at = now(), error = coalesce(r.error, '{{}}') || jsonb_build_object('code', 'run.expired',
                   'status', 504, 'message', concat_ws(' ', %(sentence)s::text, r.error->>'message'))
         where r.id = any(%(ids)s) and r.state = 'queued'
        returning r.parent_id, {sql.tell_waiting()}
        """,
        {"ids": sorted(ids), "sentence": "The run's time to succeed is over."},
    )
    wake_parents(connection, [row["parent_id"] for row in ended])


def _with_free_parents(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these runs whose parent can be woken now; the others are looked at again in a second."""
    rows = query(connection, "select id, parent_id from task_runs where id = any(%s)", (list(ids),))
    held = parents_held(connection, [row["parent_id"] for row in rows])
    later = [row["id"] for row in rows if row["parent_id"] in held]
    if later:
        execute(
            connection, "update task_runs set dispatch_at = now() + interval '1 second' where id = any(%s)", (later,)
        )
    return [row["id"] for row in rows if row["parent_id"] not in held]


def cancel_orphans(connection: Connection, ids: Sequence[UUID]) -> None:
    """End queued runs whose parent was cancelled: it may write children after the cancel, or one was held then."""
    if not ids:
        return
    execute(
        connection,
        f"""
        update task_runs r
           set state = {sql.ended("'cancelled'")},
               cancel_requested_at = now(), finished_at = now(), progress = null, error = jsonb_build_object(
                   'code', 'run.cancelled', 'status', 409, 'message', %(sentence)s::text)
         where r.id = any(%(ids)s) and r.state = 'queued'
        returning {sql.tell_waiting()}
        """,
        {"ids": sorted(ids), "sentence": "The run that this one belongs to was cancelled; retry that one."},
    )


def unpublished(connection: Connection, messages: Sequence[Message]) -> None:
    """Publishing failed: these runs are due again at once."""
    ids = sorted(identifier for message in messages for identifier in message.ids)
    execute(
        connection,
        f"""
        with lost as (select id from task_runs where id = any(%s) and state = 'queued' order by id
                         for update skip locked)
        update task_runs r set {sql.published_again()} from lost where r.id = lost.id
        """,
        (ids,),
    )


def note_broker(connection: Connection, identity: str) -> bool:
    """Remember which broker process we publish to; when it is another one, publish everything again.

    Compare-and-set: of several dispatchers one sees the change. Returns whether it changed.
    """
    changed = platform_state.change(connection, "broker", {"identity": identity})
    if changed:
        redispatch(connection)
    return changed


def note_alive(connection: Connection, broker_reachable: bool) -> None:  # noqa: FBT001 - a plain fact
    """The dispatcher's sign of life, for /readyz."""
    platform_state.remember(connection, "dispatcher", {"broker_reachable": broker_reachable})
