"""How X says no: problem details (RFC 7807) from its API, RFC 6749's members from its token endpoint."""

from collections.abc import Mapping
from typing import Any

from sandbox.emulators.web import Response, json_response

PROBLEMS = "https://api.twitter.com/2/problems/"
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> Response:
    members: Mapping[str, Any] = {"title": title, "detail": detail, "type": kind, "status": status, **more}
    response = json_response(members, status)
    response.note = title
    return response


def unauthorized() -> Response:
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Response:
    return problem(403, "Forbidden", detail)


def no_credits() -> Response:
    detail = "Your enrolled account [1999] does not have any credits to fulfill this request."
    return problem(402, "CreditsDepleted", detail, PROBLEMS + "credits", account_id=1999)


def not_enrolled() -> Response:
    return problem(
        403,
        "Client Forbidden",
        "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter "
        "developer App that is attached to a Project. You can create a project via the developer portal.",
        PROBLEMS + "client-forbidden",
        reason="client-not-enrolled",
        required_enrollment="Appropriate Level of API Access",
    )


def usage_capped() -> Response:
    kind = PROBLEMS + "usage-capped"
    return problem(429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", kind, period="Monthly")


def invalid(parameter: str, message: str) -> Response:
    response = problem(
        400,
        "Invalid Request",
        "One or more parameters to your request was invalid.",
        PROBLEMS + "invalid-request",
        errors=[{"parameters": {parameter: []}, "message": message}],
    )
    response.note = message
    return response


def not_found(identifier: str) -> dict[str, Any]:
    """Of a post, inside an answer of status 200."""
    return {
        "value": identifier,
        "detail": f"Could not find tweet with id: [{identifier}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": identifier,
        "type": PROBLEMS + "resource-not-found",
    }


def unavailable(status: int) -> Response:
    if status == 429:
        return problem(429, "Too Many Requests", "Too Many Requests")
    return problem(status, "Service Unavailable" if status == 503 else "Internal Server Error", "Something is broken.")


def oauth_error(status: int, error: str, description: str) -> Response:
    response = json_response({"error": error, "error_description": description}, status)
    response.note = error
    return response


def oauth_unavailable(status: int) -> Response:
    return unavailable(status)
