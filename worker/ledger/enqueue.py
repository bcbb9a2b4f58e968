"""Writing runs. The SQL function `enqueue_tasks` is the only writer; this is its Python face."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.ids import new_id
from worker.kit.tasks import Payload, TaskDefinition


@dataclass(frozen=True, slots=True)
class NewRun:
    """One run to be written. Without `run_at` it is due at once."""

    task: str
    payload: Mapping[str, Any]
    run_at: datetime | None = None
    priority: int | None = None
    company_id: int = 0
    unique_key: str | None = None
    idempotency_key: str | None = None
    body_hash: str | None = None
    parent_id: UUID | None = None
    caused_by: int | None = None
    wanted: bool = False
    id: UUID | None = None

    def entry(self) -> dict[str, Any]:
        """The entry as `enqueue_tasks` reads it; absent members keep their defaults."""
        entry: dict[str, Any] = {
            "id": str(self.id or new_id()),
            "task": self.task,
            "payload": dict(self.payload),
        }
        if self.run_at is not None:
            entry["run_at"] = self.run_at.isoformat()
        if self.parent_id is not None:
            entry["parent_id"] = str(self.parent_id)
        if self.company_id:
            entry["company_id"] = self.company_id
        if self.wanted:
            entry["wanted"] = True
        for name in ("priority", "unique_key", "idempotency_key", "body_hash", "caused_by"):
            value = getattr(self, name)
            if value is not None:
                entry[name] = value
        return entry


@dataclass(frozen=True, slots=True)
class Enqueued:
    """created is False when a key was taken: `id` is then the first run. conflict: same idempotency key, other body."""

    id: UUID
    created: bool
    conflict: bool


def enqueue_all(
    connection: Connection, runs: Sequence[NewRun], *, caller: str = "platform", announce: bool = True
) -> list[Enqueued]:
    """Write runs in the caller's transaction, in order, all or nothing.

    `caller` scopes the keys. Cost: about 20 µs of Postgres per run without keys. Raises psycopg errors: 22023
    for an unknown task, 55P03 when a key's other writer did not end within 2 s.
    """
    if not runs:
        return []
    entries = json.dumps([run.entry() for run in runs])
    rows = query(
        connection,
        "select run_id, created, conflict from enqueue_tasks(%s::jsonb, %s, %s) order by ordinal",
        (entries, caller, announce),
    )
    return [Enqueued(row["run_id"], row["created"], row["conflict"]) for row in rows]


def written(connection: Connection, runs: Sequence[NewRun], *, caller: str) -> list[Enqueued]:
    """What `enqueue_all` answered when it wrote these runs, all of which have ids: its answer was lost."""
    ids = [run.id for run in runs]
    ours = {row["id"] for row in query(connection, "select id from task_runs where id = any(%s)", (ids,))}
    keys = [key for run in runs for key in (run.unique_key, run.idempotency_key) if key is not None]
    rows = query(
        connection,
        "select kind, key, run_id from task_keys where scope = %s and kind in (%s, %s) and key = any(%s)",
        (caller, "unique", "idempotency", keys),
    )
    owners = {(row["kind"], row["key"]): row["run_id"] for row in rows}
    return [
        Enqueued(run.id, created=True, conflict=False)
        if run.id in ours
        else Enqueued(
            owners.get(("idempotency", run.idempotency_key)) or owners["unique", run.unique_key],
            created=False,
            conflict=False,
        )
        for run in runs
        if run.id is not None
    ]


def enqueue(
    connection: Connection,
    task: TaskDefinition,
    payload: Payload,
    *,
    caller: str = "platform",
    **options: Any,
) -> Enqueued:
    """Write one run of a known task; `options` are the members of NewRun."""
    run = NewRun(task.name, payload.model_dump(mode="json"), **options)
    return enqueue_all(connection, [run], caller=caller)[0]


def announce(connection: Connection) -> None:
    """Wake the dispatchers when this transaction commits."""
    execute(connection, "select pg_notify('task_runs', '')")
