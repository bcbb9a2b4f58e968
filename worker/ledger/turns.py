"""Which due runs of a queue are published next: in plain order, or company by company when more is due than fits."""

from collections import Counter
from itertools import groupby
from math import ceil
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.ledger import sql
from worker.ledger.pace import Pace
from worker.ledger.unreadable import TIMES

LONGEST_DELAY = 300
# Groups (company and priority) that one walk along the ring looks at, and walks in one pass.
BREADTH = 500
WALKS = 4
# How often what companies with few runs leave free is offered to the others.
ROUNDS = 3
FIRST, LAST = -(2**63), 2**63 - 1

MARK = f"""
update task_runs r
   set dispatches = least(r.dispatches, 1000000) + 1,
       dispatch_at = now() + make_interval(secs => least(%(delay)s * 2 ^ least(r.dispatches, 10), %(longest)s))
  from due, task_catalogue c where r.id = due.id and c.name = r.task
returning r.id, r.task, r.priority, r.company_id, case when r.alone then 1 else c.batch end as batch,
          c.timeout_seconds, {TIMES} as unreadable, due.place, due.since,
          r.expires_at < now() and not {sql.unapplied_answer()} as expired, {sql.orphan()} as orphan
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

# The planner's statistics of a backlog that comes and goes mislead. Whole rows are compared, in the order of the index
# of companies, so that no other index can serve; states are hidden where the primary key should.
# A loose index walk over the groups that have something queued: one step reads one entry, however many lie between.
WALK = """
with recursive groups as (
    (select company_id, priority, 1 as n from task_runs
      where state = 'queued' and queue = %(queue)s and company_id > %(after)s and company_id <= %(until)s
      order by company_id, priority limit 1)
    union all
    select next.company_id, next.priority, g.n + 1
      from groups g cross join lateral (
           select r.company_id, r.priority from task_runs r
            where r.state = 'queued' and r.queue = %(queue)s and r.company_id <= %(until)s
              and (r.company_id, r.priority) > (g.company_id, g.priority)
            order by r.company_id, r.priority limit 1) next
     where g.n < %(breadth)s)
select g.company_id, g.priority, coalesce((
           select true from task_runs r
            where r.state = 'queued'
              and (r.queue, r.company_id, r.priority) >= (%(queue)s, g.company_id, g.priority)
              and (r.queue, r.company_id, r.priority, r.dispatch_at) <= (%(queue)s, g.company_id, g.priority, now())
            order by r.queue, r.company_id, r.priority, r.dispatch_at limit 1), false) as due
  from groups g order by g.n
"""

# The first runs of each company, taken one by one from company after company.
TAKE = (
    f"""
with first as (
    select x.id, x.dispatch_at, g.ring, row_number() over (
               partition by g.company_id order by g.priority, x.dispatch_at, x.id) as place
      from unnest(%(companies)s::bigint[], %(priorities)s::smallint[])
           with ordinality as g(company_id, priority, ring)
     cross join lateral (
           select id, dispatch_at from task_runs r
            where r.state = 'queued'
              and (r.queue, r.company_id, r.priority) >= (%(queue)s, g.company_id, g.priority)
              and (r.queue, r.company_id, r.priority, r.dispatch_at) <= (%(queue)s, g.company_id, g.priority, now())
              and r.cancel_requested_at is null and r.task = any(%(tasks)s)
            order by r.queue, r.company_id, r.priority, r.dispatch_at limit %(depth)s) x),
turn as (select * from first where place <= %(depth)s order by place, ring limit %(limit)s),
due as (
    select free.id, %(before)s + turn.place as place, turn.dispatch_at as since
      from turn cross join lateral (
           select r.id from task_runs r
            where r.id = turn.id and {sql.is_state("queued")} and r.dispatch_at + interval '0' <= now()
              for update skip locked) free)
"""
    + MARK
)

BY_INDEX = """
select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_bitmapscan', 'enable_sort',
                                                       'enable_incremental_sort']) as name
"""


def in_order(connection: Connection, queue: Row) -> list[Row]:
    """Mark all that is due, up to the queue's room: rows as MARK returns them."""
    return query(connection, IN_ORDER, _parameters(queue) | {"limit": queue["room"]})


def in_turn(connection: Connection, queue: Row, pace: Pace) -> list[Row]:
    """Mark as many due runs as there is room for: one of each company, by priority within it, then the next ones.

    `pace` keeps which company was served last. Cost: a multiple of the room and of BREADTH, however many companies
    have something queued.
    """
    query(connection, BY_INDEX)
    ring, whole = _ring(connection, queue, pace)
    marked: list[Row] = []
    for _ in range(ROUNDS):
        room = queue["room"] - len(marked)
        served = dict(list(ring.items())[:room])
        if not served:
            break
        depth = ceil(room / len(served))
        rows = _take(connection, queue, served, depth=depth, limit=room, before=_last_place(marked))
        marked += rows
        counts = Counter(row["company_id"] for row in rows)
        ring = {company: priorities for company, priorities in served.items() if counts[company] >= depth}
    if marked or not whole:
        pace.come_back(drained=queue["room"] >= queue["size"])
    return marked


def _take(
    connection: Connection, queue: Row, served: dict[int, list[int]], *, depth: int, limit: int, before: int
) -> list[Row]:
    groups = [(company, priority) for company, priorities in served.items() for priority in priorities]
    return query(
        connection,
        TAKE,
        _parameters(queue)
        | {
            "companies": [company for company, _ in groups],
            "priorities": [priority for _, priority in groups],
            "depth": depth,
            "limit": limit,
            "before": before,
        },
    )


def _parameters(queue: Row) -> dict[str, Any]:
    return {"queue": queue["name"], "tasks": queue["tasks"], "delay": queue["delay"], "longest": LONGEST_DELAY}


def _last_place(rows: list[Row]) -> int:
    return max((row["place"] for row in rows), default=0)


def _ring(connection: Connection, queue: Row, pace: Pace) -> tuple[dict[int, list[int]], bool]:
    """The priorities with something due of each company that has any, from the one after the last served; and whether
    that is the whole ring. A stretch of it without anything due is passed over.
    """
    ring: dict[int, list[int]] = {}
    for _ in range(WALKS):
        walked = _walk(connection, queue["name"], pace.turns.get(queue["name"], FIRST))
        due = groupby((row for row in walked if row["due"]), lambda row: row["company_id"])
        ring = {company: [row["priority"] for row in rows] for company, rows in due}
        whole = len(walked) < BREADTH
        served = list(ring)[: queue["room"]]
        if len(served) == len(ring) and not whole:
            served = [walked[-1]["company_id"]]
        if served:
            pace.turns[queue["name"]] = served[-1]
        if ring or whole:
            break
    return ring, whole


def _walk(connection: Connection, queue: str, last: int) -> list[Row]:
    walked = query(connection, WALK, {"queue": queue, "after": last, "until": LAST, "breadth": BREADTH})
    if last > FIRST and len(walked) < BREADTH:
        rest = {"queue": queue, "after": FIRST, "until": last, "breadth": BREADTH - len(walked)}
        walked += query(connection, WALK, rest)
    return walked
