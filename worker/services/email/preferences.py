"""What recipients decide about their alerts: which are paused, how often they come, whether any come at all."""

from dataclasses import dataclass

from sqlalchemy import Connection

from models.enums import AlertFrequency
from worker.kit.database import Row, execute, query
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.mailboxes import canonical

# An alert that the main web app wrote belongs to nobody we know until it is translated.
OWN = """
from job_alerts a join candidates c on c.id = a.candidate_id
where c.user_id = %(user)s and a.origin in ('translated', 'platform')
  and (%(alert)s::integer is null or a.id = %(alert)s)
"""
CHANGED = f"update job_alerts t set {{}}, updated_at = now() where t.id in (select a.id {OWN})"


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    name: str
    frequency: AlertFrequency
    active: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """alerts: by name. stopped: no alert reaches this user, whatever each says."""

    alerts: tuple[Alert, ...]
    stopped: bool


def find(connection: Connection, user_id: int, alert_id: int | None = None) -> Preferences | None:
    """A user's alerts, or one of them; None when the user, or that alert, is gone."""
    if user_id > LARGEST_ROW_ID or (alert_id or 0) > LARGEST_ROW_ID:
        return None
    users = query(connection, "select email from users where id = %s", (user_id,))
    rows = query(
        connection,
        f"select a.id, a.name, a.frequency::text as label, a.own_frequency, a.is_active {OWN} order by a.name, a.id",
        {"user": user_id, "alert": alert_id},
    )
    if not users or (alert_id is not None and not rows):
        return None
    return Preferences(tuple(_alert(row) for row in rows), _is_stopped(connection, user_id, users[0]["email"]))


def _is_stopped(connection: Connection, user_id: int, email: str | None) -> bool:
    return bool(
        query(
            connection,
            "select 1 from recipient_preferences where all_alerts_stopped and (user_id = %s or address = %s) limit 1",
            (user_id, canonical(email)),
        )
    )


def _alert(row: Row) -> Alert:
    frequency = AlertFrequency.stored(row["label"], row["own_frequency"])
    return Alert(row["id"], row["name"], frequency, row["is_active"] is not False)


def set_active(connection: Connection, user_id: int, alert_id: int, *, active: bool) -> bool:
    """Pause an alert or let it go on; False when the user has no such alert."""
    return bool(
        execute(
            connection,
            CHANGED.format("is_active = %(active)s"),
            {"active": active, "user": user_id, "alert": alert_id},
        )
    )


def set_frequency(connection: Connection, user_id: int, alert_id: int, frequency: AlertFrequency) -> bool:
    """Change how often an alert comes; False when the user has no such alert."""
    return bool(
        execute(
            connection,
            CHANGED.format("frequency = %(label)s::jobalertfrequency, own_frequency = %(own)s"),
            {"label": frequency.label, "own": frequency.own, "user": user_id, "alert": alert_id},
        )
    )


def set_stopped(connection: Connection, user_id: int, *, stopped: bool) -> bool:
    """Stop every alert of a user, or let those go on that are not paused; False when the user is gone."""
    known = query(
        connection,
        """
        insert into recipient_preferences (user_id, all_alerts_stopped)
        select id, %(stopped)s from users where id = %(user)s
        on conflict (user_id) do update set all_alerts_stopped = excluded.all_alerts_stopped, updated_at = now()
        returning (select u.email from users u where u.id = user_id) as email
        """,
        {"user": user_id, "stopped": stopped},
    )
    if known and not stopped:
        execute(
            connection,
            """
            update recipient_preferences set all_alerts_stopped = false, updated_at = now()
             where address = %s and all_alerts_stopped
            """,
            (canonical(known[0]["email"]),),
        )
    return bool(known)
