"""Graph's refusals: a code, a sentence, and ids to quote to the support."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_response

CODES: Mapping[int, str] = {
    400: "ErrorInvalidRequest",
    401: "InvalidAuthenticationToken",
    403: "ErrorAccessDenied",
    404: "ErrorItemNotFound",
    409: "ErrorIrresolvableConflict",
    410: "syncStateNotFound",
    412: "ErrorIrresolvableConflict",
    423: "notAllowed",
    429: "TooManyRequests",
    500: "ErrorInternalServerError",
    502: "UnknownError",
    503: "serviceNotAvailable",
    504: "ErrorTimeoutExpired",
    509: "activityLimitReached",
}


class Refused(Exception):
    """Graph says no. members: besides code and message in the error; headers: of the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
        self.members = members or {}
        self.headers = headers or {}


def invalid(message: str) -> Refused:
    return Refused(400, "ErrorInvalidRequest", message)


def not_found() -> Refused:
    return Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")


@dataclass(frozen=True, slots=True)
class GraphVoice:
    request: Request
    id: str = field(default_factory=lambda: str(uuid4()))

    def refused(self, error: Refused) -> Response:
        inner = {
            "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": self.id,
            "client-request-id": self.request.headers.get("client-request-id", self.id),
        }
        body = {"error": {"code": error.code, "message": error.message, "innerError": inner, **error.members}}
        response = json_response(body, error.status, error.headers)
        response.note = error.code
        return response

    def failure(self, status: int) -> Response:
        code = CODES.get(status, "UnknownError")
        return self.refused(Refused(status, code, "The service is temporarily unavailable. Please retry later."))

    def wanted(self, switches: Switches) -> Response | None:
        error = switches["graph_error"]
        if error is None or not switches.draw(1.0):
            return None
        return self.refused(wanted_refusal(error))


def wanted_refusal(error: Any) -> Refused:
    members: Mapping[str, Any] = error if isinstance(error, Mapping) else {}
    if not isinstance(members.get("status"), int) or set(members) - {"status", "code", "message", "headers"}:
        raise BadRequest("graph_error is {status, code?, message?, headers?}")
    status = members["status"]
    return Refused(
        status,
        members.get("code", CODES.get(status, "UnknownError")),
        members.get("message", "Asked for by a test."),
        headers=members.get("headers"),
    )
