"""Every error leaves as RFC 9457 problem details that also carry the main web app's `detail` member.

Those who asked for a page get a page (`register`).
"""

import http
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from flask import Flask, Response, g, request
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from api_min.context import context
from worker.kit.logging import get_logger
from worker.kit.outages import is_outage
from worker.ledger.controls import ControlRefused, NotFound
from worker.ledger.failure import describe
from worker.ledger.health import readiness

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
CHUNK = 64 * 1024
DRAINED = 64 * 1024 * 1024
RETRY_AFTER_OUTAGE = 2
RETRY_AFTER_BUSY = 1
RETRY_AFTER_MIGRATION = 10
MOST_FAULTS = 50
LONGEST_NAME = 100
LONGEST_MESSAGE = 500

NOT_MIGRATED = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)

NO_RUN = "There is no such run; finished runs are deleted after some time."
# The main web app speaks English of templates, alerts and collaboration, French of interviews and scores.
NO_TEMPLATE = "Template not found"
NO_ALERT = "Job alert not found"
NO_INTERVIEW = "Entretien introuvable"
NO_APPLICATION = "Candidature introuvable"
NO_APPLICATION_IN_ENGLISH = "Application not found"
NOT_YOUR_APPLICATION_IN_ENGLISH = "Not authorized to access this application"
CONFLICT = "This Idempotency-Key was used with another body; use a new key for a new request."

SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not answer that method; the Allow header lists those it answers.",
    413: "The body is larger than this route accepts.",
    415: "The body must be JSON (Content-Type: application/json).",
    431: "Address and headers are larger than this service accepts.",
    429: "Too many requests; come back after the time in Retry-After.",
    503: "The service is busy; come back after the time in Retry-After.",
}


T = TypeVar("T")


class ApiError(Exception):
    """An answer other than success. errors: {loc, msg}. code: a run's stable error code. run_id: the run that this is
    about, whose address is told.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
        run_id: UUID | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.code = code
        self.run_id = run_id


def run_address(run_id: UUID) -> str:
    return f"/api/tasks/{run_id}"


def existing(found: T | None, sentence: str) -> T:
    """What was found. Raises ApiError 404."""
    if found is None:
        raise ApiError(404, sentence)
    return found


def invalid(place: Sequence[str | int], message: str) -> ApiError:
    """A 422 for one place of the request."""
    return invalid_places([{"loc": list(place), "msg": message}])


def invalid_places(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    """A 422 whose `detail` says in one string what `errors` lists, at most 50 of them."""
    shown = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in errors[:5]]
    more = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
    return ApiError(422, "; ".join(shown) + more, errors=errors[:MOST_FAULTS])


def places(error: ValidationError, *prefix: str | int) -> list[dict[str, Any]]:
    """The mistakes that pydantic found, as {loc, msg}, without the values that were sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [{"loc": [*prefix, *map(_short, each["loc"])], "msg": each["msg"][:LONGEST_MESSAGE]} for each in found]


def _short(part: str | int) -> str | int:
    return part[:LONGEST_NAME] if isinstance(part, str) else part


def problem(error: ApiError) -> Response:
    """The answer for an error."""
    body: dict[str, Any] = {
        "type": f"urn:intowork:{error.code}" if error.code else "about:blank",
        "title": title(error.status),
        "status": error.status,
        "detail": error.detail,
    }
    if error.errors:
        body["errors"] = list(error.errors)
    response = Response(json.dumps(body, ensure_ascii=False), error.status, mimetype=MEDIA_TYPE)
    response.headers.update(headers(error))
    return response


def headers(error: ApiError) -> dict[str, str]:
    """What goes with the answer, in whatever form."""
    told = dict(error.headers)
    if error.run_id is not None:
        told["Location"] = run_address(error.run_id)
    if error.status == 401:
        told["WWW-Authenticate"] = 'Bearer realm="intowork"'
    return told


