"""Ledger values as the JSON that the intake answers."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response

from api_min.actions.runs import AskedRun, refuse_failed
from api_min.context import context
from api_min.errors import run_address
from worker.kit.stored import Unreadable
from worker.kit.tasks import Payload
from worker.ledger.health import QueueView
from worker.ledger.queries import RunView

BRIEF = (
    "id", "task", "queue", "priority", "company_id", "state", "status", "run_at", "progress", "result", "error",
)  # fmt: skip
OWN = (*BRIEF, "attempt", "max_attempts", "cancel_requested_at", "created_at", "started_at", "finished_at")
LISTED = (*OWN, "rescues", "parent_id", "caused_by")
ATTEMPT = (
    "number", "worker_id", "message_id", "started_at", "waited_seconds", "ran_seconds", "outcome", "error_class",
    "message", "fingerprint",
)  # fmt: skip


def iso(value: datetime) -> str:
    """ISO 8601 in UTC, as the main web app writes instants."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _encode(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Unreadable):
        return f"This value {value.reason}."
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_response(
    body: Mapping[str, Any] | Sequence[Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer; instants and identifiers are written as the main web app does."""
    text = json.dumps(body, default=_encode, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, mimetype="application/json")
    if headers:
        response.headers.update(headers)
    return response


def no_content(_: None) -> Response:
    return Response(status=204)


def run_response(asked: AskedRun, body: Mapping[str, Any]) -> Response:
    """200 for a run that has ended well, 202 for one under way. Raises ApiError with what a failed one says."""
    if asked.ended:
        refuse_failed(asked.run)
    return json_response(body, 200 if asked.ended else 202, {"Location": run_address(asked.run.id)})


def brief(run: RunView) -> dict[str, Any]:
    return {name: getattr(run, name) for name in BRIEF}


def run_for_owner(run: RunView) -> dict[str, Any]:
    """A run for the person who caused it: no payload, no attempts, no fingerprint."""
    shown: dict[str, Any] = {name: getattr(run, name) for name in OWN}
    if run.error:
        shown["error"] = {name: run.error.get(name) for name in ("code", "message", "status")}
    return shown


def listed(run: RunView) -> dict[str, Any]:
    return {name: getattr(run, name) for name in LISTED}


def full(run: RunView, *, reveal: bool = False) -> dict[str, Any]:
    """A run with its attempts; texts in the payload are hidden unless revealed."""
    attempts = [{name: getattr(each, name) for name in ATTEMPT} for each in run.attempts]
    return {**listed(run), "payload": _payload(run, reveal=reveal), "attempts": attempts}


def _payload(run: RunView, *, reveal: bool) -> Mapping[str, Any]:
    """Of a task that is no longer known no text is shown."""
    payload: Any = run.payload
    if not isinstance(payload, Mapping):
        return {"unreadable": payload.reason if isinstance(payload, Unreadable) else "is no JSON object"}
    task = context().catalogue.get(run.task)
    return payload if reveal else (task.payload if task else Payload).redacted(payload)


def queue_state(view: QueueView) -> dict[str, Any]:
    return dataclasses.asdict(view)
