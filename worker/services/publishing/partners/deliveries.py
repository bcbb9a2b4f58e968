"""The log of deliveries to companies' receivers (table webhook_deliveries): what was sent, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from worker.contracts.partners import answered_status
from worker.kit.database import Row, execute, query
from worker.kit.errors import RateLimited, RunError

LONGEST_ERROR = 500
LINE = """
    d.id, d.channel_account_id as partner_id, d.posting_id, d.webhook_id, d.event, d.state, d.attempts, d.last_status,
    d.last_error, d.created_at, d.delivered_at, d.next_try_at
"""
COLUMNS = f"{LINE}, d.body"


@dataclass(frozen=True, slots=True)
class Delivery:
    """webhook_id: the same at every try. body: as it was signed; empty in lists. next_try_at: where a receiver said
    when.
    """

    id: int
    partner_id: int
    posting_id: int | None
    webhook_id: str
    event: str
    body: bytes = field(repr=False)
    state: Literal["pending", "delivered", "failed"]
    attempts: int
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None
    next_try_at: datetime | None


def put(connection: Connection, partner_id: int, posting_id: int, webhook_id: str, event: str, body: bytes) -> None:
    """Write down what will be sent, once; the caller holds the posting's row. What was not sent yet is replaced."""
    values = {"partner": partner_id, "posting": posting_id, "webhook": webhook_id, "event": event, "body": body}
    changed = execute(
        connection,
        """
        update webhook_deliveries set body = %(body)s, channel_account_id = %(partner)s
         where posting_id = %(posting)s and webhook_id = %(webhook)s
        """,
        values,
    )
    if not changed:
        execute(
            connection,
            """
            insert into webhook_deliveries (channel_account_id, posting_id, webhook_id, event, body)
            values (%(partner)s, %(posting)s, %(webhook)s, %(event)s, %(body)s)
            """,
            values,
        )


def of_posting(connection: Connection, posting_id: int, webhook_id: str) -> Delivery | None:
    rows = query(
        connection,
        f"select {COLUMNS} from webhook_deliveries d where d.posting_id = %s and d.webhook_id = %s",
        (posting_id, webhook_id),
    )
    return _delivery(rows[0]) if rows else None


def find(connection: Connection, delivery_id: int, *, lock: bool = False) -> Delivery | None:
    locking = "for no key update" if lock else ""
    rows = query(connection, f"select {COLUMNS} from webhook_deliveries d where d.id = %s {locking}", (delivery_id,))
    return _delivery(rows[0]) if rows else None


def of_company(connection: Connection, company_id: int, *, limit: int, offset: int) -> tuple[Sequence[Delivery], int]:
    """The newest first, also of partners that are connected no more; with how many there are in all."""
    rows = query(
        connection,
        f"""
        select {LINE}, ''::bytea as body
          from webhook_deliveries d join channel_accounts a on a.id = d.channel_account_id
         where a.company_id = %s order by d.id desc limit %s offset %s
        """,
        (company_id, limit, offset),
    )
    [counted] = query(
        connection,
        """
        select count(*) as total from webhook_deliveries d join channel_accounts a on a.id = d.channel_account_id
         where a.company_id = %s
        """,
        (company_id,),
    )
    return [_delivery(row) for row in rows], counted["total"]


def note_delivered(connection: Connection, delivery_id: int, status: int | None) -> None:
    """status: None where a person says that it arrived."""
    execute(
        connection,
        """
        update webhook_deliveries
           set state = 'delivered', attempts = attempts + 1, last_status = %s, last_error = null,
               delivered_at = coalesce(delivered_at, now()), next_try_at = null
         where id = %s
        """,
        (status, delivery_id),
    )


def note_attempt(connection: Connection, delivery_id: int, error: RunError, *, over: bool = False) -> None:
    """One more try that went wrong. over: it is the last one. What arrived once has arrived."""
    after = error.after if isinstance(error, RateLimited) else None
    execute(
        connection,
        """
        update webhook_deliveries
           set attempts = attempts + 1, last_status = %(status)s, last_error = %(error)s,
               state = case when %(over)s and state <> 'delivered' then 'failed' else state end,
               next_try_at = case when not %(over)s then now() + make_interval(secs => %(after)s) end
         where id = %(id)s
        """,
        {
            "status": answered_status(error),
            "error": str(error)[:LONGEST_ERROR],
            "over": over,
            "after": after,
            "id": delivery_id,
        },
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(**{**row, "body": bytes(row["body"])})
