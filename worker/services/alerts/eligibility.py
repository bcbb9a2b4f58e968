"""Who gets mail about job alerts: what recipients decided about their alerts, and why an alert's mail goes to nobody.

Nothing else reads or writes these decisions. The mail room asks `subscriptions`, which is handed to it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from models.enums import AlertFrequency
from worker.kit.columns import numbers, texts
from worker.kit.database import Row, execute, query, raw
from worker.kit.ids import LARGEST_ROW_ID
from worker.kit.mailboxes import canonical
from worker.services.email.recipients import suppression
from worker.services.email.recipients.eligibility import Subscriptions

# Why an alert that found something is passed over. What `WAITING` names keeps its watermark: the offers are not lost.
UNTRANSLATED = "untranslated"
SERVED = "served"
WAITING = frozenset({UNTRANSLATED, SERVED})
WHY_NOT = {
    UNTRANSLATED: "it belongs to no candidate",
    "no_user": "its owner's account is gone",
    "inactive_user": "its owner's account is switched off",
    "unsubscribed": "its owner stopped all alerts",
    "suppressed": "its owner's address is on the suppression list",
}

RECIPIENTS = """
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

STOPPED = """
select array(select user_id from recipient_preferences
              where user_id = any(%(users)s::integer[]) and all_alerts_stopped) as users,
       array(select address from recipient_preferences
              where address = any(string_to_array(%(addresses)s, chr(31))) and all_alerts_stopped) as addresses,
       array(select id from job_alerts where id = any(%(alerts)s::integer[]) and coalesce(is_active, true)) as alerts
"""

# An alert that the main web app wrote belongs to nobody we know until it is translated.
OWN = """
from job_alerts a join candidates c on c.id = a.candidate_id
where c.user_id = %(user)s and a.origin in ('translated', 'platform')
  and (%(alert)s::integer is null or a.id = %(alert)s)
"""
CHANGED = f"update job_alerts t set {{}}, updated_at = now() where t.id in (select a.id {OWN})"


class Recipient(NamedTuple):
    """Whom a digest is for. skip: why the alert is passed over (its owner, an address we must not write to, a digest
    that it already has for this instant), or None.
    """

    alert_id: int
    name: str
    user_id: int | None
    email: str | None
    locale: str
    skip: str | None


@dataclass(frozen=True, slots=True)
class AlertPreference:
    id: int
    name: str
    frequency: AlertFrequency
    active: bool


@dataclass(frozen=True, slots=True)
class Preferences:
    """alerts: by name. stopped: no alert reaches this user, whatever each says."""

    alerts: tuple[AlertPreference, ...]
    stopped: bool


def recipients(connection: Connection, alert_ids: Sequence[int], period: datetime | None) -> dict[int, Recipient]:
    """The recipients of these alerts by alert id; an alert that is gone has none. Without a period none is `served`."""
    rows = raw(connection).execute(RECIPIENTS.encode(), {"ids": numbers(alert_ids), "period": period})
    known = [each._replace(email=canonical(each.email) or each.email) for each in map(Recipient._make, rows)]
    held = _held_back(connection, {each.email for each in known if each.email})
    return {each.alert_id: _judged(each, held) for each in known}


def _held_back(connection: Connection, addresses: Collection[str]) -> Mapping[str, str]:
    """Why nothing about alerts goes to an address, whoever has it."""
    suppressed = suppression.among(connection, addresses)
    stopped = subscriptions(connection, users=(), addresses=addresses, alerts=()).stopped_addresses
    return {**dict.fromkeys(suppressed, "suppressed"), **dict.fromkeys(stopped, "unsubscribed")}


def _judged(recipient: Recipient, held: Mapping[str, str]) -> Recipient:
    """What holds for the address comes behind what holds for the account, and before a digest it has already."""
    reason = held.get(recipient.email or "") if recipient.skip in (None, SERVED) else None
    return recipient._replace(skip=reason) if reason else recipient


def subscriptions(
    connection: Connection, *, users: Collection[int], addresses: Collection[str], alerts: Collection[int]
) -> Subscriptions:
    """What the mail room asks before it fixes mails about alerts (worker.services.email.recipients.eligibility)."""
    asked = {"users": numbers(users), "addresses": texts(addresses), "alerts": numbers(alerts)}
    [found] = query(connection, STOPPED, asked)
    return Subscriptions(frozenset(found["users"]), frozenset(found["addresses"]), frozenset(found["alerts"]))


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


def _alert(row: Row) -> AlertPreference:
    frequency = AlertFrequency.stored(row["label"], row["own_frequency"])
    return AlertPreference(row["id"], row["name"], frequency, row["is_active"] is not False)


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
