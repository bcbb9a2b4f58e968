"""How LinkedIn says no: its OAuth endpoints in one shape, its API in another."""

from collections.abc import Mapping
from typing import Any

from sandbox.emulators.web import Response, json_response

TRACE = {"x-li-uuid": "AAYemulator==", "x-li-request-id": "emulator", "x-li-fabric": "prod-emulator"}
_CONTENT_ERROR = "com.linkedin.content.common.exception.BadRequestResponseException"


class Refused(Exception):
    """The API does nothing; `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.note)
        self.response = response


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
    response = json_response(body, status, TRACE)
    response.note = code or message
    return response


def content_error(status: int, code: str, message: str, description: str, field: str | None = None) -> Response:
    """What is wrong with a post, in the words of the content service. field: its path, such as /content/article."""
    about = {"inputPath": {"fieldPath": field}} if field else {}
    body = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": f"{_CONTENT_ERROR}: {message}",
        "errorDetails": {"inputErrors": [{"description": description, "input": about, "code": code}]},
        "status": status,
    }
    response = json_response(body, status, TRACE)
    response.note = code
    return response


def access_denied(operation: str) -> Response:
    return envelope(403, f"Not enough permissions to access: {operation}", 100, "ACCESS_DENIED")


def daily_limit(whose: str) -> Response:
    """whose: APPLICATION or MEMBER. There is neither a Retry-After nor a rate header."""
    message = f"Resource level throttle {whose} DAY limit for calls to this resource is reached."
    return envelope(429, message, 101, "TOO_MANY_REQUESTS")


def api_unavailable(status: int) -> Response:
    if status == 429:
        return daily_limit("APPLICATION")
    return envelope(status, "Internal server error", code="INTERNAL_SERVER_ERROR")
