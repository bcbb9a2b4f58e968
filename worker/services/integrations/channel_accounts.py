"""Accounts on channels that may not post until a person has settled something there, credits that are used up for one.

The access itself is good: the account stays connected.
"""

from datetime import datetime

from sqlalchemy import Connection

from worker.contracts.providers import CHANNEL_ACCOUNTS
from worker.kit.database import execute, query
from worker.ledger.audit import audit
from worker.services.integrations import credentials, recruiters

LONGEST_REASON = 500


def switch_off(connection: Connection, row_id: int, reason: str, *, actor: str = "platform") -> bool:
    """Post nothing with this account any more, and tell the company's recruiters; False when it was off already.

    reason: a sentence for operators. actor: as in `worker.ledger.audit`.
    """
    changed = execute(
        connection,
        "update channel_accounts set off_since = now(), off_reason = %s, updated_at = now()"
        " where id = %s and off_since is null",
        (reason[:LONGEST_REASON], row_id),
    )
    known = credentials.find(connection, row_id, table=CHANNEL_ACCOUNTS) if changed else None
    if known is None:
        return False
    audit(connection, actor, "channel.off", _subject(row_id), reason=reason[:LONGEST_REASON])
    recruiters.tell(connection, "channel_off", known, everybody=True)
    return True


def switch_on(connection: Connection, row_id: int, *, actor: str = "platform") -> bool:
    """Post with this account again; False when it was on."""
    changed = execute(
        connection,
        "update channel_accounts set off_since = null, off_reason = null, updated_at = now()"
        " where id = %s and off_since is not null",
        (row_id,),
    )
    if changed:
        audit(connection, actor, "channel.on", _subject(row_id))
    return bool(changed)


def is_off(connection: Connection, row_id: int) -> bool:
    return off_since(connection, row_id) is not None


def off_since(connection: Connection, row_id: int) -> datetime | None:
    rows = query(connection, "select off_since from channel_accounts where id = %s", (row_id,))
    return rows[0]["off_since"] if rows else None


def _subject(row_id: int) -> str:
    return f"{CHANNEL_ACCOUNTS.subject}:{row_id}"
