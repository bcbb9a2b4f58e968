"""Reading what a run needs to know of alerts: what the due ones look for, and who reads those that found something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from worker.kit.columns import numbers
from worker.kit.database import raw
from worker.kit.mailboxes import canonical

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

READERS = """
select a.id, a.name, u.id, u.email, coalesce(p.locale, 'fr'),
       case when a.origin not in ('translated', 'platform') then 'untranslated'
            when u.id is null then 'no_user'
            when not coalesce(u.is_active, true) then 'inactive_user'
            when coalesce(p.all_alerts_stopped, false) then 'unsubscribed'
            when exists (select from alert_digests g where g.alert_id = a.id and g.period = %(period)s::timestamptz)
                 then 'served' end
  from unnest(%(ids)s::integer[]) as hit(id) join job_alerts a on a.id = hit.id
  left join candidates c on c.id = a.candidate_id
  left join users u on u.id = c.user_id
  left join recipient_preferences p on p.user_id = u.id
"""

HELD_BACK = """
select address, 'suppressed' from suppressions where address = any(%(addresses)s::text[]) and lifted_at is null
union all
select address, 'unsubscribed' from recipient_preferences
 where address = any(%(addresses)s::text[]) and all_alerts_stopped
"""

# Why an alert that found something is passed over. What `WAITING` names keeps its watermark: the offers are not lost.
UNTRANSLATED = "untranslated"
SERVED = "served"
WAITING = frozenset({UNTRANSLATED, SERVED})


@dataclass(frozen=True, slots=True)
class Alerts:
    """Alerts side by side, by ascending id. watermarks: the highest offer number each has looked at; criteria: JSON."""

    ids: NDArray[np.int64]
    watermarks: NDArray[np.int64]
    criteria: list[str]


class Reader(NamedTuple):
    """Whom a digest is for. skip: why the alert is passed over (its owner, an address we must not write to, a digest
    that it already has for this instant), or None.
    """

    alert_id: int
    name: str
    user_id: int | None
    email: str | None
    locale: str
    skip: str | None


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


def readers(connection: Connection, alert_ids: Sequence[int], period: datetime | None) -> dict[int, Reader]:
    """The readers of these alerts by alert id; an alert that is gone has none. Without a period none is `served`."""
    found = raw(connection).execute(READERS.encode(), {"ids": numbers(alert_ids), "period": period})
    known = [reader._replace(email=canonical(reader.email) or reader.email) for reader in map(Reader._make, found)]
    addresses = list({reader.email for reader in known if reader.email})
    held = dict(raw(connection).execute(HELD_BACK.encode(), {"addresses": addresses}).fetchall())
    return {reader.alert_id: _judged(reader, held) for reader in known}


def _judged(reader: Reader, held: Mapping[str, str]) -> Reader:
    """What holds for the address comes behind what holds for the account, and before a digest it has already."""
    reason = held.get(reader.email or "") if reader.skip in (None, SERVED) else None
    return reader._replace(skip=reason) if reason else reader


def _alerts(connection: Connection, sql: str, parameters: Mapping[str, Any]) -> Alerts:
    row = raw(connection).execute(sql.encode(), parameters).fetchone()
    if row is None or row[0] is None:
        return Alerts(_numbers(""), _numbers(""), [])
    return Alerts(_numbers(row[0]), _numbers(row[1]), row[2].split("\n"))


def _numbers(text: str) -> NDArray[np.int64]:
    return np.array(text.split(",") if text else [], dtype=np.int64)
