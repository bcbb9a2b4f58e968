"""An alert's watermark: the highest offer number it has looked at. It moves once per run, however often that tries."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from worker.kit.columns import numbers
from worker.kit.database import query
from worker.services.alerts.alert_run import AlertRun
from worker.services.alerts.selection import OF_FREQUENCY

# Compared with what was read: criteria that changed meanwhile have moved the watermark, and so has another run.
UNCHANGED = f"coalesce(a.last_number, 0) = s.watermark and coalesce(a.is_active, true) and {OF_FREQUENCY}"

MOVE = f"""
with moved as (
    update job_alerts a set last_number = %(upper_bound)s
      from unnest(%(ids)s::integer[], %(watermarks)s::bigint[]) as s(id, watermark)
     where a.id = s.id and {UNCHANGED}
    returning a.id)
select array_agg(id) as ids from moved
"""

SERVE = f"""
with served as (
    update job_alerts a
       set last_number = %(upper_bound)s, jobs_sent_count = coalesce(a.jobs_sent_count, 0) + s.shown,
           last_sent_at = now(), last_matching_job_id = s.job_id, updated_at = now()
      from unnest(%(ids)s::integer[], %(watermarks)s::bigint[], %(shown)s::integer[], %(jobs)s::integer[])
           as s(id, watermark, shown, job_id)
     where a.id = s.id and {UNCHANGED}
    returning a.id)
select array_agg(id) as ids from served
"""


Numbers = Sequence[int] | NDArray[np.int64]


class Served(NamedTuple):
    """What an alert gets. watermark: what was read; shown: offers named; job_id: the newest of them."""

    alert_id: int
    watermark: int
    shown: int
    job_id: int


def move(connection: Connection, alert_run: AlertRun, ids: Numbers, watermarks: Numbers) -> set[int]:
    """Move the watermarks of alerts that get nothing to the run's upper bound; the ids of those that moved.

    By ascending id, as every run locks them. watermarks: as they were read.
    """
    if not len(ids):
        return set()
    values = {**_run(alert_run), "ids": numbers(ids), "watermarks": numbers(watermarks)}
    return set(query(connection, MOVE, values)[0]["ids"] or ())


def serve(connection: Connection, alert_run: AlertRun, alerts: Sequence[Served]) -> set[int]:
    """Move the watermarks of alerts that get a digest, and count it; the ids of those that moved, which are ours alone.

    By ascending id, as every run locks them.
    """
    if not alerts:
        return set()
    ids, watermarks, shown, jobs = (numbers(column) for column in zip(*alerts, strict=True))
    values = {**_run(alert_run), "ids": ids, "watermarks": watermarks, "shown": shown, "jobs": jobs}
    return set(query(connection, SERVE, values)[0]["ids"] or ())


def _run(alert_run: AlertRun) -> dict[str, Any]:
    return {"upper_bound": alert_run.upper_bound, "frequency": alert_run.frequency}
