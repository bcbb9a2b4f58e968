"""How far an alert run has come."""

import math
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import query
from worker.ledger.runs import sum_of_results
from worker.services.alerts.alert_run import AlertRun, get
from worker.services.alerts.digests import Stored

COUNT = """
update alert_runs
   set alerts_scanned = alerts_scanned + %(scanned)s, alerts_matched = alerts_matched + %(digests)s,
       digests_stored = digests_stored + %(digests)s,
       skipped = (select coalesce(jsonb_object_agg(reason, number), '{}') from (
                      select key as reason, sum(value::integer) as number from (
                          select * from jsonb_each_text(skipped)
                          union all select * from jsonb_each_text(%(skipped)s::jsonb)) both_times group by key) summed)
 where id = %(id)s
returning finished_at is not null as ended
"""

MEASURED = """
select extract(epoch from coalesce(a.finished_at, now()) - a.started_at)::float8 as seconds,
       (select count(distinct m.id) from alert_digests d join email_messages m on m.id = d.message_id
         where d.alert_run_id = a.id and m.sent_at is not null) as mailed
  from alert_runs a where a.id = %s
"""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Of the alert run, alerts_total: active alerts of the frequency, of the instant ones those that do not rest;
    alerts_scanned: of those, have looked at every offer up to the upper bound; alerts_matched: found something and
    have a recipient. mailed: mails that have left; rate: alerts per second since the run was begun or resumed;
    seconds_left: until the last digest, while it runs.
    """

    alert_run: AlertRun
    mailed: int
    rate: float
    seconds_left: float | None

    def shown(self) -> dict[str, Any]:
        """As a run's progress and result keep it."""
        measured = {"mailed": self.mailed, "rate": self.rate, "seconds_left": self.seconds_left}
        return {**self.alert_run.summary(), **measured}


def of_run(connection: Connection, alert_run_id: int) -> RunProgress | None:
    """None for an unknown alert run. Cost: one index look-up per stored digest, for `mailed`."""
    alert_run = get(connection, alert_run_id)
    return None if alert_run is None else of_alert_run(connection, alert_run)


def of_alert_run(connection: Connection, alert_run: AlertRun) -> RunProgress:
    """Cost: as of `of_run`."""
    [measured] = query(connection, MEASURED, (alert_run.id,))
    # What the shards of this beginning have looked at, so that a pause does not count.
    lately = sum_of_results(connection, alert_run.run_id, "alerts", since=alert_run.started_at)
    rate = lately / measured["seconds"] if measured["seconds"] > 0 else 0.0
    return RunProgress(alert_run, measured["mailed"], round(rate, 1), _seconds_left(alert_run, rate))


def _seconds_left(alert_run: AlertRun, rate: float) -> float | None:
    """Rounded up: no time at all is left only when nothing is."""
    if not rate or alert_run.finished_at is not None:
        return None
    return math.ceil(max(alert_run.alerts_total - alert_run.alerts_scanned, 0) / rate * 10) / 10


def count(connection: Connection, alert_run_id: int, scanned: int, stored: Stored) -> bool:
    """Add what a shard did; whether the run has ended already. Late in its transaction, because every shard of the run
    queues for this row, and so does whoever ends the run.
    """
    values = {"id": alert_run_id, "scanned": scanned, "digests": stored.digests}
    rows = query(connection, COUNT, {**values, "skipped": Jsonb(dict(stored.skipped))})
    return bool(rows and rows[0]["ended"])
