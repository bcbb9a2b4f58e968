"""An alert run: one frequency and period of alerts, as its row stands."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import query

State = Literal["running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRun:
    """run_id: the run that carries it out; upper_bound: the highest offer number that it looks at, None before it has
    begun; skipped: alerts that found something and got nothing, by reason.
    """

    id: int
    frequency: str
    period: datetime
    run_id: UUID | None
    upper_bound: int | None
    state: State
    alerts_total: int
    alerts_scanned: int
    alerts_matched: int
    digests_stored: int
    skipped: Mapping[str, int]
    started_at: datetime
    finished_at: datetime | None

    def summary(self) -> dict[str, Any]:
        """What the run's result tells."""
        return {
            "alert_run_id": self.id,
            "frequency": self.frequency,
            "period": self.period.isoformat(),
            "state": self.state,
            "alerts_total": self.alerts_total,
            "alerts_scanned": self.alerts_scanned,
            "alerts_matched": self.alerts_matched,
            "digests_stored": self.digests_stored,
            "skipped": self.skipped,
        }


STORED_AS = {"upper_bound": "horizon as upper_bound"}
COLUMNS = ", ".join(f"a.{STORED_AS.get(each.name, each.name)}" for each in fields(AlertRun))
"""Of alert_runs a, as `fetch` reads them."""


def fetch(connection: Connection, sql: str, parameters: Mapping[str, Any]) -> list[AlertRun]:
    """The alert runs that a statement answers as COLUMNS."""
    return [AlertRun(**row) for row in query(connection, sql, parameters)]


def get(connection: Connection, alert_run_id: int) -> AlertRun | None:
    found = fetch(connection, f"select {COLUMNS} from alert_runs a where a.id = %(id)s", {"id": alert_run_id})
    return found[0] if found else None


def of_period(connection: Connection, frequency: str, period: datetime, *, lock: bool = False) -> AlertRun | None:
    """The alert run of a frequency and period; there is one at most. lock: hold its row."""
    sql = f"select {COLUMNS} from alert_runs a where a.frequency = %(frequency)s and a.period = %(period)s"
    values = {"frequency": frequency, "period": period}
    found = fetch(connection, f"{sql} for update" if lock else sql, values)
    return found[0] if found else None


def finish(connection: Connection, alert_run: AlertRun, state: State) -> AlertRun:
    """The alert run as it has ended, with what its shards counted."""
    sql = f"update alert_runs a set state = %(state)s, finished_at = now() where a.id = %(id)s returning {COLUMNS}"
    return fetch(connection, sql, {"id": alert_run.id, "state": state})[0]
