"""Claude's Messages API without streaming: POST /v1/messages, GET /v1/models/{id}, and /v1/messages/batches."""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.anthropic.answering import FAULTS, Answers
from sandbox.emulators.anthropic.batches import Batches
from sandbox.emulators.anthropic.checks import LARGEST, LARGEST_BATCH, VERSIONS, Problem, is_known, problem_of
from sandbox.emulators.anthropic.conversations import Conversations
from sandbox.emulators.anthropic.refusals import error
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, html_response, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    "error_5xx": 0.0,
    "overloaded": 0.0,  # 529
    "rate_limit": 0.0,  # 429; `retry_after` is its header in seconds
    "retry_after": 1,
    "drop": 0.0,  # the connection breaks instead of an answer
    "drop_after": 0.0,  # the same once the question was answered, and is paid for
    "html_200": 0.0,  # a proxy's page is the answer
    "redirect": 0.0,
    "slow_seconds": 0.0,
    "slow_p": 1.0,
    "batch_pending": 0.0,  # a batch is still in progress when it is asked about
    "refuses_batches": 0.0,  # 400 to a new one
    "batch_expires": 0.0,  # a question of a batch that was not answered in time
    **FAULTS,
}

_MESSAGES = "/anthropic/v1/messages"
_MODELS = "/anthropic/v1/models/"
_KEYS: Mapping[str, Problem] = {
    "sk-ant-invalid": Problem(401, "authentication_error", "invalid x-api-key"),
    "sk-ant-forbidden": Problem(403, "permission_error", "Your API key does not have permission to use this model."),
    "sk-ant-poor": Problem(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
    ),
}


class Anthropic:
    """Any key that starts with `sk-ant-` is good, except those in `_KEYS`."""

    name = "anthropic"

    def __init__(self) -> None:
        self.switches = Switches(SWITCHES)
        self.conversations = Conversations()
        self._answers = Answers(self.switches)
        self._batches = Batches(self._answers, self.conversations, self.switches)
        self._controls = Router()
        control = "/_emulator/anthropic"
        self._controls.add("GET", f"{control}/requests", self._requests)
        self._controls.add("GET", f"{control}/faults", lambda _: json_response(self.switches.all()))
        self._controls.add("PUT", f"{control}/faults", self._set_faults)
        self._controls.add("GET", f"{control}/batches", lambda _: json_response({"batches": self._batches.all()}))

    def answer(self, request: Request) -> Response:
        if request.path.startswith(_MODELS):
            return _unauthorised(request) or self._fault() or _model(request.path.removeprefix(_MODELS))
        if request.path.startswith(f"{_MESSAGES}/batches"):
            refusal = _unauthorised(request) or _too_large(request, LARGEST_BATCH) or self._fault()
            return refusal or self._after(self._batches.answer(request))
        if request.path != _MESSAGES:
            return error(Problem(404, "not_found_error", "Not Found"))
        if request.method != "POST":
            return error(Problem(405, "invalid_request_error", "Method Not Allowed"))
        return self._asked(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _asked(self, request: Request) -> Response:
        """Every question is recorded, refused or not."""
        try:
            body = json_object(request.body)
        except BadRequest as fault:
            return error(Problem(400, "invalid_request_error", str(fault)))
        entry = self.conversations.ask(body)
        problem = problem_of(body)
        refusal = _unauthorised(request) or _too_large(request, LARGEST) or (error(problem) if problem else None)
        response = refusal or self._fault()
        if response is None:
            message = self._answers.message(body)
            response = self._after(json_response(message, headers={"request-id": f"req_{message['id'][4:]}"}))
            self.conversations.answer(entry, message)
        else:
            self.conversations.refuse(entry, response.note or str(int(response.status)))
        return response

    def _after(self, response: Response) -> Response:
        return Response(dropped=True, note="drop_after") if self.switches.hits("drop_after") else response

    def _requests(self, _: Request) -> Response:
        return json_response({"requests": self.conversations.questions()})

    def _set_faults(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return json_response(self.switches.all())

    def _fault(self) -> Response | None:
        if self.switches["slow_seconds"] and self.switches.draw(float(self.switches["slow_p"])):
            time.sleep(float(self.switches["slow_seconds"]))
        limited = error(Problem(429, "rate_limit_error", "This request would exceed your rate limit."))
        limited.headers["retry-after"] = str(self.switches["retry_after"])
        answers: Mapping[str, Response] = {
            "drop": Response(dropped=True, note="drop"),
            "rate_limit": limited,
            "overloaded": error(Problem(529, "overloaded_error", "Overloaded")),
            "error_5xx": error(Problem(500, "api_error", "Internal server error")),
            "html_200": html_response("<!doctype html><title>Checking your browser</title>"),
            "redirect": Response(307, b"", {"Location": "/elsewhere/v1/messages"}, note="redirect"),
        }
        return next((answer for switch, answer in answers.items() if self.switches.hits(switch)), None)


def _model(name: str) -> Response:
    if not is_known(name):
        return error(Problem(404, "not_found_error", f"model: {name}"))
    return json_response({"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"})


def _unauthorised(request: Request) -> Response | None:
    key, version = request.headers.get("x-api-key", ""), request.headers.get("anthropic-version")
    if not version:
        return error(Problem(400, "invalid_request_error", "anthropic-version: header is required"))
    if version not in VERSIONS:
        return error(Problem(400, "invalid_request_error", f'anthropic-version: "{version}" is not a valid version'))
    if key in _KEYS:
        return error(_KEYS[key])
    if not key.startswith("sk-ant-"):
        return error(Problem(401, "authentication_error", "invalid x-api-key"))
    return None


def _too_large(request: Request, most: int) -> Response | None:
    if len(request.body) <= most:
        return None
    return error(Problem(413, "request_too_large", "Request exceeds the maximum size"))
