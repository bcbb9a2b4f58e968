"""Whose token a call of the Graph API brings, and what it opens."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.facebook.consent import Dialog
from sandbox.emulators.facebook.errors import ERRORS, refused
from sandbox.emulators.facebook.people import Directory, Person
from sandbox.emulators.facebook.tokens import PAGE, Token, TokenStore
from sandbox.emulators.oauth import bearer_of, form
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

VERSIONS = tuple(f"v{number}.0" for number in range(21, 27))
ACCESS_SWITCHES: Mapping[str, Any] = {
    # What is alive in November 2026, the oldest first.
    "versions": VERSIONS,
    "require_proof": False,  # the app asks for an appsecret_proof with every call
    "usage": 3,  # percent of the page's and the app's limit that is used up
    "regain_minutes": 0,  # until calls are taken again
    "api_error": None,  # one of errors.ERRORS: nothing is done
    "api_error_p": 1.0,  # share of the calls that get it
}


def fields_of(request: Request) -> dict[str, str]:
    """Query and form together: the Graph API reads both."""
    return {**request.query, **form(request)}


class Access:
    def __init__(
        self, directory: Directory, dialog: Dialog, tokens: TokenStore, switches: Switches, operations: Operations
    ) -> None:
        self._directory = directory
        self._dialog = dialog
        self._tokens = tokens
        self._switches = switches
        self._operations = operations

    def token(self, operation: str, request: Request) -> Token | Response:
        """A good token, or the refusal."""
        error = self._switches["api_error"]
        if error is not None and self._operations.meets(operation) and self._switches.hits("api_error_p"):
            return refused(error)
        value = bearer_of(request) or fields_of(request).get("access_token", "")
        token = self._tokens.get(value)
        if token is None:
            return refused("invalid")
        if not self._proved(request, value):
            return refused("proof")
        if (ended := self._ended(token)) is not None:
            return refused(ended)
        return token

    def person(self, token: Token) -> Person:
        return self._directory.get_or_make(token.session.account)

    def may(self, token: Token, page: str, *scopes: str, task: str | None = None) -> bool:
        """Whether a page's token opens this page for who holds these permissions, and has the task there."""
        tasks = self.person(token).tasks.get(page, ())
        allowed = set(scopes) <= set(token.session.scopes) and (task is None or task in tasks)
        return token.kind == PAGE and token.page == page and allowed

    def with_usage(self, response: Response, path_version: str) -> Response:
        """The headers of every answer. A version that is dead, or not yet born, is another one silently."""
        alive = self._switches["versions"]
        version = path_version if path_version in alive else alive[0]
        percent = int(self._switches["usage"])
        usage = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        minutes = {"type": "pages", **usage, "estimated_time_to_regain_access": self._switches["regain_minutes"]}
        response.headers |= {
            "facebook-api-version": version,
            "x-fb-trace-id": "AEmulatorTrace",
            "X-App-Usage": json_response(usage).body.decode(),
            "X-Business-Use-Case-Usage": json_response({"1": [minutes]}).body.decode(),
        }
        return response

    def _proved(self, request: Request, token: str) -> bool:
        """HMAC-SHA-256 of the token with the app's secret; wrong is always refused, missing when it is required."""
        given = fields_of(request).get("appsecret_proof")
        secret = self._dialog.client.client_secret
        if given is None:
            return not self._switches["require_proof"]
        if secret is None:
            return True
        return hmac.compare_digest(given, hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest())

    def _ended(self, token: Token) -> str | None:
        if token.session.ended is not None:
            return token.session.ended
        if not token.lasts:
            return "expired"
        if token.kind == PAGE and token.page not in self.person(token).tasks:
            return "role"
        return None


KNOWN = frozenset(ERRORS)
