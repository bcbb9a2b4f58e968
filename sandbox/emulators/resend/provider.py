"""Resend's API: POST /emails, POST /emails/batch, GET /emails, GET /emails/{id} and GET /domains, as documented."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from sandbox.emulators.resend.checks import Problem, addresses, problem_of
from sandbox.emulators.resend.keys import Keys, KeyState
from sandbox.emulators.resend.limits import Limits, check_rule, refusal
from sandbox.emulators.resend.store import Message, Search, Store, recipients_of
from sandbox.emulators.resend.webhooks import Webhooks
from sandbox.emulators.spool import Spool
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, Router, html_response, json_object, json_response

SWITCHES: Mapping[str, Any] = {
    "drop_after_recording": 0.0,  # the mails are taken, the connection breaks
    "error_5xx": 0.0,  # nothing is taken
    "error_5xx_after_recording": 0.0,
    "html_200": 0.0,  # taken, but a proxy's page is the answer
    "empty_200": 0.0,  # taken, no body
    "short_answer": 0.0,  # taken, one id is missing in the answer
    "redirect": 0.0,  # nothing is taken
    "slow_seconds": 0.0,
    "slow_p": 1.0,  # share of requests that are slow, when slow_seconds is set
    "rate_limit": 0.0,  # see Limits
    "daily_quota": None,  # addresses
    "monthly_quota": None,
    "nameless_refusals": False,  # refusals of a batch do not say which mail
    "domains": {"intowork.com": "verified"},  # of the account, with their states
    "answer": None,  # {status, name, message, headers?}: given instead of doing anything, `times` times
}

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MALFORMED = (400, "validation_error", "API key is invalid")
_KEYS: Mapping[str, tuple[int, str, str]] = {
    "re_invalid": _MALFORMED,
    "re_unknown": (403, "invalid_api_key", "API key is invalid"),
    "re_suspended": (403, "suspended_api_key", "This API key is suspended"),
}


SENDING_ONLY = "re_restricted"


class Resend:
    """Any key that starts with `re_` is good, except those in `_KEYS`; `SENDING_ONLY` may send and not read."""

    name = "resend"

    def __init__(self, spool: Spool) -> None:
        self.store = Store(spool)
        self.switches = Switches(SWITCHES)
        self.webhooks = Webhooks()
        self._keys = Keys()
        self._limits = Limits(self.switches)
        self._routes = self._make_routes()
        self._controls = self._make_controls()

    def answer(self, request: Request) -> Response:
        handler, known = self._routes.find(request)
        if handler is None and not known:
            return refusal(404, "not_found", "The requested endpoint does not exist.")
        if handler is None:
            return refusal(405, "method_not_allowed", "This endpoint does not support the specified HTTP method.")
        return _unauthorised(request) or self._limits.refuse_request() or handler(request)

    def steer(self, request: Request) -> Response:
        return self._controls.answer(request)

    def end(self) -> None:
        self.webhooks.end()

    def _make_routes(self) -> Router:
        router = Router()
        router.add("POST", "/resend/emails", self._post)
        router.add("POST", "/resend/emails/batch", self._post)
        router.add("GET", "/resend/emails", self._list)
        router.add("GET", "/resend/emails/{id}", self._get)
        router.add("GET", "/resend/domains", self._domains)
        return router

    def _make_controls(self) -> Router:
        router = Router()
        router.add("GET", "/_emulator/resend/messages", self._show_messages)
        router.add("GET", "/_emulator/resend/messages/{id}", self._show_message)
        router.add("GET", "/_emulator/resend/counts", self._show_counts)
        router.add("GET", "/_emulator/resend/faults", lambda _: json_response(self.switches.all()))
        router.add("PUT", "/_emulator/resend/faults", self._set_faults)
        router.add("GET", "/_emulator/resend/webhooks", self.webhooks.show)
        router.add("PUT", "/_emulator/resend/webhooks", self.webhooks.configure)
        router.add("POST", "/_emulator/resend/messages/{id}/webhook", self._send_webhook)
        return router

    def _post(self, request: Request) -> Response:
        fault = self._fault_before()
        if fault is not None:
            return fault
        key = request.headers.get("idempotency-key")
        if key is None:
            return self._fault_after(self._accept(request, None))
        if not 1 <= len(key) <= 256:
            return refusal(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        return self._post_once(request, key)

    def _post_once(self, request: Request, key: str) -> Response:
        state, first = self._keys.begin(key, request)
        if state is KeyState.OTHER_BYTES:
            return refusal(409, "invalid_idempotent_request", "Same idempotency key used with a different payload.")
        if state is KeyState.RUNNING:
            return refusal(409, "concurrent_idempotent_requests", "The first request is still in progress.")
        if first is not None:
            repeated = Response(first.status, first.body, dict(first.headers), note="replayed")
            return self._fault_after(repeated)
        response = self._accept(request, key)
        if response.status == 200:
            self._keys.finish(key, response)
        else:
            self._keys.release(key)
        return self._fault_after(response)

    def _accept(self, request: Request, key: str | None) -> Response:
        if self.switches["slow_seconds"] and self.switches.hits("slow_p"):
            time.sleep(float(self.switches["slow_seconds"]))
        try:
            parsed = from_json(request.body, allow_inf_nan=False, cache_strings="keys")
        except ValueError:
            return refusal(400, "validation_error", "The request body is not valid JSON.")
        if request.path.endswith("/batch"):
            return self._accept_batch(parsed, request, key)
        problem = problem_of(parsed, single=True)
        return _refused(problem) if problem else self._take([(None, parsed)], request, key, {}, single=True)

    def _accept_batch(self, mails: Any, request: Request, key: str | None) -> Response:
        if not isinstance(mails, list) or not 1 <= len(mails) <= 100:
            return refusal(422, "validation_error", "The batch must hold 1 to 100 emails.")
        problems = {index: problem for index, mail in enumerate(mails) if (problem := problem_of(mail))}
        if request.headers.get("x-batch-validation", "strict") != "permissive":
            if problems:
                return self._refuse_strictly(problems)
            return self._take(list(enumerate(mails)), request, key, {})
        errors = [{"index": index, "message": problem.message} for index, problem in problems.items()]
        good = [(index, mail) for index, mail in enumerate(mails) if index not in problems]
        return self._take(good, request, key, {"errors": errors} if errors else {})

    def _refuse_strictly(self, problems: Mapping[int, Problem]) -> Response:
        index, problem = next(iter(problems.items()))
        if self.switches["nameless_refusals"] or problem.status == 403:
            return _refused(problem)
        return refusal(problem.status, problem.name, f"emails[{index}]: {problem.message}")

    def _take(
        self,
        mails: Sequence[tuple[int | None, Mapping[str, Any]]],
        request: Request,
        key: str | None,
        members: Mapping[str, Any],
        *,
        single: bool = False,
    ) -> Response:
        recipients = sum(recipients_of(mail) for _, mail in mails)
        over = self._limits.refuse_mails(self.store.recipients, recipients)
        if over is not None:
            return over
        messages = self.store.record(mails, request.body, key, recipients)
        self.webhooks.accepted(messages)
        if single:
            return json_response({"id": messages[0].id})
        return json_response({"data": [{"id": message.id} for message in messages], **members})

    def _fault_before(self) -> Response | None:
        answer = self.switches["answer"]
        if answer and self.switches.draw(1.0):
            return refusal(answer["status"], answer["name"], answer["message"], answer.get("headers"))
        if self.switches.hits("error_5xx"):
            return refusal(500, "internal_server_error", "An unexpected error occurred.")
        if self.switches.hits("redirect"):
            return Response(302, b"", {"Location": "/resend/emails"}, note="redirect")
        return None

    def _fault_after(self, response: Response) -> Response:
        if response.status != 200:
            return response
        for switch, spoil in _SPOILED.items():
            if self.switches.hits(switch):
                spoiled = spoil(response)
                spoiled.note = switch
                return spoiled
        return response

    def _get(self, request: Request) -> Response:
        if not _UUID.fullmatch(request.parameters["id"]):
            return refusal(422, "validation_error", "The `id` must be a valid UUID.")
        message = self.store.get(request.parameters["id"].lower())
        if message is None:
            return refusal(404, "not_found", "Email not found")
        mail = self.store.content(message) or {}
        return json_response({**_public(message), **_details(mail)})

    def _list(self, request: Request) -> Response:
        messages, total = self.store.find(Search(), offset=0, limit=min(request.number("limit", 20), 100))
        data = [_public(message) for message in messages]
        return json_response({"object": "list", "has_more": total > len(data), "data": data})

    def _domains(self, _: Request) -> Response:
        data = [
            {"id": name, "name": name, "status": status, "created_at": "2026-01-01T00:00:00Z", "region": "eu-west-1"}
            for name, status in self.switches["domains"].items()
        ]
        return json_response({"object": "list", "has_more": False, "data": data})

    def _show_messages(self, request: Request) -> Response:
        search = Search(**{name: request.query.get(name) for name in ("to", "subject", "tag", "key")})
        messages, total = self.store.find(
            search, offset=request.number("offset", 0), limit=request.number("limit", 100)
        )
        return json_response({"total": total, "messages": [message.summary() for message in messages]})

    def _show_message(self, request: Request) -> Response:
        message = self.store.get(request.parameters["id"])
        if message is None:
            return json_response({"error": "no such message"}, 404)
        return json_response({**message.summary(), "mail": self.store.content(message)})

    def _send_webhook(self, request: Request) -> Response:
        message = self.store.get(request.parameters["id"])
        if message is None:
            return json_response({"error": "no such message"}, 404)
        return self.webhooks.send_now(message, json_object(request.body))

    def _show_counts(self, request: Request) -> Response:
        return json_response(self.store.counts(request.query.get("tag"), rows="rows" in request.query))

    def _set_faults(self, request: Request) -> Response:
        values = json_object(request.body)
        check_rule(values.get("rate_limit"))
        self.switches.set(values)
        return json_response(self.switches.all())


def _unauthorised(request: Request) -> Response | None:
    if not request.headers.get("user-agent"):
        return Response(403, b"error code: 1010", {"Content-Type": "text/plain"}, note="no user agent")
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        return refusal(401, "missing_api_key", "Missing API Key")
    if not key.startswith("re_"):
        return refusal(*_MALFORMED)
    if key == SENDING_ONLY and request.method != "POST":
        return refusal(401, "restricted_api_key", "This API key is restricted to only send emails")
    return refusal(*_KEYS[key]) if key in _KEYS else None


def _refused(problem: Problem) -> Response:
    return refusal(problem.status, problem.name, problem.message)


def _without_last_id(response: Response) -> Response:
    answer = json.loads(response.body)
    return json_response({"data": answer["data"][:-1]} if "data" in answer else {})


_SPOILED: Mapping[str, Callable[[Response], Response]] = {
    "drop_after_recording": lambda _: Response(dropped=True),
    "error_5xx_after_recording": lambda _: refusal(503, "service_unavailable", "The service is unavailable."),
    "html_200": lambda _: html_response("<!doctype html><title>Checking your browser</title>"),
    "empty_200": lambda _: Response(),
    "short_answer": _without_last_id,
}


def _public(message: Message) -> dict[str, Any]:
    """What a list shows of a mail; headers are never given back."""
    return {
        "object": "email",
        "id": message.id,
        "to": list(message.to),
        "from": message.sender,
        "subject": message.subject,
        "created_at": message.received_at,
        "last_event": "delivered",
        "message_id": f"<{message.id}@emulator.invalid>",
    }


def _details(mail: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of one mail besides."""
    return {
        "html": mail.get("html"),
        "text": mail.get("text"),
        **{name: addresses(mail.get(name)) for name in ("cc", "bcc", "reply_to")},
        "scheduled_at": mail.get("scheduled_at"),
        "tags": mail.get("tags") or [],
    }
