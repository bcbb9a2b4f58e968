"""What came from outside: written down once before anything is done about it, then acted upon once by a run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.kit.ids import new_id
from worker.kit.tasks import TaskDefinition
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Snooze


@dataclass(slots=True)
class Event:
    """One that waits to be acted upon; handled when the block that got it ends, unless that was postponed."""

    payload: Mapping[str, Any]
    received_at: datetime
    postponed: bool = False

    def postpone(self, seconds: float) -> Snooze:
        """Leave the event as it is; the answer of a run that comes back to it."""
        self.postponed = True
        return Snooze(seconds)


def receive(
    connection: Connection, source: str, external_id: str, payload: Mapping[str, Any], task: TaskDefinition
) -> bool:
    """Write one event with the run that acts upon it; False when it was written before.

    It is the same event by source and external id. The task's payload is `event_id`. Whoever commits announces the run.
    """
    event_id = _write(connection, source, external_id, payload)
    if event_id is None:
        return False
    run = enqueue_all(connection, [NewRun(task.name, {"event_id": str(event_id)})], announce=False)[0]
    execute(connection, "update inbound_events set run_id = %s where id = %s", (run.id, event_id))
    return True


def record(connection: Connection, source: str, external_id: str, payload: Mapping[str, Any]) -> bool:
    """Write one event that nobody will act upon; False when it was written before."""
    return _write(connection, source, external_id, payload) is not None


def _write(connection: Connection, source: str, external_id: str, payload: Mapping[str, Any]) -> UUID | None:
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


@contextmanager
def handling(connection: Connection, event_id: UUID) -> Iterator[Event | None]:
    """An event, locked while it is acted upon; None when it is handled or deleted."""
    rows = query(
        connection,
        "select payload, received_at from inbound_events where id = %s and handled_at is null for update",
        (event_id,),
    )
    event = Event(**rows[0]) if rows else None
    yield event
    if event and not event.postponed:
        execute(connection, "update inbound_events set handled_at = now() where id = %s", (event_id,))