def title(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the ledger's refusals into 404 and 409."""
    try:
        yield
    except NotFound as error:
        raise ApiError(404, str(error)) from None
    except ControlRefused as error:
        raise ApiError(409, str(error)) from None


def on_validation_error(error: ValidationError) -> Response:
    """What the framework calls when a request does not fit its model; models of a query are named `…Query`."""
    return problem(invalid_places(places(error, "query" if error.title.endswith("Query") else "body")))


def _of_http(error: HTTPException) -> ApiError:
    """Errors of werkzeug: routing, sizes, limits."""
    status = error.code or 500
    sentence = SENTENCES.get(status) or error.description or title(status)
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After", "Location"}}
    if status == 413:
        drain()
    if status == 429:
        headers["Retry-After"] = str(g.get("retry_after", 1))
    return ApiError(status, sentence, headers=headers)


def drain() -> None:
    """Read a refused body to its end, within bounds: a client that still sends would not see the answer."""
    source = request.environ["wsgi.input"]
    for _ in range(DRAINED // CHUNK):
        if not source.read(CHUNK):
            return


def _of_database(error: Exception) -> ApiError:
    """Postgres away, too slow, not migrated or a lock held too long: 503. A value it cannot store: 422.

    Anything else is ours: 500.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, psycopg.errors.LockNotAvailable):
        return _busy("A row is held by somebody else.", RETRY_AFTER_BUSY)
    if isinstance(cause, psycopg.errors.QueryCanceled):
        log.warning("api.statement_timeout", endpoint=request.endpoint)
        return _busy("The database needs too long for this; ask for less, or come back later.", RETRY_AFTER_OUTAGE)
    if isinstance(cause, NOT_MIGRATED) and (sentence := _behind()):
        return _busy(sentence, RETRY_AFTER_MIGRATION)
    if is_outage(error):
        log.warning("api.database_away", error=type(error).__name__)
        return _busy("The database is not reachable.", RETRY_AFTER_OUTAGE)
    if isinstance(cause, psycopg.DataError) and request.method != "GET":
        return _unstorable(cause)
    return _of_fault(error)


def _unstorable(error: psycopg.DataError) -> ApiError:
    """`enqueue_tasks` names the member that it refuses."""
    if error.diag.column_name and error.diag.message_primary:
        return invalid(["body", error.diag.column_name], error.diag.message_primary)
    return ApiError(422, "The request holds a value that the database cannot store.")


def _busy(sentence: str, seconds: int) -> ApiError:
    return ApiError(503, sentence, headers={"Retry-After": str(seconds)})


def _behind() -> str | None:
    """What is missing when a table or column of ours is not there; None when that is a fault of this release."""
    try:
        with context().database.transaction() as connection:
            return readiness(connection).behind
    except Exception as error:
        if not is_outage(error):
            raise
        return None


def _of_fault(error: Exception) -> ApiError:
    """A fault of ours: logged with its place, answered without internals."""
    failure = describe(error, request.endpoint or request.path)
    log.error(
        "api.fault",
        request_id=g.get("request_id"),
        endpoint=request.endpoint,
        error=failure.error_class,
        fingerprint=failure.fingerprint,
        traceback=failure.traceback,
    )
    return ApiError(500, "Something went wrong on our side; it has been logged under this X-Request-ID.")


def explain(error: Exception) -> ApiError:
    """What to answer for whatever was raised; a fault of ours is logged."""
    if isinstance(error, ApiError):
        return error
    return _of_http(error) if isinstance(error, HTTPException) else _of_database(error)


def register(app: Flask, page: Callable[[ApiError], Response | None]) -> None:
    """Problem details for programs; `page` answers those who asked for a page, and None for the others."""

    def on_error(error: Exception) -> Response:
        if isinstance(error, HTTPException) and isinstance(error.response, Response):
            return error.response
        found = explain(error)
        return page(found) or problem(found)

    app.register_error_handler(Exception, on_error)
