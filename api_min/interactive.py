"""Routes that need the outside world: a run that the route waits for."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from flask import Response

from api_min.answers import answer, brief
from api_min.auth import caller
from api_min.intake import ended, finished_answer, location, made_body, write
from api_min.platform import platform
from api_min.requests import note_preference, preferred_wait
from worker.kit.ids import new_id
from worker.ledger.enqueue import NewRun
from worker.ledger.queries import RunView

Shape = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def perform(run: NewRun, shape: Shape, pending: Mapping[str, Any]) -> Response:
    """Write the run and wait for it as the request prefers, else INTERACTIVE_WAIT.

    200 with `shape(result)` when it succeeded in time; 202 with `pending`, the run under `run`, and its Location when
    not. Raises ApiError with the run's own status when it failed. No transaction may be open.
    """
    parts = platform()
    seconds = preferred_wait()
    if seconds is not None:
        note_preference(f"wait={seconds}" if seconds else "respond-async")
    wait = parts.settings.interactive_wait if seconds is None else float(seconds)
    run = replace(run, id=run.id or new_id(), caused_by=caller().user_id)
    with parts.completions.ticket(run.id) if wait and run.id else nullcontext() as ticket:
        write(parts, [replace(run, wanted=ticket is not None)], caller(), ticket)
        view = ended(parts, ticket, wait) if ticket is not None else None
    if view is None:
        body = {**pending, "run": made_body(parts.catalogue[run.task], run)}
        return answer(body, 202, {"Location": location(run.id)})
    return _finished(view, shape)


def _finished(view: RunView, shape: Shape) -> Response:
    if view.state != "succeeded":
        return finished_answer(view, created=True)
    body = {**shape(view.result or {}), "run": brief(view)}
    return answer(body, headers={"Location": location(view.id)})


def begin(run: NewRun) -> dict[str, Any]:
    """Write a run that nobody waits for; it, in brief. No transaction may be open."""
    parts = platform()
    run = replace(run, id=run.id or new_id(), caused_by=caller().user_id)
    write(parts, [run], caller())
    return made_body(parts.catalogue[run.task], run)
