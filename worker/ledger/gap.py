"""After a failover to an asynchronous replica: what the new server may lack, seen from what it has."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.ledger import sql

MOST = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """The last writes that this server knows, from `since` to `until`; what came after them on the old one is lost.

    newest: the last of them, or None when there are none. unsettled: effects that were begun and have no answer here.
    sent: calls whose answer is known, by provider. runs: runs by task, state and what happened to them in that time
    (`written`, `running`, `ended`). published: runs that the old server may have begun, by queue.
    """

    since: datetime
    until: datetime
    newest: datetime | None
    unsettled: list[Row]
    sent: list[Row]
    runs: list[Row]
    published: list[Row]


BOUNDS = """
select coalesce(%(at)s::timestamptz, now()) as until,
       coalesce(%(at)s::timestamptz, now()) - make_interval(secs => %(seconds)s) as since
"""

NEWEST = """
select max(at) as newest from (
    select max(intended_at) as at from effects where first_intended_at >= %(since)s and intended_at <= %(until)s
    union all
    select max(finished_at) from task_runs where finished_at between %(since)s and %(until)s
    union all
    select max(created_at) from task_runs where id >= %(lowest)s and created_at between %(since)s and %(until)s
) each
"""

UNSETTLED = f"""
select e.key, e.generation, e.provider, e.sends, e.intended_at, r.id as run_id, r.state
  from effects e left join task_runs r on r.id = e.run_id
 where {sql.OPEN} order by e.intended_at desc limit %(most)s
"""

SENT = """
select provider, count(*) as calls from effects
 where state = 'done' and settled_at between %(since)s and %(until)s
   and first_intended_at >= %(since)s - interval '1 day'
 group by provider order by provider
"""

# Ids begin with their moment (UUIDv7), so that the primary key finds what was written lately.
RUNS = """
select 'written' as what, task, state, count(*) as runs from task_runs
 where id >= %(lowest)s and created_at between %(since)s and %(until)s group by task, state
union all
select 'running', task, state, count(*) from task_runs where state = 'running' group by task, state
union all
select 'ended', task, state, count(*) from task_runs where finished_at between %(since)s and %(until)s
 group by task, state
 order by 1, 2, 3
"""

PUBLISHED = """
select queue, count(*) as runs from task_runs
 where state = 'queued' and dispatches > 0 group by queue order by queue
"""

LOWEST = """
select (lpad(to_hex((extract(epoch from %(since)s::timestamptz) * 1000)::bigint), 12, '0')
        || '00000000000000000000')::uuid as lowest
"""


def look(connection: Connection, *, seconds: float, at: datetime | None = None) -> Gap:
    """What was written within `seconds` before `at` (the moment of the failover; now when it is not given)."""
    [bounds] = query(connection, BOUNDS, {"at": at, "seconds": seconds})
    [lowest] = query(connection, LOWEST, bounds)
    values = {**bounds, **lowest, "most": MOST}
    return Gap(
        **bounds,
        newest=query(connection, NEWEST, values)[0]["newest"],
        unsettled=query(connection, UNSETTLED, values),
        sent=query(connection, SENT, values),
        runs=query(connection, RUNS, values),
        published=query(connection, PUBLISHED, values),
    )
