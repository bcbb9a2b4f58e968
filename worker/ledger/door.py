"""The door for plain `celery.send_task`: a message becomes a row, and the dispatcher does the rest."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from psycopg.types.json import Jsonb
from pydantic import ValidationError
from sqlalchemy import Connection

from worker.kit.database import Database, execute, patiently
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.failure import sentence
from worker.ledger.handlers import BoundTask

HINT = "intowork.ids"
WAIT = 10.0
INSTEAD = "Call POST /api/tasks or SELECT enqueue_task(...) instead."


def hint(ids: Sequence[UUID]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments of a broker message that names runs to claim."""
    return [HINT, [str(identifier) for identifier in ids]], {}


def hinted_ids(args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[UUID]:
    """The ids a hint names; empty when the message is not a hint of ours."""
    if kwargs or len(args) != 2 or args[0] != HINT or not isinstance(args[1], list):
        return []
    try:
        return [UUID(each) for each in args[1]]
    except (AttributeError, TypeError, ValueError):
        return []


def message_id(task_id: object) -> UUID:
    """A message's id; whoever sends one may have named it anything."""
    try:
        return UUID(str(task_id))
    except ValueError:
        return uuid5(NAMESPACE_OID, str(task_id))


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
                (Jsonb({"code": "door.refused", "message": refusal, "status": 422}), run.id),
            )

    patiently(database, work, seconds=WAIT)


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
