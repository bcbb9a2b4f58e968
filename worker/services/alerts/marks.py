"""An alert's mark: the highest offer number it has looked at. It moves once per run, whoever tries and how often."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from worker.kit.columns import numbers
from worker.kit.database import Row, query
from worker.services.alerts.selection import OF_FREQUENCY

# Compared with what was read: criteria that changed meanwhile have moved the mark, and so has another run.
UNCHANGED = f"coalesce(a.last_number, 0) = s.mark and coalesce(a.is_active, true) and {OF_FREQUENCY}"

MOVE = f"""
with moved as (
    update job_alerts a set last_number = %(horizon)s
      from unnest(%(ids)s::integer[], %(marks)s::bigint[]) as s(id, mark)
     where a.id = s.id and {UNCHANGED}
    returning a.id)
select array_agg(id) as ids from moved
"""

SERVE = f"""
with served as (
    update job_alerts a
       set last_number = %(horizon)s, jobs_sent_count = coalesce(a.jobs_sent_count, 0) + s.shown, last_sent_at = now(),
           last_matching_job_id = s.job_id, updated_at = now()
      from unnest(%(ids)s::integer[], %(marks)s::bigint[], %(shown)s::integer[], %(jobs)s::integer[])
           as s(id, mark, shown, job_id)
     where a.id = s.id and {UNCHANGED}
    returning a.id)
select array_agg(id) as ids from served
"""


Numbers = Sequence[int] | NDArray[np.int64]


class Served(NamedTuple):
    """What an alert gets. mark: what was read; shown: offers named; job_id: the newest of them."""

    alert_id: int
    mark: int
    shown: int
    job_id: int


def move(connection: Connection, alert_run: Row, ids: Numbers, marks: Numbers) -> set[int]:
    """Move the marks of alerts that get nothing to the run's horizon; the ids of those that moved.

    By ascending id, as every run locks them. marks: as they were read.
    """
    if not len(ids):
        return set()
    values = {**_run(alert_run), "ids": numbers(ids), "marks": numbers(marks)}
    return set(query(connection, MOVE, values)[0]["ids"] or ())


def serve(connection: Connection, alert_run: Row, alerts: Sequence[Served]) -> set[int]:
    """Move the marks of alerts that get a digest, and count it; the ids of those that moved: nobody else serves them.

    By ascending id, as every run locks them.
    """
    if not alerts:
        return set()
    ids, marks, shown, jobs = (numbers(column) for column in zip(*alerts, strict=True))
    values = {**_run(alert_run), "ids": ids, "marks": marks, "shown": shown, "jobs": jobs}
    return set(query(connection, SERVE, values)[0]["ids"] or ())


def _run(alert_run: Row) -> dict[str, Any]:
    return {"horizon": alert_run["horizon"], "frequency": alert_run["frequency"]}
