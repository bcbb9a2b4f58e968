"""`Idempotency-Key`: a request that is repeated under its key gets what the first one was answered."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from api_min.auth import caller
from api_min.context import context
from api_min.errors import ApiError
from api_min.limits import check_limit
from api_min.request_parsing import idempotency_key, typed_request
from worker.kit.commits import certainly
from worker.ledger import answers
from worker.ledger.answers import Earlier, Key

# Seconds for which a request whose commit got no answer asks whether it was carried out.
ASK_FOR = 10.0
# What a person's answers may take of the database while they are kept: some 200 MB, at a template's full length.
KEPT = "2000 per day"
CONFLICT = "This Idempotency-Key was used with another body; use a new key for a new request."
KEPT_HEADERS = ("Location", "Content-Type")

Work = Callable[[Connection], Response]


class KeyTakenError(Exception):
    """Another request with the same key was faster."""


def given_key() -> Key | None:
    """The request's key, told apart by its method, address and body. Raises ApiError 422."""
    name = idempotency_key()
    if name is None:
        return None
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    digest.update(typed_request().raw_body)
    return Key(caller().name, name, digest.hexdigest())


def earlier(key: Key | None) -> Earlier | None:
    """What was asked for under this key before. Raises ApiError 409 when it was something else."""
    if key is None:
        return None
    with context().database.transaction() as connection:
        found = answers.find(connection, key)
    if found is not None and not found.same:
        raise ApiError(409, CONFLICT)
    return found


def once(prepare: Callable[[], Work]) -> Response:
    """Do what a request asks for in one transaction, once per key, and answer.

    prepare: checks, counts against limits and gives the work; not called for a repetition. What it refuses, or the
    work, leaves no key. A commit whose answer was lost is looked up: the answer is then what it would have been.
    Raises ApiError 409 for a key of another request, and 429.
    """
    key = given_key()
    if (found := earlier(key)) is not None and found.answer is not None:
        return _again(found.answer)
    if key is not None and caller().kind == "user":
        check_limit(KEPT, "answers kept", key.scope)
    work = prepare()
    try:
        return certainly(context().database, _kept(work, key) if key else work, seconds=ASK_FOR)
    except KeyTakenError:
        first = earlier(key)
        if first is None or first.answer is None:
            raise ApiError(409, CONFLICT) from None
        return _again(first.answer)


def _kept(work: Work, key: Key) -> Work:
    def kept(connection: Connection) -> Response:
        if not answers.claim(connection, key):
            raise KeyTakenError
        response = work(connection)
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        body = response.get_data(as_text=True)
        answers.keep(connection, key, {"status": response.status_code, "body": body, "headers": headers})
        return response

    return kept


def _again(answer: Mapping[str, Any]) -> Response:
    return Response(answer["body"], answer["status"], headers=answer["headers"])
