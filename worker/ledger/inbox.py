"""What came from outside, written down before anything is done about it."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute
from worker.kit.ids import new_id


def record(connection: Connection, source: str, external_id: str, payload: Mapping[str, Any]) -> bool:
    """Write one event; False when it was written before (the same source and id)."""
    return bool(
        execute(
            connection,
            """
            insert into inbound_events (id, source, external_id, payload) values (%s, %s, %s, %s)
            on conflict (source, external_id) do nothing
            """,
            (new_id(), source, external_id, Jsonb(dict(payload))),
        )
    )
