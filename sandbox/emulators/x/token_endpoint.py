"""2/oauth2/token and 2/oauth2/revoke, for a confidential client: HTTP Basic, PKCE, rotating refresh tokens."""

from collections.abc import Mapping
from typing import Any

from sandbox.emulators.oauth import client_of, form, proves
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, html_response, json_response
from sandbox.emulators.x.consent import ConsentScreens
from sandbox.emulators.x.errors import oauth_error, oauth_unavailable
from sandbox.emulators.x.tokens import Token, TokenStore

TOKEN_SWITCHES: Mapping[str, Any] = {
    "token_lifetime": 7200,  # seconds
    "refresh_lifetime": 15_552_000,
    "no_refresh_token": 0.0,  # although it was asked for
    "html_200": 0.0,  # done, but a proxy's page is the answer
}
_OPERATIONS = {"authorization_code": "token.code", "refresh_token": "token.refresh"}
_PROXY_PAGE = "<!doctype html><title>Just a moment...</title>"


class TokenEndpoint:
    def __init__(self, screens: ConsentScreens, tokens: TokenStore, switches: Switches, operations: Operations) -> None:
        self._screens = screens
        self._tokens = tokens
        self._switches = switches
        self._operations = operations

    def issue(self, request: Request) -> Response:
        fields = form(request)
        operation = _OPERATIONS.get(fields.get("grant_type", ""), "token.other")
        work = {"token.code": self._exchange, "token.refresh": self._refresh}.get(operation)

        def checked(request: Request) -> Response:
            if refused := self._unknown_client(request):
                return refused
            if work is None:
                return _invalid("grant type")
            response = work(client_of(request, fields)[0], fields)
            done = response.status == 200
            return html_response(_PROXY_PAGE) if done and self._operations.hits(operation, "html_200") else response

        return self._operations.run(operation, request, checked, oauth_unavailable)

    def revoke(self, request: Request) -> Response:
        def work(request: Request) -> Response:
            if refused := self._unknown_client(request):
                return refused
            self._tokens.revoke_token(form(request).get("token", ""))
            return json_response({"revoked": True})

        return self._operations.run("revoke", request, work, oauth_unavailable)

    def _unknown_client(self, request: Request) -> Response | None:
        """Id and secret in the form are not read: the app is a confidential one."""
        identifier, secret = client_of(request, {})
        client = self._screens.client
        known = identifier and client.client_id in (None, identifier) and client.client_secret in (None, secret)
        if known and secret:
            return None
        return oauth_error(401, "unauthorized_client", "Missing valid authorization header")

    def _exchange(self, client: str, fields: Mapping[str, str]) -> Response:
        consent = self._screens.codes.take(fields.get("code", ""))
        if consent is None or consent.client != client:
            return _invalid("authorization code")
        if fields.get("redirect_uri") != consent.redirect_uri:
            return _invalid("redirect uri")
        if not proves(consent.challenge, consent.method, fields.get("code_verifier", "")):
            return oauth_error(
                400, "invalid_request", "Value passed for the code verifier did not match the code challenge."
            )
        return self._told(*self._tokens.open(client, consent.person, consent.scopes, **self._lives()))

    def _refresh(self, client: str, fields: Mapping[str, str]) -> Response:
        token = self._tokens.get(fields.get("refresh_token", ""))
        if token is None or token.client != client:
            return _invalid("token")
        fresh = self._tokens.rotate(token.value, **self._lives())
        return self._told(*fresh) if fresh is not None else _invalid("token")

    def _lives(self) -> dict[str, float]:
        return {
            "life": float(self._switches["token_lifetime"]),
            "refresh_life": float(self._switches["refresh_lifetime"]),
        }

    def _told(self, access: Token, refresh: Token | None) -> Response:
        members: dict[str, Any] = {
            "token_type": "bearer",
            "expires_in": round(float(self._switches["token_lifetime"])),
            "access_token": access.value,
            "scope": " ".join(access.scopes),
        }
        if refresh is not None and not self._operations.hits("token.refresh", "no_refresh_token"):
            members["refresh_token"] = refresh.value
        return json_response(members)


def _invalid(what: str) -> Response:
    return oauth_error(400, "invalid_request", f"Value passed for the {what} was invalid.")
