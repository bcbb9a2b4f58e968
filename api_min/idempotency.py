"""`Idempotency-Key`: a request that is repeated under its key gets what the first one was answered."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response, request

from api_min.actions.once import AnsweredBefore, Repeatable
from api_min.auth import caller
from api_min.request_parsing import idempotency_key, typed_request
from worker.ledger.answers import Key

LONGEST_FORM_KEY = 64
KEPT_HEADERS = ("Location", "Content-Type")

T = TypeVar("T")


def given_key() -> Key | None:
    """The request's key, told apart by its method, address and body. Raises ApiError 422."""
    name = idempotency_key()
    if name is None:
        return None
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(typed_request().raw_body)
    return Key(caller().name, name, digest.hexdigest())


def run_key() -> Key | None:
    """The request's key where it names the runs themselves: told apart by its body alone. Raises ApiError 422."""
    name = idempotency_key()
    return None if name is None else Key(caller().name, name, typed_request().body_hash())


def form_key() -> Key | None:
    """The key that a form of a page brings: it acts once at its address, whatever else it holds."""
    name = request.form.get("once", "")
    if not name or len(name) > LONGEST_FORM_KEY or not name.isascii() or not name.isprintable():
        return None
    return Key(caller().name, f"form {name}", f"{request.method} {request.path}")


def once(action: Callable[[Repeatable[T]], T], present: Callable[[T], Response]) -> Response:
    """Answer what an action made, as `present` shows it; for a repetition, what the first request was answered."""
    shown: list[Response] = []

    def keep(made: T) -> Mapping[str, Any]:
        shown.append(present(made))
        return _stored(shown[0])

    try:
        made = action(Repeatable(given_key(), keep))
    except AnsweredBefore as before:
        return Response(before.answer["body"], before.answer["status"], headers=before.answer["headers"])
    return shown[0] if shown else present(made)


def _stored(response: Response) -> Mapping[str, Any]:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    return {"status": response.status_code, "body": response.get_data(as_text=True), "headers": headers}
