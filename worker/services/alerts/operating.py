"""What an operator asks of alert runs by hand: to start one, to see, stop and resume it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue import alerts as catalogue
from worker.kit.database import query
from worker.services.alerts import progress
from worker.services.alerts.progress import RunProgress

COLUMNS = "r.id as run_id, r.state, r.progress, r.result, r.error, a.id as alert_run_id"

TASKS = [task.name for task in (catalogue.RUN, catalogue.INSTANT, catalogue.RERUN, catalogue.TEST)]

# Runs are forgotten before their alert runs.
BY_RUN = f"""
select {COLUMNS} from task_runs r left join alert_runs a on a.run_id = r.id
 where r.id = %(id)s and r.task = any(%(tasks)s)
"""
BY_ALERT_RUN = f"select {COLUMNS} from alert_runs a left join task_runs r on r.id = a.run_id where a.id = %(id)s"


@dataclass(frozen=True, slots=True)
class Known:
    """A run with its alert run. run_id, state: None once the run is forgotten; reached: None before it has begun;
    said: the run's progress, result or error.
    """

    run_id: UUID | None
    state: str | None
    said: Mapping[str, Any]
    reached: RunProgress | None


def find(connection: Connection, identifier: int | UUID) -> Known | None:
    """By the number of an alert run, or by the id of a run of alerts; None when there is none."""
    sql = BY_RUN if isinstance(identifier, UUID) else BY_ALERT_RUN
    rows = query(connection, sql, {"id": identifier, "tasks": TASKS})
    if not rows:
        return None
    row = rows[0]
    reached = progress.of_run(connection, row["alert_run_id"]) if row["alert_run_id"] else None
    return Known(row["run_id"], row["state"], row["error"] or row["result"] or row["progress"] or {}, reached)
