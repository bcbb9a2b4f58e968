"""From a request's body to runs of the ledger, and from a run to what a waiting caller gets."""

import difflib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from flask import Response
from pydantic import ValidationError
from sqlalchemy import Connection

from api_min.answers import brief, json_response
from api_min.auth import Caller
from api_min.context import Context
from api_min.errors import NO_RUN, RETRY_AFTER_OUTAGE, ApiError, invalid, invalid_places, places
from api_min.idempotency import ASK_FOR, CONFLICT
from api_min.request_parsing import check_depth, check_payload_size
from api_min.schemas.tasks import NewTask
from api_min.waiting import Ticket
from worker.kit.database import Database, execute, raw
from worker.kit.ids import new_id
from worker.kit.logging import get_logger
from worker.kit.outages import insist, is_away, is_outage
from worker.kit.tasks import Catalogue, TaskDefinition
from worker.ledger.bounds import EARLIEST, FURTHEST, PAYLOAD_LEVELS
from worker.ledger.enqueue import Enqueued, NewRun, enqueue_all, written
from worker.ledger.queries import RunView, get_run

log = get_logger(__name__)

UNDECIDED = (
    "The database is not reachable, and nobody knows yet whether the run was written: look at its Location before "
    "asking for it again, or repeat the request under its Idempotency-Key."
)

Place = tuple[str | int, ...]


def known_task(catalogue: Catalogue, name: str, place: Place) -> TaskDefinition:
    """The task of this name, or a 422 with the closest known name."""
    if (found := catalogue.get(name)) is not None:
        return found
    close = difflib.get_close_matches(name, [each.name for each in catalogue], n=1, cutoff=0.0)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise invalid([*place, "task"], f"there is no task of this name{hint}")


def check_payload(definition: TaskDefinition, payload: dict[str, Any], place: Place) -> None:
    """Refuse a payload that the task's model does not accept, naming the members."""
    check_payload_size(payload, *place)
    check_depth(payload, PAYLOAD_LEVELS, *place)
    try:
        definition.payload.model_validate(payload)
    except ValidationError as error:
        raise invalid_places(places(error, *place)) from None


def due_at(run_at: datetime | None, place: Place) -> datetime | None:
    """When the run may start; None for at once."""
    if run_at is None:
        return None
    now = datetime.now(UTC)
    if run_at < EARLIEST:
        raise invalid([*place, "run_at"], "lies before the year 1")
    if run_at > now + FURTHEST:
        raise invalid([*place, "run_at"], f"is more than {FURTHEST.days} days ahead")
    return run_at if run_at > now else None


def new_run(catalogue: Catalogue, body: NewTask, caller: Caller, place: Place = ("body",), **options: Any) -> NewRun:
    """The run that a body asks for. Raises ApiError 422 or 413."""
    definition = known_task(catalogue, body.task, place)
    check_payload(definition, body.payload, (*place, "payload"))
    return NewRun(
        body.task,
        body.payload,
        id=new_id(),
        run_at=due_at(body.run_at, place),
        priority=body.priority,
        company_id=body.company_id,
        unique_key=body.unique_key,
        caused_by=caller.user_id,
        **options,
    )


def write(parts: Context, runs: Sequence[NewRun], caller: Caller, ticket: Ticket | None = None) -> list[Enqueued]:
    """Write runs in one transaction and wake the dispatchers after it. A key with another body is a 409.

    When the answer to the commit is lost, the same runs are written again under their ids until one of both is there.
    """
    runs = [replace(run, id=run.id or new_id()) for run in runs]
    made = _write_surely(parts, runs, caller)
    if ticket is not None and not made[0].created:
        ticket.follow(made[0].id)
        want(parts, made[0].id)
    if any(each.created and run.run_at is None for each, run in zip(made, runs, strict=True)):
        parts.announcer.announce()
    return made


