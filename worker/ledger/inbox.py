"""What came from outside, written down before anything is done about it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.kit.ids import new_id


def receive(connection: Connection, source: str, external_id: str, payload: Mapping[str, Any]) -> UUID | None:
    """Write one event and return its id; None when it was written before (the same source and external id)."""
    rows = query(
        connection,
        """
        insert into inbound_events (id, source, external_id, payload) values (%s, %s, %s, %s)
        on conflict (source, external_id) do nothing
        returning id
        """,
        (new_id(), source, external_id, Jsonb(dict(payload))),
    )
    return UUID(str(rows[0]["id"])) if rows else None


def record(connection: Connection, source: str, external_id: str, payload: Mapping[str, Any]) -> bool:
    """Write one event that nobody will act upon; False when it was written before."""
    return receive(connection, source, external_id, payload) is not None


def assign(connection: Connection, event_id: UUID, run_id: UUID) -> None:
    """Which run acts upon the event."""
    execute(connection, "update inbound_events set run_id = %s where id = %s", (run_id, event_id))


def take(connection: Connection, event_id: UUID) -> Row | None:
    """Lock an event that waits to be acted upon: `payload`, `received_at`. None when it is handled or deleted."""
    rows = query(
        connection,
        "select payload, received_at from inbound_events where id = %s and handled_at is null for update",
        (event_id,),
    )
    return rows[0] if rows else None


def close(connection: Connection, event_id: UUID) -> None:
    """The event was acted upon."""
    execute(connection, "update inbound_events set handled_at = now() where id = %s", (event_id,))
