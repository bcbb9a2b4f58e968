"""Tables whose rows are work: while such a table has rows, a run of its task is under way."""

from collections.abc import Mapping

from sqlalchemy import Connection

from worker.kit.database import query, try_hold
from worker.kit.locks import Lock
from worker.ledger.enqueue import NewRun, enqueue_all

# Such runs belong to no company: what companies have waiting, and what has ended, is not read.
UNDER_WAY = """
select 1 from task_runs where state = 'running' and task = %(task)s
 union all
(select 1 from task_runs
  where state = 'queued' and queue = (select queue from task_catalogue where name = %(task)s)
    and company_id = 0 and task = %(task)s limit 1)
 limit 1
"""


def enqueue_for_pending_rows(connection: Connection, backlogs: Mapping[str, str]) -> int:
    """Enqueue the task of each table (task by table) that has rows and no open run; returns how many.

    Any number of callers may look at the same time: one of them acts. Cost: a look at each table while all are empty.
    """
    tables = [table for table in backlogs if query(connection, f"select 1 from {table} limit 1")]
    if not tables or not try_hold(connection, Lock.SERVING_BACKLOGS):
        return 0
    idle = [backlogs[table] for table in tables if not under_way(connection, backlogs[table])]
    return len(enqueue_all(connection, [NewRun(task, {}) for task in idle]))


def under_way(connection: Connection, task: str) -> bool:
    """Whether a run of this task, which nobody asks for on a company's behalf, is queued or running."""
    return bool(query(connection, UNDER_WAY, {"task": task}))