def _write_surely(parts: Context, runs: Sequence[NewRun], caller: Caller) -> list[Enqueued]:
    # One statement is a transaction of its own; only an idempotency key may have to take it back.
    begin = parts.database.transaction if runs[0].idempotency_key else partial(statement, parts.database)
    sent = False

    def insert() -> list[Enqueued]:
        nonlocal sent
        with begin() as connection:
            sent = True
            made = enqueue_all(connection, runs, caller=caller.name, announce=False)
            if any(each.conflict for each in made):
                raise ApiError(409, CONFLICT)
        return made

    try:
        return insert()
    except Exception as error:
        if not (sent and is_away(error)):
            raise

    def insert_or_find() -> list[Enqueued]:
        """The first try may have been committed, or may yet be: its ids make a second one wait for it, and tell."""
        try:
            return insert()
        except psycopg.errors.UniqueViolation:
            with parts.database.transaction() as connection:
                return written(connection, runs, caller=caller.name)

    try:
        return insist(insert_or_find, seconds=ASK_FOR)
    except Exception as error:
        if not is_outage(error):
            raise
        headers = {"Retry-After": str(RETRY_AFTER_OUTAGE), "Location": location(runs[0].id)}
        raise ApiError(503, UNDECIDED, headers=headers) from error


@contextmanager
def statement(database: Database) -> Iterator[Connection]:
    """A connection whose every statement commits by itself: one round trip instead of three."""
    with database.engine.connect() as connection:
        driver = raw(connection)
        driver.autocommit = True
        try:
            yield connection
        except BaseException as error:
            if is_away(error):
                driver.close()
            raise
        finally:
            if driver.closed:
                connection.invalidate()
                database.engine.dispose()
            else:
                driver.autocommit = False


def want(parts: Context, run_id: UUID) -> None:
    """Ask that the end of an earlier run be announced; without it the waiting caller looks at the end of its time."""
    with suppress_outage(), parts.database.transaction() as connection:
        execute(
            connection,
            "update task_runs set wanted = true where id = %s and not wanted and state in ('queued', 'running')",
            (run_id,),
        )


@contextmanager
def suppress_outage() -> Iterator[None]:
    """Go on although Postgres is away: what follows does not depend on it."""
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("api.database_away", error=type(error).__name__)


def read(parts: Context, run_id: UUID) -> RunView:
    """A run without its attempts. Raises ApiError 404."""
    with parts.database.transaction() as connection:
        found = get_run(connection, run_id, attempts=False)
    if found is None:
        raise ApiError(404, NO_RUN)
    return found


def ended(parts: Context, ticket: Ticket, seconds: float) -> RunView | None:
    """The run once it has ended, or None when it has not within the time. Holds no connection while it waits.

    While Postgres is away nothing has ended: the waiting goes on.
    """

    def look() -> RunView | None:
        with suppress_outage():
            view = read(parts, ticket.run_id)
            return view if view.finished else None
        return None

    return ticket.wait(look, until=time.monotonic() + seconds)


def present(parts: Context, made: Enqueued, definition: TaskDefinition, run: NewRun) -> dict[str, Any]:
    """How a run stands that was asked for; without Postgres, what is known of one that was just written."""
    try:
        return {**brief(read(parts, made.id)), "created": made.created}
    except Exception as error:
        if not (made.created and is_outage(error)):
            raise
        return made_body(definition, run)


def made_at(run_id: UUID | None) -> datetime:
    """The instant inside a UUIDv7, to the millisecond."""
    return datetime.fromtimestamp(((run_id or new_id()).int >> 80) / 1000, UTC)


def made_body(definition: TaskDefinition, run: NewRun) -> dict[str, Any]:
    """A run that was just written, without asking the database again."""
    return {
        "id": run.id,
        "task": run.task,
        "queue": definition.queue,
        "priority": definition.priority if run.priority is None else run.priority,
        "company_id": run.company_id,
        "state": "queued",
        "status": "queued" if run.run_at is None else "scheduled",
        "run_at": run.run_at or made_at(run.id),
        "progress": None,
        "result": None,
        "error": None,
        "created": True,
    }


def finished_answer(run: RunView, *, created: bool) -> Response:
    """What a caller who waited gets: 200 with the result, or the error's status. Raises ApiError."""
    if run.state == "succeeded":
        return json_response({**brief(run), "created": created}, headers={"Location": location(run.id)})
    error = run.error or {}
    sentence = error.get("message") or f"The run ended {run.state}."
    status = error.get("status") or (409 if run.state == "cancelled" else 500)
    raise ApiError(
        status if 400 <= status <= 599 else 500,
        sentence,
        code=error.get("code"),
        headers={"Location": location(run.id)},
    )


def location(run_id: UUID | None) -> str:
    return f"/api/tasks/{run_id}"
