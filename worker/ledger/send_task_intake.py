"""Plain `celery.send_task`: its message becomes a row, and the dispatcher does the rest."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import ValidationError
from sqlalchemy import Connection

from worker.kit.database import Database, execute, transaction_with_retry
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.failure import sentence
from worker.ledger.handlers import BoundTask

WAIT = 10.0
INSTEAD = "Call POST /api/tasks or SELECT enqueue_task(...) instead."


def receive(
    database: Database, bound: BoundTask, args: Sequence[Any], kwargs: Mapping[str, Any], *, message: UUID
) -> None:
    """Write the run that a `send_task` message asks for, once per message. Raises an outage after WAIT seconds of it.

    What may not come this way is recorded as a failed run that says what to call instead.
    """
    refusal = _refusal(bound, args, kwargs)

    def work(connection: Connection) -> None:
        payload = {} if refusal else dict(kwargs)
        new = NewRun(bound.definition.name, payload, idempotency_key=str(message))
        run = enqueue_all(connection, [new], caller="send_task")[0]
        if refusal and run.created:
            execute(
                connection,
                """
                update task_runs set state = 'failed', finished_at = now(), error = %s
                 where id = %s and state = 'queued'
                """,
                (Jsonb({"code": "task.refused", "message": refusal, "status": 422}), run.id),
            )

    transaction_with_retry(database, work, seconds=WAIT)


def _refusal(bound: BoundTask, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    if args:
        return f"send_task takes keyword arguments only, named like the payload's members. {INSTEAD}"
    if not bound.definition.ids_only:
        return f"The payload of {bound.definition.name} may not travel through the broker. {INSTEAD}"
    try:
        bound.parse(dict(kwargs))
    except ValidationError as error:
        return f"{sentence(error)} {INSTEAD}"
    return None
