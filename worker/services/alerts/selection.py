"""Reading what a run needs to know of alerts: which are due, and what they look for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from worker.kit.database import raw

# `monthly` is ours and stored as WEEKLY; it counts only while that is still the stored label.
OF_FREQUENCY = """
case when a.own_frequency = 'monthly' and a.frequency::text = 'WEEKLY' then 'monthly'
     else lower(a.frequency::text) end = %(frequency)s
"""

# An instant alert rests after a digest. Its watermark stays meanwhile, so that the run after it finds everything.
REST = "interval '15 minutes'"
RESTED = f"(%(frequency)s <> 'instant' or a.last_sent_at is null or a.last_sent_at <= now() - {REST})"

ACTIVE = f"coalesce(a.is_active, true) and {OF_FREQUENCY} and {RESTED}"

# There is something that the alert has not looked at.
BEHIND = "coalesce(a.last_number, 0) < %(upper_bound)s"

# One row of long texts costs a fraction of a row per alert. A JSON text has line breaks only between its parts.
COLUMNS = """
select string_agg(d.id::text, ',') as ids, string_agg(d.watermark::text, ',') as watermarks,
       string_agg(translate(d.criteria, E'\\n\\r', '  '), E'\\n') as criteria
  from (select a.id, coalesce(a.last_number, 0) as watermark, a.criteria::text as criteria
          from job_alerts a where {} order by a.id) d
"""

ALERTS = COLUMNS.format(f"a.id between %(first_id)s and %(last_id)s and {ACTIVE} and {BEHIND}")

ONE = COLUMNS.format("a.id = %(alert_id)s")


@dataclass(frozen=True, slots=True)
class Alerts:
    """Alerts side by side, by ascending id. watermarks: the highest offer number each has looked at; criteria: JSON."""

    ids: NDArray[np.int64]
    watermarks: NDArray[np.int64]
    criteria: list[str]


def due(connection: Connection, frequency: str, first_id: int, last_id: int, upper_bound: int) -> Alerts:
    """The active alerts of a frequency with first_id <= id <= last_id and a watermark below the bound; no locks."""
    return _alerts(
        connection,
        ALERTS,
        {"frequency": frequency, "first_id": first_id, "last_id": last_id, "upper_bound": upper_bound},
    )


def one(connection: Connection, alert_id: int) -> Alerts:
    """An alert alone, whether it is due or not; none when it is gone."""
    return _alerts(connection, ONE, {"alert_id": alert_id})


def _alerts(connection: Connection, sql: str, parameters: Mapping[str, Any]) -> Alerts:
    row = raw(connection).execute(sql.encode(), parameters).fetchone()
    if row is None or row[0] is None:
        return Alerts(_numbers(""), _numbers(""), [])
    return Alerts(_numbers(row[0]), _numbers(row[1]), row[2].split("\n"))


def _numbers(text: str) -> NDArray[np.int64]:
    return np.array(text.split(",") if text else [], dtype=np.int64)
