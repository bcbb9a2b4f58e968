"""Routes that need the outside world: a run that the route waits for."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy import Connection

from api_min.answers import brief, json_response
from api_min.auth import caller
from api_min.context import context
from api_min.idempotency import earlier, given_key
from api_min.intake import ended, finished_answer, location, made_body, read, want, write
from api_min.request_parsing import note_preference, preferred_wait
from worker.kit.ids import new_id
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.queries import RunView

Shape = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def perform(prepare: Callable[[], NewRun], shape: Shape, pending: Mapping[str, Any]) -> Response:
    """Write the run that `prepare` makes and wait for it as the request prefers, else INTERACTIVE_WAIT.

    200 with `shape(result)` when it succeeded in time; 202 with `pending`, the run under `run`, and its Location when
    not. Raises ApiError with the run's own status when it failed. A request that is repeated under its key waits for
    the first one's run, and prepares nothing. No transaction may be open.
    """
    parts = context()
    key = given_key()
    seconds = preferred_wait()
    if seconds is not None:
        note_preference(f"wait={seconds}" if seconds else "respond-async")
    wait = parts.settings.interactive_wait if seconds is None else float(seconds)
    first = earlier(key)
    if first is not None:
        return _follow(first.run_id, wait, shape, pending)
    run_id = new_id()
    run = replace(prepare(), id=run_id, caused_by=caller().user_id)
    if key is not None:
        run = replace(run, idempotency_key=key.name, body_hash=key.digest)
    with parts.completions.ticket(run_id) if wait else nullcontext() as ticket:
        made = write(parts, [replace(run, wanted=ticket is not None)], caller(), ticket)[0]
        view = ended(parts, ticket, wait) if ticket is not None else None
    if view is None:
        shown = made_body(parts.catalogue[run.task], run) if made.created else brief(read(parts, made.id))
        return json_response({**pending, "run": shown}, 202, {"Location": location(made.id)})
    return _finished(view, shape)


def _follow(run_id: UUID, wait: float, shape: Shape, pending: Mapping[str, Any]) -> Response:
    """Wait for a run that an earlier request made."""
    parts = context()
    with parts.completions.ticket(run_id) if wait else nullcontext() as ticket:
        if ticket is not None:
            want(parts, run_id)
        view = ended(parts, ticket, wait) if ticket is not None else None
    view = view or read(parts, run_id)
    if view.finished:
        return _finished(view, shape)
    return json_response({**pending, "run": brief(view)}, 202, {"Location": location(run_id)})


def _finished(view: RunView, shape: Shape) -> Response:
    if view.state != "succeeded":
        return finished_answer(view, created=True)
    body = {**shape(view.result or {}), "run": brief(view)}
    return json_response(body, headers={"Location": location(view.id)})


def begin(connection: Connection, run: NewRun) -> dict[str, Any]:
    """Write a run that nobody waits for in the caller's transaction; it, in brief."""
    run = replace(run, id=run.id or new_id(), caused_by=caller().user_id)
    enqueue_all(connection, [run], caller=caller().name, announce=False)
    return made_body(context().catalogue[run.task], run)
