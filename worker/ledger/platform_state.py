"""What the platform remembers about itself, one value per key."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query


def recall(connection: Connection, key: str) -> Mapping[str, Any] | None:
    """What was remembered last under this key."""
    rows = query(connection, "select value from platform_state where key = %s", (key,))
    return rows[0]["value"] if rows else None


def remember(connection: Connection, key: str, value: Mapping[str, Any]) -> None:
    """Keep the value, and when it was kept."""
    execute(
        connection,
        """
        insert into platform_state (key, value) values (%s, %s)
        on conflict (key) do update set value = excluded.value, updated_at = now()
        """,
        (key, Jsonb(dict(value))),
    )


def change(connection: Connection, key: str, value: Mapping[str, Any]) -> bool:
    """Keep the value and say whether another one, or none, stood there: of several who change it one hears so."""
    rows = query(
        connection,
        """
        insert into platform_state as s (key, value) values (%s, %s)
        on conflict (key) do update set value = excluded.value, updated_at = now()
          where s.value is distinct from excluded.value
        returning s.key
        """,
        (key, Jsonb(dict(value))),
    )
    return bool(rows)


def is_due(connection: Connection, key: str, *, seconds: float) -> bool:
    """Whether this was last due more than so many seconds ago, or never; of several who ask one is told so."""
    rows = query(
        connection,
        """
        insert into platform_state as s (key, value) values (%s, 'null')
        on conflict (key) do update set updated_at = now() where s.updated_at < now() - make_interval(secs => %s)
        returning s.key
        """,
        (key, seconds),
    )
    return bool(rows)
