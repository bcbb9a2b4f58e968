"""The intake's use cases: making runs, looking at them, and deciding about them."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.run_writing import write_runs
from api_min.actions.runs import AskedRun, keyed, run_and_wait
from api_min.auth import OPERATIONS, READ, Caller
from api_min.context import context
from api_min.errors import NO_RUN, ApiError, existing, invalid, invalid_places, places, refusals
from worker.kit.ids import new_id
from worker.kit.stored import deeper
from worker.kit.tasks import Catalogue, TaskDefinition
from worker.ledger import controls
from worker.ledger.answers import Key
from worker.ledger.bounds import EARLIEST, FURTHEST, PAYLOAD_BYTES, PAYLOAD_LEVELS, stored_size
from worker.ledger.enqueue import Enqueued, NewRun
from worker.ledger.queries import RunFilter, RunPage, RunView, get_run, list_runs

BULK_TASK = "upkeep.bulk"

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What was decided about a run became `outcome`."""

    run_id: UUID
    outcome: str


def make_run(caller: Caller, wanted: NewRun, seconds: float, *, key: Key | None) -> AskedRun:
    """A durable run of a task of the catalogue, waited for. Raises ApiError 409, 413, 422 and 503."""
    run = keyed(_checked(wanted, caller, ("body",)), key)
    return run_and_wait(caller, lambda: run, seconds)


def make_runs(caller: Caller, wanted: Sequence[NewRun], *, key: Key | None) -> list[Enqueued]:
    """Runs in one transaction, all or none; the key covers all of them. Raises ApiError 409, 413, 422 and 503."""
    runs = [_checked(each, caller, ("body", "tasks", place)) for place, each in enumerate(wanted)]
    if key is not None:
        runs = [keyed(run, replace(key, name=f"{key.name}#{place}")) for place, run in enumerate(runs)]
    return write_runs(caller, runs)


def act_on_many(caller: Caller, payload: Mapping[str, Any], *, key: Key | None) -> AskedRun:
    """A run that retries or cancels every run that matches, and is not waited for. Raises ApiError 409 and 422."""
    check_payload(context().catalogue[BULK_TASK], payload, ("body", "filter"))
    run = keyed(NewRun(BULK_TASK, payload), key)
    return run_and_wait(caller, lambda: run, 0)


def _checked(wanted: NewRun, caller: Caller, place: Place) -> NewRun:
    """The run as the ledger takes it, with an id. Raises ApiError 413 or 422."""
    definition = known_task(context().catalogue, wanted.task, place)
    check_payload(definition, wanted.payload, (*place, "payload"))
    return replace(wanted, id=new_id(), run_at=_due_at(wanted.run_at, place), caused_by=caller.user_id)


def known_task(catalogue: Catalogue, name: str, place: Place) -> TaskDefinition:
    """The task of this name. Raises ApiError 422 with the closest known name."""
    if (found := catalogue.get(name)) is not None:
        return found
    close = difflib.get_close_matches(name, [each.name for each in catalogue], n=1, cutoff=0.0)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise invalid([*place, "task"], f"there is no task of this name{hint}")


def check_payload(definition: TaskDefinition, payload: Mapping[str, Any], place: Place) -> None:
    """Refuse a payload that the task's model does not accept, naming the members. Raises ApiError 413 or 422."""
    if (size := stored_size(payload)) > PAYLOAD_BYTES:
        raise ApiError(
            413,
            f"The payload is {size} bytes; the limit is {PAYLOAD_BYTES}. Store the data and send its id.",
            errors=[{"loc": list(place), "msg": "larger than 256 KiB"}],
        )
    if deeper(payload, PAYLOAD_LEVELS):
        raise invalid(place, f"nested deeper than {PAYLOAD_LEVELS} levels")
    try:
        definition.payload.model_validate(payload)
    except ValidationError as error:
        raise invalid_places(places(error, *place)) from None


def _due_at(run_at: datetime | None, place: Place) -> datetime | None:
    """When the run may start; None for at once. Raises ApiError 422."""
    if run_at is None:
        return None
    now = datetime.now(UTC)
    if run_at < EARLIEST:
        raise invalid([*place, "run_at"], "lies before the year 1")
    if run_at > now + FURTHEST:
        raise invalid([*place, "run_at"], f"is more than {FURTHEST.days} days ahead")
    return run_at if run_at > now else None


def catalogue() -> Catalogue:
    """Every task that may be asked for."""
    return context().catalogue


def find(wanted: RunFilter, *, cursor: str | None, limit: int) -> RunPage:
    """A page of runs, the newest first. Raises ApiError 422 for a cursor that is none."""
    with context().database.transaction() as connection:
        try:
            return list_runs(connection, wanted, cursor=cursor, limit=limit)
        except ValueError as error:
            raise invalid(["query", "cursor"], str(error)) from None


def get(caller: Caller, run_id: UUID, *, reveal: bool) -> RunView:
    """A run, with its attempts for those who see all. reveal: its payload will be shown, which is audited.

    Raises ApiError 403, and 404 for a run that the caller may not see.
    """
    if reveal and not caller.may(OPERATIONS):
        raise ApiError(403, "Revealing a payload needs the scope operations, or an administrator.")
    with context().database.transaction() as connection:
        run = get_run(connection, run_id, attempts=sees_all(caller))
        if run is not None and reveal:
            controls.note_reveal(connection, run.id, caller.name)
    return existing(run if run is not None and _may_see(caller, run) else None, NO_RUN)


def sees_all(caller: Caller) -> bool:
    return caller.may(READ) or caller.may(OPERATIONS)


def _may_see(caller: Caller, run: RunView) -> bool:
    return sees_all(caller) or (caller.user_id is not None and run.caused_by == caller.user_id)


def cancel(caller: Caller, run_id: UUID, request: Repeatable[Changed]) -> Changed:
    """Cancel a run and its children, in transactions of their own. Raises ApiError 404."""

    def prepare() -> Work[Changed]:
        outcome = existing(controls.cancel(context().database, run_id, caller.name), NO_RUN)
        return lambda _connection: Changed(run_id, outcome)

    return write_once(caller, request, prepare)


def retry(caller: Caller, run_id: UUID, request: Repeatable[Changed]) -> Changed:
    """Run a failed or cancelled run again. Raises ApiError 404 and 409."""

    def work(connection: Connection) -> Changed:
        return Changed(run_id, controls.retry(connection, run_id, caller.name))

    with refusals():
        return write_once(caller, request, lambda: work)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person found out about a run whose outcome nobody knew."""

    happened: bool
    reference: Mapping[str, Any] | None
    reason: str


def settle(caller: Caller, run_id: UUID, decision: Decision, request: Repeatable[Changed]) -> Changed:
    """Decide about a run whose outcome is unknown. Raises ApiError 404, 409 and 422."""
    if decision.reference is not None and not decision.happened:
        raise invalid(["body", "reference"], "only what happened has a reference")

    def work(connection: Connection) -> Changed:
        outcome = controls.resolve(
            connection,
            run_id,
            happened=decision.happened,
            reference=decision.reference,
            reason=decision.reason,
            actor=caller.name,
        )
        return Changed(run_id, outcome)

    with refusals():
        return write_once(caller, request, lambda: work)
