"""Message batches: many questions at once, answered later for half the price. They hold no mark of who made them but
the `custom_id` of each question, which is told with the results only.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.emulators.anthropic.answering import Answers
from sandbox.emulators.anthropic.checks import Problem, problem_of, problem_of_batch
from sandbox.emulators.anthropic.conversations import Conversations
from sandbox.emulators.anthropic.refusals import error, error_body
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response

PATH = "/anthropic/v1/messages/batches"
LIFE = timedelta(hours=24)
MOST_LISTED = 1000


@dataclass(slots=True)
class Batch:
    """results: by the questions, once they are answered."""

    id: str
    requests: Sequence[Mapping[str, Any]]
    at: datetime
    address: str
    ended: datetime | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False


class Batches:
    def __init__(self, answers: Answers, conversations: Conversations, switches: Switches) -> None:
        self._answers = answers
        self._conversations = conversations
        self._switches = switches
        self._guard = threading.Lock()
        self._kept: dict[str, Batch] = {}
        self._routes = Router()
        self._routes.add("POST", PATH, self._create)
        self._routes.add("GET", PATH, self._list)
        self._routes.add("GET", PATH + "/{id}", self._one)
        self._routes.add("GET", PATH + "/{id}/results", self._results)
        self._routes.add("POST", PATH + "/{id}/cancel", self._cancel)

    def answer(self, request: Request) -> Response:
        handler, known = self._routes.find(request)
        if handler is None:
            return error(Problem(405 if known else 404, "not_found_error", "Not Found"))
        return handler(request)

    def all(self) -> list[dict[str, Any]]:
        """For the emulator's own API: with the questions, the oldest first."""
        return [{**_shown(batch), "requests": list(batch.requests)} for batch in list(self._kept.values())]

    def _create(self, request: Request) -> Response:
        try:
            body = json_object(request.body)
        except BadRequest as fault:
            return error(Problem(400, "invalid_request_error", str(fault)))
        problem = problem_of_batch(body)
        if self._switches.hits("refuses_batches"):
            problem = Problem(400, "invalid_request_error", "requests: not today")
        if problem is not None:
            return error(problem)
        with self._guard:
            number = f"msgbatch_{len(self._kept) + 1:024d}"
            address = f"http://{request.headers.get('host', '127.0.0.1')}{PATH}/{number}/results"
            batch = Batch(number, body["requests"], datetime.now(UTC), address)
            self._kept[number] = batch
        for each in batch.requests:
            self._conversations.ask(each["params"], batch=number)
        return json_response(_shown(batch))

    def _list(self, request: Request) -> Response:
        found = list(self._kept.values())[::-1]
        after = request.query.get("after_id")
        if after:
            found = found[next((place for place, each in enumerate(found) if each.id == after), len(found)) + 1 :]
        limit = min(request.number("limit", 20), MOST_LISTED)
        page = [_shown(each) for each in found[:limit]]
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
        return json_response({"data": page, "has_more": len(found) > limit, **ends})

    def _one(self, request: Request) -> Response:
        batch = self._kept.get(request.parameters["id"])
        if batch is None:
            return _nothing(request)
        if batch.ended is None and not self._switches.hits("batch_pending"):
            self._end(batch)
        return json_response(_shown(batch))

    def _results(self, request: Request) -> Response:
        batch = self._kept.get(request.parameters["id"])
        if batch is None or batch.ended is None:
            return _nothing(request)
        # They come in no order that anybody may count on.
        lines = [json.dumps(each, ensure_ascii=False) for each in reversed(batch.results)]
        return Response(200, "\n".join([*lines, ""]).encode(), {"Content-Type": "application/x-jsonl"})

    def _cancel(self, request: Request) -> Response:
        batch = self._kept.get(request.parameters["id"])
        if batch is None:
            return _nothing(request)
        batch.cancelled = batch.ended is None
        return json_response(_shown(batch))

    def _end(self, batch: Batch) -> None:
        with self._guard:
            if batch.ended is not None:
                return
            batch.results = [
                {"custom_id": each["custom_id"], "result": self._result(batch, each["params"])}
                for each in batch.requests
            ]
            batch.ended = datetime.now(UTC)

    def _result(self, batch: Batch, params: Mapping[str, Any]) -> dict[str, Any]:
        if batch.cancelled:
            return {"type": "canceled"}
        if self._switches.hits("batch_expires"):
            return {"type": "expired"}
        problem = problem_of(params)
        if problem is not None:
            return {"type": "errored", "error": error_body(problem)}
        return {"type": "succeeded", "message": self._answers.message(params)}


def _shown(batch: Batch) -> dict[str, Any]:
    counts = {"processing": 0, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
    for each in batch.results:
        counts[each["result"]["type"]] += 1
    if batch.ended is None:
        counts["processing"] = len(batch.requests)
    running = "canceling" if batch.cancelled else "in_progress"
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": running if batch.ended is None else "ended",
        "request_counts": counts,
        "created_at": batch.at.isoformat(),
        "expires_at": (batch.at + LIFE).isoformat(),
        "ended_at": batch.ended.isoformat() if batch.ended else None,
        "cancel_initiated_at": batch.at.isoformat() if batch.cancelled else None,
        "archived_at": None,
        "results_url": batch.address if batch.ended else None,
    }


def _nothing(request: Request) -> Response:
    return error(Problem(404, "not_found_error", f"Message batch {request.parameters['id']} not found"))
