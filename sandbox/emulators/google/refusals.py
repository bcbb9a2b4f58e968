"""How Google says no: the Calendar API in one shape, the token endpoint in another."""

from collections.abc import Mapping

from sandbox.emulators.web import Response, json_response

# reason: status, domain, message, canonical status
REASONS: Mapping[str, tuple[int, str, str, str | None]] = {
    "rateLimitExceeded": (403, "usageLimits", "Rate Limit Exceeded", None),
    "userRateLimitExceeded": (403, "usageLimits", "User Rate Limit Exceeded", None),
    "quotaExceeded": (403, "usageLimits", "Calendar usage limits exceeded.", None),
    "dailyLimitExceeded": (403, "usageLimits", "Daily Limit Exceeded", None),
    "accessNotConfigured": (
        403,
        "usageLimits",
        "Google Calendar API has not been used in project before or it is disabled.",
        "PERMISSION_DENIED",
    ),
    "insufficientPermissions": (
        403,
        "global",
        "Request had insufficient authentication scopes.",
        "PERMISSION_DENIED",
    ),
    "forbidden": (403, "global", "Forbidden", "PERMISSION_DENIED"),
    "forbiddenForNonOrganizer": (
        403,
        "calendar",
        "Shared properties can only be changed by the organizer of the event.",
        None,
    ),
    "authError": (401, "global", "Invalid Credentials", "UNAUTHENTICATED"),
    "notFound": (404, "global", "Not Found", None),
    "duplicate": (409, "global", "The requested identifier already exists.", None),
    "deleted": (410, "global", "Resource has been deleted", None),
    "fullSyncRequired": (410, "calendar", "Sync token is no longer valid, a full sync is required.", None),
    "updatedMinTooLongAgo": (
        410,
        "calendar",
        "The requested minimum modification time lies too far in the past.",
        None,
    ),
    "conditionNotMet": (412, "global", "Precondition Failed", None),
    "backendError": (500, "global", "Backend Error", "INTERNAL"),
}
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


class Refused(Exception):
    """The Calendar API does nothing; `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.note)
        self.response = response


def calendar_error(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = "global",
    canonical: str | None = None,
    location: tuple[str, str] | None = None,
) -> Response:
    """location: its type (`parameter` or `header`) and its name."""
    detail = {"domain": domain, "reason": reason, "message": message}
    if location is not None:
        detail |= {"locationType": location[0], "location": location[1]}
    error: dict[str, object] = {"code": status, "message": message, "errors": [detail]}
    if canonical is not None:
        error["status"] = canonical
    if reason == "insufficientPermissions":
        error["details"] = [
            {"@type": _ERROR_INFO, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com"}
        ]
    headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    response = json_response({"error": error}, status, headers if status == 401 else None)
    response.note = reason
    return response


def known(reason: str, location: tuple[str, str] | None = None) -> Response:
    """One of `REASONS`."""
    status, domain, message, canonical = REASONS[reason]
    return calendar_error(status, reason, message, domain=domain, canonical=canonical, location=location)


def invalid(message: str, reason: str = "invalid", location: tuple[str, str] | None = None) -> Refused:
    return Refused(calendar_error(400, reason, message, location=location))


def invalid_parameter(name: str, value: str) -> Refused:
    return invalid(f"Invalid value '{value}' for parameter {name}.", "invalidParameter", ("parameter", name))


def unavailable(status: int) -> Response:
    """A 429 or 5xx of the Calendar API."""
    if status == 429:
        return calendar_error(
            429, "rateLimitExceeded", "Rate Limit Exceeded", domain="usageLimits", canonical="RESOURCE_EXHAUSTED"
        )
    return calendar_error(status, "backendError", "Backend Error", canonical="UNAVAILABLE")


def oauth_error(status: int, error: str, description: str | None = None, subtype: str | None = None) -> Response:
    body = {"error": error, "error_description": description, "error_subtype": subtype}
    response = json_response({name: value for name, value in body.items() if value is not None}, status)
    response.note = error
    return response


def oauth_unavailable(status: int) -> Response:
    """A 429 or 5xx of the token endpoint."""
    return oauth_error(status, "rate_limit_exceeded" if status == 429 else "internal_failure", "Try again later.")
