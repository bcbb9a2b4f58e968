"""Forgetting what nobody needs any more. Effects stay 400 days, uncertain runs until somebody settles them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.logging import get_logger
from worker.kit.outages import is_away
from worker.ledger import sql
from worker.ledger.clock import heal_dispatches
from worker.ledger.dispatch import expire

log = get_logger(__name__)

Transact = Callable[[Callable[[Connection], Any]], Any]

# Keys live until a day after their run ended, so they go before the run does.
STATEMENTS: Mapping[str, str] = {
    "task_keys": """
        delete from task_keys where (scope, kind, key) in (
            select k.scope, k.kind, k.key from task_keys k left join task_runs r on r.id = k.run_id
             where coalesce(k.expires_at < now(), r.finished_at < now() - interval '24 hours',
                            k.created_at < now() - interval '1 day')
               and (r.id is null or r.finished_at is not null)
             limit %(limit)s)
        """,
    "task_runs": f"""
        with old as (
            select r.id from task_runs r
             where r.finished_at is not null and r.finished_at < now() - interval '14 days'
               and (r.state = 'succeeded'
                    or r.state = 'cancelled' and r.finished_at < now() - interval '30 days'
                    or r.state = 'failed' and r.finished_at < now() - interval '90 days')
               and not exists (select from task_runs c where c.parent_id = r.id and {sql.under_way("c")})
               and not exists (select from task_keys k where k.run_id = r.id)
             order by r.finished_at limit %(limit)s for update of r skip locked),
        attempts as (delete from task_attempts a using old where a.run_id = old.id)
        delete from task_runs r using old where r.id = old.id
        """,
    "effects": """
        delete from effects where (key, generation) in (
            select key, generation from effects
             where first_intended_at < now() - interval '400 days' and state <> 'intended' limit %(limit)s)
        """,
    "schedule_periods": """
        delete from schedule_periods where (name, period) in (
            select name, period from schedule_periods where period < now() - interval '400 days' limit %(limit)s)
        """,
    "inbound_events": """
        delete from inbound_events where id in (
            select id from inbound_events where received_at < now() - interval '90 days' limit %(limit)s)
        """,
    "workers": "delete from workers where expires_at < now() - interval '1 day'",
}


EXPIRED = f"""
select r.id from task_runs r
 where r.state = 'queued' and r.expires_at < now()
   and not {sql.unapplied_answer()}
 order by r.id limit %(limit)s for no key update of r skip locked
"""


def prune(transact: Transact, limit: int) -> dict[str, int]:
    """Delete up to `limit` rows per table; returns how many went, by table.

    transact: runs a function in a transaction of its own and commits it. Each table is one; what goes wrong in one is
    raised after the others had their turn. Expired runs that no dispatcher comes across (their queue is paused, or no
    worker knows their task) end here.
    """
    works: dict[str, Callable[[Connection], int]] = {
        "expired": partial(_expire, limit=limit),
        "hints": heal_dispatches,
        **{name: partial(execute, sql=text, parameters={"limit": limit}) for name, text in STATEMENTS.items()},
    }
    deleted: dict[str, int] = {}
    faults: list[Exception] = []
    for table, work in works.items():
        try:
            deleted[table] = transact(work)
        except Exception as error:
            if is_away(error):
                raise
            log.warning("prune.broken", table=table, error=type(error).__name__)
            faults.append(error)
    if faults:
        raise faults[0]
    return {table: deleted[table] for table in STATEMENTS}


def _expire(connection: Connection, limit: int) -> int:
    rows = query(connection, EXPIRED, {"limit": limit})
    expire(connection, [row["id"] for row in rows])
    return len(rows)
