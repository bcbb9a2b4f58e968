"""Answers kept under a caller's idempotency key, beside the keys of runs: one key names one request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Key:
    """scope: the caller's name. digest: what tells two requests under one key apart."""

    scope: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request under the same key: what it answered, or the run that it made."""

    run_id: UUID
    same: bool
    answer: Mapping[str, Any] | None


# As `enqueue_tasks` does: a key lives for 24 hours, counted from the end of the run that it may have made.
OVER = """
coalesce(k.expires_at, (select r.finished_at + interval '24 hours' from task_runs r where r.id = k.run_id)) < now()
"""


def find(connection: Connection, key: Key) -> Earlier | None:
    """The earlier request under this key, if any."""
    rows = query(
        connection,
        f"""
        select k.run_id, k.body_hash is not distinct from %s as same, k.answer from task_keys k
         where k.scope = %s and k.kind = 'idempotency' and k.key = %s and ({OVER}) is not true
        """,
        (key.digest, key.scope, key.name),
    )
    return Earlier(**rows[0]) if rows else None


def claim(connection: Connection, key: Key) -> bool:
    """Take the key in the caller's transaction; False when another request has it. Waits for one that is under way."""
    place = (key.scope, key.name)
    execute(
        connection,
        f"delete from task_keys k where k.scope = %s and k.kind = 'idempotency' and k.key = %s and ({OVER})",
        place,
    )
    return bool(
        execute(
            connection,
            """
            insert into task_keys (scope, kind, key, run_id, body_hash, expires_at)
            values (%s, 'idempotency', %s, %s, %s, now() + interval '24 hours') on conflict do nothing
            """,
            (*place, new_id(), key.digest),
        )
    )


def keep(connection: Connection, key: Key, answer: Mapping[str, Any]) -> None:
    """What the request answers, in the transaction that does what it asked for."""
    execute(
        connection,
        "update task_keys set answer = %s where scope = %s and kind = 'idempotency' and key = %s",
        (Jsonb(dict(answer)), key.scope, key.name),
    )
