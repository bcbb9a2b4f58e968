"""An alert run: one frequency and period, cut into shards, finished when they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.alerts import MATCH_SHARD, MatchShard
from worker.kit.database import Row, execute, query
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Done, Recorded, Snooze
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.selection import OF_FREQUENCY
from worker.services.email import batches

SHARD_SIZE = 2000
WAIT = 5.0

SHARDS = f"""
select min(id) as first_id, max(id) as last_id from (
    select a.id, (row_number() over (order by a.id) - 1) / %(size)s as shard
      from job_alerts a where {OF_FREQUENCY} and coalesce(a.is_active, true)) numbered
 group by shard order by shard
"""

OPEN = """
select count(*) filter (where state in ('queued', 'running')) as open,
       count(*) filter (where state in ('failed', 'cancelled', 'uncertain')) as failed
  from task_runs where parent_id = %s and created_at >= %s
"""

# A run that has ended without finishing leaves its alert run open.
CLOSE = """
update alert_runs a set state = case when r.state = 'cancelled' then 'cancelled' else 'failed' end, finished_at = now()
  from task_runs r
 where a.finished_at is null and a.state = 'running' and r.id = a.run_id and r.state not in ('queued', 'running')
"""


def advance(connection: Connection, run_id: UUID, frequency: str, period: datetime, *, anew: bool = False) -> Recorded:
    """Take an alert run one step further: begin it, wait for its shards, or finish it.

    Whoever comes second for a frequency and period gets the first one's result, or takes its place when it ended
    without finishing. anew: this is the first step since the run was written or retried by hand, so that shards
    which it had before do not count.
    """
    alert_run = None if anew else _begun(connection, run_id, frequency, period)
    if alert_run is not None:
        return _wait_or_finish(connection, run_id, alert_run)
    alert_run = _mine(connection, run_id, frequency, period)
    if alert_run is None:
        return Snooze(30.0)
    if alert_run["finished_at"] is not None and alert_run["state"] == "succeeded":
        return Done(summary(alert_run))
    return _begin(connection, run_id, alert_run)


def _begun(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> Row | None:
    """The alert run that this run has begun and not finished.

    Not locked: a shard holds it when it locks its parent, and we are that parent. Nobody takes it from a live run.
    """
    rows = query(
        connection,
        """
        select * from alert_runs
         where frequency = %s and period = %s and run_id = %s and horizon is not null and finished_at is null
        """,
        (frequency, period, run_id),
    )
    return rows[0] if rows else None


def _mine(connection: Connection, run_id: UUID, frequency: str, period: datetime) -> Row | None:
    execute(
        connection,
        "insert into alert_runs (frequency, period, run_id) values (%s, %s, %s) on conflict do nothing",
        (frequency, period, run_id),
    )
    row = query(
        connection,
        """
        select a.*, exists (select from task_runs r where r.id = a.run_id and r.state in ('queued', 'running')) as owned
          from alert_runs a where a.frequency = %s and a.period = %s for update of a
        """,
        (frequency, period),
    )[0]
    busy_elsewhere = row["run_id"] != run_id and row["owned"] and row["finished_at"] is None
    return None if busy_elsewhere else row


def _begin(connection: Connection, run_id: UUID, alert_run: Row) -> Recorded:
    """The horizon of a first try stays: alerts that have their digest would lose what was numbered since."""
    adopt_alerts(connection)
    numbered = number_offers(connection)
    horizon = numbered if alert_run["horizon"] is None else alert_run["horizon"]
    shards = query(connection, SHARDS, {"frequency": alert_run["frequency"], "size": SHARD_SIZE})
    execute(
        connection,
        """
        update alert_runs set run_id = %s, horizon = %s, state = 'running', started_at = now(), finished_at = null,
               alerts_scanned = 0, skipped = '{}' where id = %s
        """,
        (run_id, horizon, alert_run["id"]),
    )
    enqueue_all(
        connection,
        [
            NewRun(MATCH_SHARD.name, MatchShard(alert_run_id=alert_run["id"], **shard).model_dump(), parent_id=run_id)
            for shard in shards
        ],
    )
    return Snooze(WAIT if shards else 0.0)


def _wait_or_finish(connection: Connection, run_id: UUID, alert_run: Row) -> Recorded:
    shards = query(connection, OPEN, (run_id, alert_run["started_at"]))[0]
    if shards["open"]:
        return Snooze(WAIT)
    batches.fill(connection)
    finished = query(
        connection,
        "update alert_runs set state = %s, finished_at = now() where id = %s returning *",
        ("failed" if shards["failed"] else "succeeded", alert_run["id"]),
    )[0]
    return Done({**summary(finished), "failed_shards": shards["failed"]})


def close_abandoned(connection: Connection) -> int:
    """Alert runs whose run was cancelled or given up say so; returns how many. A retry of the run begins them anew."""
    return execute(connection, CLOSE)


def adopt_alerts(connection: Connection) -> int:
    """Give alerts that the main web app wrote their owner; returns how many."""
    return int(query(connection, "select translate_job_alerts() as adopted")[0]["adopted"])


def summary(alert_run: Row) -> dict[str, Any]:
    """What the run's result tells."""
    return {
        "alert_run_id": alert_run["id"],
        "frequency": alert_run["frequency"],
        "period": alert_run["period"].isoformat(),
        "state": alert_run["state"],
        "alerts_scanned": alert_run["alerts_scanned"],
        "alerts_matched": alert_run["alerts_matched"],
        "digests_stored": alert_run["digests_stored"],
        "skipped": alert_run["skipped"],
    }
