"""Whether recipients still want their messages: asked right before a batch's bytes are fixed, and never later."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.mailboxes import PLAIN, canonical

ABOUT_ALERTS = "job_alert"

SUPPRESSED = """
update email_messages m set state = 'suppressed', error = 'The address is on the suppression list.', updated_at = now()
 where m.batch_id = %s and m.state in ('pending', 'sending')
   and exists (select from suppressions s where s.address = m.recipient and s.lifted_at is null)
"""

TAKE_OUT = """
update email_messages m set state = 'suppressed', error = u.reason, updated_at = now()
  from unnest(%s::bigint[], %s::text[]) as u(id, reason) where m.id = u.id
"""

_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Of the users, addresses and alerts that were asked about: who stopped all alerts, and which alerts go on."""

    stopped_users: frozenset[int]
    stopped_addresses: frozenset[str]
    active_alerts: frozenset[int]


class AskSubscriptions(Protocol):
    """What the alerts' own room answers; it is handed in, because this room knows no alert."""

    def __call__(
        self, connection: Connection, *, users: Collection[int], addresses: Collection[str], alerts: Collection[int]
    ) -> Subscriptions: ...


ODD = """
select id, recipient from email_messages
 where batch_id = %s and state in ('pending', 'sending') and recipient !~ %s
"""


def suppress_listed(connection: Connection, batch_id: int) -> None:
    """Take messages of a batch out whose recipient must not be written to."""
    _put_into_form(connection, batch_id)
    execute(connection, SUPPRESSED, (batch_id,))


def still_wanted(connection: Connection, rows: Sequence[Row], ask: AskSubscriptions) -> list[Row]:
    """Take messages out whose recipient no longer wants them; the others, without the sections of ended alerts.

    rows: whole and locked.
    """
    about_alerts = [row for row in rows if row["template"] == ABOUT_ALERTS]
    if not about_alerts:
        return list(rows)
    found = ask(
        connection,
        users={row["user_id"] for row in about_alerts if row["user_id"] is not None},
        addresses={row["recipient"] for row in about_alerts if row["recipient"] is not None},
        alerts={number for row in about_alerts for number in _alerts(row["context"])},
    )
    unwanted = {row["id"]: reason for row in about_alerts if (reason := _unwanted(row, found))}
    if unwanted:
        execute(connection, TAKE_OUT, (list(unwanted), list(unwanted.values())))
    return [_without_ended(row, found.active_alerts) for row in rows if row["id"] not in unwanted]


def _without_ended(row: Row, active: Collection[int]) -> Row:
    """A mail without the sections of alerts that were paused or deleted since it was written."""
    sections = _sections(row["context"])
    if not sections:
        return row
    kept = [each for each in sections if (number := _number(each)) is None or number in active]
    return {**row, "context": {**row["context"], "sections": kept}}


def _unwanted(row: Row, found: Subscriptions) -> str | None:
    """A digest names its alert; a row that names none can belong to no living alert."""
    if row["user_id"] in found.stopped_users or row["recipient"] in found.stopped_addresses:
        return "The recipient stopped all alerts."
    if (row["source"] or "").startswith("alert_digest:") and _number(row["context"]) not in found.active_alerts:
        return "The alert was paused or deleted."
    return None


def _alerts(context: Any) -> list[int]:
    """The alerts that a mail is about, itself or in its sections."""
    numbers = map(_number, [context, *_sections(context)])
    return [number for number in numbers if number is not None]


def _sections(context: Any) -> list[Any]:
    sections = context.get("sections") if isinstance(context, Mapping) else None
    return sections if isinstance(sections, list) else []


def _number(context: Any) -> int | None:
    """The alert that a context names; None for what is no number of an alert."""
    written = str(context.get("alert_id")) if isinstance(context, Mapping) else ""
    return int(written) if _NUMBER.fullmatch(written) else None


def _put_into_form(connection: Connection, batch_id: int) -> None:
    """The release before wrote recipients as they were typed."""
    odd = query(connection, ODD, (batch_id, PLAIN))
    changed = {row["id"]: form for row in odd if (form := canonical(row["recipient"])) not in ("", row["recipient"])}
    if changed:
        execute(
            connection,
            """
            update email_messages m set recipient = n.recipient
              from unnest(%s::bigint[], %s::text[]) as n(id, recipient) where m.id = n.id
            """,
            (list(changed), list(changed.values())),
        )
