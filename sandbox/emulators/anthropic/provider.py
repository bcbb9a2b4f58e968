"""Claude's Messages API, as far as one question with one forced tool goes: POST /v1/messages, without streaming; and
GET /v1/models/{id}.
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.anthropic import writing
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, html_response, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    "error_5xx": 0.0,
    "overloaded": 0.0,  # 529
    "rate_limit": 0.0,  # 429; `retry_after` is its header in seconds
    "retry_after": 1,
    "drop": 0.0,  # the connection breaks instead of an answer
    "html_200": 0.0,  # a proxy's page is the answer
    "redirect": 0.0,
    "slow_seconds": 0.0,
    "slow_p": 1.0,
    "cut_off": 0.0,  # stop_reason max_tokens
    "declined": 0.0,  # stop_reason refusal
    "plain_text": 0.0,  # no call of the tool
    "unknown_name": 0.0,  # a placeholder that was not offered
    "missing_member": 0.0,
    "no_usage": 0.0,  # the answer does not say how many tokens it took
}

_MODELS = "/anthropic/v1/models/"
_KEYS: Mapping[str, tuple[int, str, str]] = {
    "sk-ant-invalid": (401, "authentication_error", "invalid x-api-key"),
    "sk-ant-forbidden": (403, "permission_error", "Your API key does not have permission to use this model."),
    "sk-ant-poor": (
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
        self._asked: list[dict[str, Any]] = []
        self._controls = Router()
        self._controls.add("GET", "/_emulator/anthropic/requests", lambda _: json_response({"requests": self._asked}))
        self._controls.add("GET", "/_emulator/anthropic/faults", lambda _: json_response(self.switches.all()))
        self._controls.add("PUT", "/_emulator/anthropic/faults", self._set_faults)

    def answer(self, request: Request) -> Response:
        if request.path.startswith(_MODELS):
            return _unauthorised(request) or self._fault() or _model(request.path.removeprefix(_MODELS))
        if request.path != "/anthropic/v1/messages":
            return _error(404, "not_found_error", "Not Found")
        if request.method != "POST":
            return _error(405, "invalid_request_error", "Method Not Allowed")
        try:
            body = json_object(request.body)
        except BadRequest as error:
            return _error(400, "invalid_request_error", str(error))
        return _unauthorised(request) or _invalid(body) or self._fault() or self._message(body)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        """It never sends anything by itself."""

    def _set_faults(self, request: Request) -> Response:
        self.switches.set(json_object(request.body))
        return json_response(self.switches.all())

    def _fault(self) -> Response | None:
        if self.switches["slow_seconds"] and self.switches.draw(float(self.switches["slow_p"])):
            time.sleep(float(self.switches["slow_seconds"]))
        wait = {"retry-after": str(self.switches["retry_after"])}
        answers: Mapping[str, Response] = {
            "drop": Response(dropped=True, note="drop"),
            "rate_limit": _error(429, "rate_limit_error", "This request would exceed your rate limit.", wait),
            "overloaded": _error(529, "overloaded_error", "Overloaded"),
            "error_5xx": _error(500, "api_error", "Internal server error"),
            "html_200": html_response("<!doctype html><title>Checking your browser</title>"),
            "redirect": Response(307, b"", {"Location": "/elsewhere/v1/messages"}, note="redirect"),
        }
        return next((answer for switch, answer in answers.items() if self.switches.hits(switch)), None)

    def _message(self, body: Mapping[str, Any]) -> Response:
        self._asked.append(dict(body))
        reason, content = self._content(body)
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()
        return json_response(
            {
                "id": f"msg_{digest[:24]}",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": content,
                "stop_reason": reason,
                "stop_sequence": None,
                "usage": None if self.switches.hits("no_usage") else _usage(body, content),
            },
            headers={"request-id": f"req_{digest[24:48]}"},
        )

    def _content(self, body: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        if self.switches.hits("declined"):
            return "refusal", []
        proposal = writing.proposal(str(body["messages"][-1]["content"]))
        if self.switches.hits("plain_text"):
            return "end_turn", [{"type": "text", "text": proposal["body"]}]
        if self.switches.hits("unknown_name"):
            proposal["body"] = proposal["body"].replace("</p>", " {candidat_prenom}</p>", 1)
        if self.switches.hits("missing_member"):
            del proposal["subject"]
        reason = "max_tokens" if self.switches.hits("cut_off") else "tool_use"
        tool = body.get("tool_choice", {}).get("name")
        return reason, [{"type": "tool_use", "id": "toolu_01emulator", "name": tool, "input": proposal}]


def _usage(body: Mapping[str, Any], content: Any) -> dict[str, int]:
    """About four characters make a token."""
    asked = sum(len(str(body.get(name, ""))) for name in ("messages", "system", "tools"))
    return {"input_tokens": asked // 4, "output_tokens": len(str(content)) // 4}


def _model(name: str) -> Response:
    if not name.startswith("claude-"):
        return _error(404, "not_found_error", f"model: {name}")
    return json_response({"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"})


def _unauthorised(request: Request) -> Response | None:
    key = request.headers.get("x-api-key", "")
    if not request.headers.get("anthropic-version"):
        return _error(400, "invalid_request_error", "anthropic-version: header is required")
    if key in _KEYS:
        return _error(*_KEYS[key])
    if not key.startswith("sk-ant-"):
        return _error(401, "authentication_error", "invalid x-api-key")
    return None


def _invalid(body: Mapping[str, Any]) -> Response | None:
    """The first thing wrong with a question."""
    for name in ("model", "max_tokens", "messages"):
        if not body.get(name):
            return _error(400, "invalid_request_error", f"{name}: Field required")
    if not str(body["model"]).startswith("claude-"):
        return _error(404, "not_found_error", f"model: {body['model']}")
    chosen = body.get("tool_choice", {}).get("name")
    if chosen not in [tool.get("name") for tool in body.get("tools", [])]:
        return _error(400, "invalid_request_error", f"Tool '{chosen}' not found in provided tools")
    return None


def _error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_emulator"}
    response = json_response(body, status, headers)
    response.note = kind
    return response
