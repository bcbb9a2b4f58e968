"""How the Graph API says no: one envelope, told apart by code and subcode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.emulators.web import Response, json_response


@dataclass(frozen=True, slots=True)
class GraphError:
    """status: of the answer. told: for the person, as `error_user_title` and `error_user_msg`."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400
    transient: bool = False
    told: tuple[str, str] | None = None


_TOO_FAST = (
    "We limit how often you can post, comment or do other things in a given amount of time in order to help protect "
    "the community from spam. You can try again later."
)
_DUPLICATE = (
    "This status update is identical to the last one you posted. Try posting something different, or delete your "
    "previous update."
)
_SESSION = "Error validating access token: "

ERRORS: Mapping[str, GraphError] = {
    "unknown": GraphError(1, "An unknown error occurred", status=500, transient=True),
    "service": GraphError(
        2, "An unexpected error has occurred. Please retry your request later.", status=500, transient=True
    ),
    "app_limit": GraphError(4, "(#4) Application request limit reached", status=403, transient=True),
    "user_limit": GraphError(17, "(#17) User request limit reached", transient=True),
    "page_limit": GraphError(32, "(#32) Page request limit reached", status=403, transient=True),
    "calls_limit": GraphError(613, "(#613) Calls to this api have exceeded the rate limit."),
    "pages_limit": GraphError(80001, "(#80001) There have been too many calls to this Page account.", transient=True),
    "action_limit": GraphError(341, "(#341) Feed action request limit reached"),
    "app_removed": GraphError(190, _SESSION + "The user has not authorized application.", 458, status=401),
    "session_ended": GraphError(102, "(#102) Session key invalid or no longer valid", status=401),
    "checkpoint": GraphError(
        190, _SESSION + "You cannot access the app till you log in to www.facebook.com.", 459, status=401
    ),
    "password": GraphError(
        190,
        _SESSION + "The session has been invalidated because the user changed their password or Facebook has changed "
        "the session for security reasons.",
        460,
        status=401,
    ),
    "expired": GraphError(190, _SESSION + "Session has expired.", 463, status=401),
    "invalid": GraphError(190, "Invalid OAuth access token - Cannot parse access token", 467, status=401),
    "role": GraphError(
        190, _SESSION + "The user is not an appropriate role on the Page of this token.", 492, status=401
    ),
    "permission": GraphError(
        200,
        "(#200) If posting to a page, requires both pages_read_engagement and pages_manage_posts as an admin with "
        "sufficient administrative permission",
        status=403,
    ),
    "denied": GraphError(10, "(#10) This endpoint requires the 'pages_read_engagement' permission.", status=403),
    "blocked": GraphError(
        368, "(#368) " + _TOO_FAST, 1390008, told=("You Can't Use This Feature Right Now", _TOO_FAST)
    ),
    "abusive": GraphError(368, "The action attempted has been deemed abusive or is otherwise disallowed"),
    "duplicate": GraphError(
        506,
        "(#506) Duplicate status message",
        1455006,
        told=("Duplicate Status Update", _DUPLICATE),
    ),
    "link": GraphError(
        100,
        "(#100) Invalid parameter",
        1609005,
        status=400,
        told=("Link Post Failure", "The post couldn't be published. The link couldn't be read."),
    ),
    "proof": GraphError(100, "(#100) Invalid appsecret_proof provided in the API argument"),
    "app_unknown": GraphError(101, "Error validating application. Cannot get application info due to a system error."),
    "app_secret": GraphError(1, "Error validating client secret."),
    "code_format": GraphError(100, "Invalid verification code format."),
    "code_used": GraphError(100, "This authorization code has been used.", 36009),
    "code_expired": GraphError(100, "This authorization code has expired.", 36007),
    "redirect": GraphError(
        100,
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in "
        "the OAuth dialog request",
        36008,
    ),
}


def refused(name: str) -> Response:
    return graph_error(ERRORS[name])


def graph_error(error: GraphError) -> Response:
    body: dict[str, Any] = {
        "message": error.message,
        "type": "OAuthException",
        "code": error.code,
        "error_subcode": error.subcode,
        "is_transient": error.transient,
        "error_user_title": error.told[0] if error.told else None,
        "error_user_msg": error.told[1] if error.told else None,
        "fbtrace_id": "AEmulatorTrace",
    }
    response = json_response(
        {"error": {name: value for name, value in body.items() if value is not None}}, error.status
    )
    response.note = f"{error.code}/{error.subcode}" if error.subcode else str(error.code)
    return response


def missing(identifier: str, method: str) -> Response:
    """Of an object that is gone, never was, or is not for this token: nobody is told which."""
    return graph_error(
        GraphError(
            100,
            f"Unsupported {method.lower()} request. Object with ID '{identifier}' does not exist, cannot be loaded due "
            "to missing permissions, or does not support this operation.",
            33,
        )
    )


def bad_parameter(why: str) -> Response:
    return graph_error(GraphError(100, f"(#100) {why}"))


def unavailable(status: int) -> Response:
    """A limit is no 429 here; what fails is code 2, whether it was done or not."""
    return (
        refused("app_limit")
        if status == 429
        else graph_error(GraphError(2, ERRORS["service"].message, None, status, transient=True))
    )
