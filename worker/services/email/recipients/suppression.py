"""Addresses that we must not write to: how they get on the list, how a person sees it and takes one off."""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.mailboxes import comparable
from worker.ledger.audit import audit

Reason = Literal["bounced", "complained", "provider", "manual"]
State = Literal["active", "lifted", "all"]

COLUMNS = """
s.address, s.reason, s.source, s.created_at, s.lifted_at, coalesce(b.count, 0) as soft_bounces
  from suppressions s left join soft_bounces b on b.address = s.address
"""


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """The newest first. `next_cursor` is None on the last page."""

    suppressions: tuple[Row, ...]
    next_cursor: str | None


def suppress(connection: Connection, address: str, *, reason: Reason, source: str, at: datetime | None = None) -> bool:
    """Put an address on the list; whether that changed anything. source: `resend:<mail>`, `user:7`.

    at: when the cause happened; one from before a person lifted the address does not count. Default: now.
    """
    return bool(
        execute(
            connection,
            """
            insert into suppressions as s (address, reason, source) values (%(address)s, %(reason)s, %(source)s)
            on conflict (address) do update set reason = excluded.reason, source = excluded.source,
                   created_at = now(), lifted_at = null
             where s.lifted_at < coalesce(%(at)s::timestamptz, now())
            """,
            {"address": comparable(address), "reason": reason, "source": source, "at": at},
        )
    )


def among(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Those of the addresses that are on the list."""
    rows = query(
        connection,
        "select address from suppressions where address = any(%s::text[]) and lifted_at is null",
        (list(addresses),),
    )
    return {row["address"] for row in rows}


def count_soft_bounce(connection: Connection, address: str) -> None:
    """One more mail to this address came back for a passing reason."""
    execute(
        connection,
        """
        insert into soft_bounces as b (address) values (%s)
        on conflict (address) do update set count = b.count + 1, last_at = now()
        """,
        (comparable(address),),
    )


def forget_soft_bounces(connection: Connection, address: str) -> None:
    """A mail arrived: the address is good."""
    execute(connection, "delete from soft_bounces where address = %s", (comparable(address),))


def add_by_hand(connection: Connection, address: str, *, actor: str, reason: str | None) -> tuple[Row, bool]:
    """An operator puts an address on the list; its row, and whether it is new there."""
    added = suppress(connection, address, reason="manual", source=actor)
    if added:
        audit(connection, actor, "suppression.add", f"address:{comparable(address)}", reason=reason)
    return query(connection, f"select {COLUMNS} where s.address = %s", (comparable(address),))[0], added


def lift(connection: Connection, address: str, *, actor: str, reason: str) -> bool:
    """An operator takes an address off the list; False when it is not on it."""
    lifted = execute(
        connection,
        "update suppressions set lifted_at = now() where address = %s and lifted_at is null",
        (comparable(address),),
    )
    if lifted:
        forget_soft_bounces(connection, address)
        audit(connection, actor, "suppression.lift", f"address:{comparable(address)}", reason=reason)
    return bool(lifted)


LISTED = f"""
select {COLUMNS}
 where (%(search)s::text is null or strpos(s.address, %(search)s) > 0)
   and (%(state)s = 'all' or (s.lifted_at is null) = (%(state)s = 'active'))
   and (%(at)s::timestamptz is null or (s.created_at, s.address) < (%(at)s::timestamptz, %(after)s::text))
 order by s.created_at desc, s.address desc limit %(limit)s
"""


def find(
    connection: Connection, *, search: str | None, state: State, cursor: str | None, limit: int
) -> SuppressionPage:
    """Addresses on the list (`lifted`: taken off it). search: a part of the address. Raises ValueError for a cursor
    that no page gave.
    """
    at, after = _read_cursor(cursor) if cursor else (None, None)
    rows = query(
        connection,
        LISTED,
        {"search": search and comparable(search), "state": state, "at": at, "after": after, "limit": limit + 1},
    )
    more = len(rows) > limit
    return SuppressionPage(tuple(rows[:limit]), _cursor(rows[limit - 1]) if more else None)


def _cursor(row: Row) -> str:
    return base64.urlsafe_b64encode(f"{row['created_at'].isoformat()} {row['address']}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        instant, _, address = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        at = datetime.fromisoformat(instant)
    except (binascii.Error, ValueError):
        at, address = None, ""
    if at is None or at.tzinfo is None or not address or "\0" in address:
        raise ValueError("is not a cursor of this list")
    return at, address
