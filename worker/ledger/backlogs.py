"""Tables whose rows are work: while such a table has rows, a run of its task is under way."""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.kit.database import query
from worker.ledger.enqueue import NewRun, enqueue_all

# Any constant will do, as long as nobody else uses it.
LOCK = 7_313_340_226_003

UNDER_WAY = "select 1 from task_runs where task = %s and state in ('queued', 'running') limit 1"


def attend(connection: Connection, backlogs: Mapping[str, str]) -> int:
    """Enqueue the task of each table (task by table) that has rows and no open run; returns how many.

    Any number of callers may look at the same time: one of them acts. Cost: a look at each table while all are empty.
    """
    tables = [table for table in backlogs if query(connection, f"select 1 from {table} limit 1")]
    if not tables or not query(connection, "select pg_try_advisory_xact_lock(%s) as mine", (LOCK,))[0]["mine"]:
        return 0
    idle = [backlogs[table] for table in tables if not query(connection, UNDER_WAY, (backlogs[table],))]
    return len(enqueue_all(connection, [NewRun(task, {}) for task in idle]))
