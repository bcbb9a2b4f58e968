"""How far an alert run has come."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.ledger.runs import sum_of_results
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

OF_RUN = """
select a.*, extract(epoch from coalesce(a.finished_at, now()) - a.started_at)::float8 as seconds,
       (select count(distinct m.id) from alert_digests d join email_messages m on m.id = d.message_id
         where d.alert_run_id = a.id and m.sent_at is not null) as mailed
  from alert_runs a where a.id = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """total: active alerts of the frequency, of the instant ones those that do not rest; scanned: of those, have
    looked at every offer up to the horizon; matched: found something and have a reader; mailed: mails that have left;
    skipped: found something and got nothing, by reason; rate: alerts per second since the run was begun or resumed;
    seconds_left: until the last digest, while it runs.
    """

    alert_run_id: int
    frequency: str
    period: datetime
    state: str
    total: int
    scanned: int
    matched: int
    digests: int
    mailed: int
    skipped: Mapping[str, int]
    rate: float
    seconds_left: float | None
    started_at: datetime
    finished_at: datetime | None

    def shown(self) -> dict[str, Any]:
        """As a run's progress and result keep it."""
        return {
            "alert_run_id": self.alert_run_id,
            "frequency": self.frequency,
            "period": self.period.isoformat(),
            "state": self.state,
            "alerts_total": self.total,
            "alerts_scanned": self.scanned,
            "alerts_matched": self.matched,
            "digests_stored": self.digests,
            "mailed": self.mailed,
            "skipped": dict(self.skipped),
            "rate": self.rate,
            "seconds_left": self.seconds_left,
        }


def of_run(connection: Connection, alert_run_id: int) -> RunProgress | None:
    """None for an unknown alert run. Cost: one index look-up per stored digest, for `mailed`."""
    rows = query(connection, OF_RUN, (alert_run_id,))
    if not rows:
        return None
    # What the shards of this beginning have looked at, so that a pause does not count.
    lately = sum_of_results(connection, rows[0]["run_id"], "alerts", since=rows[0]["started_at"])
    return _progress(rows[0], lately)


def count(connection: Connection, alert_run_id: int, scanned: int, stored: Stored) -> bool:
    """Add what a shard did; whether the run has ended already. Late in its transaction, because every shard of the run
    queues for this row, and so does whoever ends the run.
    """
    values = {"id": alert_run_id, "scanned": scanned, "digests": stored.digests}
    rows = query(connection, COUNT, {**values, "skipped": Jsonb(dict(stored.skipped))})
    return bool(rows and rows[0]["ended"])


def _progress(row: Row, lately: int) -> RunProgress:
    rate = lately / row["seconds"] if row["seconds"] > 0 else 0.0
    left = max(row["alerts_total"] - row["alerts_scanned"], 0)
    return RunProgress(
        alert_run_id=row["id"],
        frequency=row["frequency"],
        period=row["period"],
        state=row["state"],
        total=row["alerts_total"],
        scanned=row["alerts_scanned"],
        matched=row["alerts_matched"],
        digests=row["digests_stored"],
        mailed=row["mailed"],
        skipped=row["skipped"],
        rate=round(rate, 1),
        # Rounded up: no time at all is left only when nothing is.
        seconds_left=math.ceil(left / rate * 10) / 10 if rate and row["finished_at"] is None else None,
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
