"""AADSTS numbers, the OAuth error each one stands for, and the bodies that carry them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, json_response

CLAIMS = json.dumps(
    {"access_token": {"capolids": {"essential": True, "values": ["c7a4b2a0-0000-4000-8000-1f5e0c7d9b11"]}}}
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One number: `claims` is what the client must pass on to the authorize page."""

    error: str
    text: str
    suberror: str | None = None
    status: int = 400
    claims: str | None = None


def _grant(text: str, suberror: str | None = None) -> Kind:
    return Kind("invalid_grant", text, suberror)


def _person(text: str, suberror: str = "basic_action") -> Kind:
    return Kind("interaction_required", text, suberror, claims=CLAIMS)


def _client(text: str) -> Kind:
    return Kind("invalid_client", text, status=401)


def _later(text: str) -> Kind:
    return Kind("temporarily_unavailable", text)


KINDS: Mapping[int, Kind] = {
    50011: _grant("The redirect URI specified in the request does not match the ones configured for the application."),
    50020: _grant("The user account from this identity provider does not exist in this tenant."),
    50033: _later("A recoverable error has occurred. Please try again."),
    50057: _grant("The user account is disabled."),
    50058: Kind("login_required", "A silent sign-in request was sent but no user is signed in."),
    50074: _person("Strong Authentication is required."),
    50076: _person("Due to a configuration change you must use multi-factor authentication to access the resource."),
    50078: _person("Presented multi-factor authentication has expired due to policies."),
    50079: _person("The user is required to enroll in multi-factor authentication."),
    50087: _later("A transient error has occurred during strong authentication. Please try again."),
    50173: _grant("The provided grant has expired due to it being revoked, a fresh auth token is needed.", "bad_token"),
    50194: Kind("invalid_request", "The application is not configured as a multi-tenant application."),
    50196: Kind("invalid_grant", "The server terminated an operation because it met a client request loop."),
    501481: _grant("The code_verifier does not match the code_challenge supplied in the authorization request."),
    53000: _person("Device is not in required device state.", "message_only"),
    53003: _person("Access has been blocked by Conditional Access policies.", "message_only"),
    54005: _grant("OAuth2 authorization code was already redeemed, please retry with a new valid code."),
    65001: _grant("The user or administrator has not consented to use the application.", "consent_required"),
    65004: Kind("access_denied", "User declined to consent to access the app."),
    70000: _grant("The provided value for the input parameter is not valid.", "bad_token"),
    70002: _client("Error validating credentials."),
    70003: Kind("unsupported_grant_type", "The app requested an unsupported grant type."),
    70008: _grant("The provided authorization code or refresh token has expired due to inactivity.", "token_expired"),
    70011: Kind("invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    70012: _later("A server error occurred while authenticating a consumer account. Please try again."),
    70043: _grant("The refresh token has expired or is invalid due to sign-in frequency checks.", "token_expired"),
    700016: Kind("unauthorized_client", "The application was not found in the directory."),
    700082: _grant("The refresh token has expired due to inactivity.", "token_expired"),
    700054: Kind("unsupported_response_type", "response_type is not enabled for the application."),
    7000215: _client("Invalid client secret provided."),
    7000218: _client("The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    7000222: _client("The provided client secret keys for the app are expired."),
    90002: Kind("invalid_tenant", "The tenant was not found."),
    90006: _later("The service is temporarily unavailable. Please retry later."),
    90094: Kind("access_denied", "The grant requires admin permission."),
    900144: Kind("invalid_request", "The request body must contain a required parameter."),
    900941: Kind("access_denied", "Admin consent is required. The application is considered risky."),
}


class Refused(Exception):
    """Identity says no; the text takes the place of the number's usual one."""

    def __init__(self, number: int, text: str | None = None) -> None:
        super().__init__(number, text)
        self.number = number
        self.kind = KINDS[number] if text is None else replace(KINDS[number], text=text)


def description(number: int, text: str, trace: str | None = None, correlation: str | None = None) -> str:
    return (
        f"AADSTS{number}: {text} Trace ID: {trace or uuid4()} Correlation ID: {correlation or uuid4()} "
        f"Timestamp: {_now()}"
    )


@dataclass(frozen=True, slots=True)
class IdentityVoice:
    """tokens: whether tokens are asked for, which is where `token_error` is told."""

    request: Request
    tokens: bool = False

    def refused(self, number: int, kind: Kind) -> Response:
        trace, correlation = str(uuid4()), self.request.headers.get("client-request-id") or str(uuid4())
        body = {
            "error": kind.error,
            "error_description": description(number, kind.text, trace, correlation),
            "error_codes": [number],
            "timestamp": _now(),
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        }
        optional = {"suberror": kind.suberror, "claims": kind.claims}
        body.update({name: value for name, value in optional.items() if value is not None})
        response = json_response(body, kind.status)
        response.note = f"AADSTS{number}"
        return response

    def failure(self, status: int) -> Response:
        return self.refused(90006, replace(KINDS[90006], status=status))

    def wanted(self, switches: Switches) -> Response | None:
        error = switches["token_error"]
        if not self.tokens or error is None or not switches.draw(1.0):
            return None
        return self.refused(*wanted_kind(error))


def wanted_kind(error: Any) -> tuple[int, Kind]:
    """A number, or an object that changes members of the number's kind."""
    members: Mapping[str, Any] = error if isinstance(error, Mapping) else {"aadsts": error}
    number = members.get("aadsts")
    changes = {name: value for name, value in members.items() if name != "aadsts"}
    if (
        not isinstance(number, int)
        or number not in KINDS
        or set(changes) - {"error", "text", "suberror", "status", "claims"}
    ):
        known = ", ".join(map(str, sorted(KINDS)))
        raise BadRequest(f"token_error is {{aadsts, error?, text?, suberror?, status?, claims?}} with one of {known}")
    return number, replace(KINDS[number], **changes)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
