"""How LinkedIn says no: its OAuth endpoints in one shape, its API in another."""

from collections.abc import Mapping
from typing import Any

from sandbox.emulators.web import Response, json_response

_TRACE = {"x-li-uuid": "AAYemulator==", "x-li-request-id": "emulator", "x-li-fabric": "prod-emulator"}


def oauth_error(status: int, error: str, description: str) -> Response:
    response = json_response({"error": error, "error_description": description}, status)
    response.note = error
    return response


def oauth_unavailable(status: int) -> Response:
    return envelope(status, "Resource level throttle limit" if status == 429 else "Internal server error")


def envelope(status: int, message: str, service_code: int | None = None, code: str | None = None) -> Response:
    members: Mapping[str, Any] = {
        "status": status,
        "message": message,
        "serviceErrorCode": service_code,
        "code": code,
    }
    body = {name: value for name, value in members.items() if value is not None}
    response = json_response(body, status, _TRACE)
    response.note = code or message
    return response


def api_unavailable(status: int) -> Response:
    """A 429 has neither a Retry-After nor a rate header of its own."""
    if status == 429:
        message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
        return envelope(429, message, 101, "TOO_MANY_REQUESTS")
    return envelope(status, "Internal server error", code="INTERNAL_SERVER_ERROR")
