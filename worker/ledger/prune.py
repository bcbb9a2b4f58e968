"""Forgetting what nobody needs any more."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.logging import get_logger
from worker.kit.outages import is_away
from worker.kit.retention import Retention
from worker.ledger import sql
from worker.ledger.clock import heal_dispatches
from worker.ledger.dispatch import expire
from worker.ledger.retention import RETENTION

log = get_logger(__name__)

Transact = Callable[[Callable[[Connection], Any]], Any]

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
        **{each.table: partial(_forget, entry=each, limit=limit) for each in RETENTION},
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
    return {each.table: deleted[each.table] for each in RETENTION}


def _forget(connection: Connection, entry: Retention, limit: int) -> int:
    return entry.step(connection, limit).rows


def _expire(connection: Connection, limit: int) -> int:
    rows = query(connection, EXPIRED, {"limit": limit})
    expire(connection, [row["id"] for row in rows])
    return len(rows)
