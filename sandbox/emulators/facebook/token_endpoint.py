"""oauth/access_token: a code becomes a short token, a short token a long one."""

from collections.abc import Mapping
from typing import Any

from sandbox.emulators.facebook.access import fields_of
from sandbox.emulators.facebook.consent import Dialog
from sandbox.emulators.facebook.errors import bad_parameter, refused, unavailable
from sandbox.emulators.facebook.tokens import SHORT, Session, Token, TokenStore
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, html_response, json_response

TOKEN_SWITCHES: Mapping[str, Any] = {
    "short_lifetime": 5400,  # seconds
    "long_lifetime": 5_184_000,  # seconds
    "no_expires_in": 0.0,
    "html_200": 0.0,  # done, but a proxy's page is the answer
}
_OPERATIONS = {"fb_exchange_token": "token.exchange", "": "token.code", "authorization_code": "token.code"}
_PROXY_PAGE = "<!doctype html><title>Checking your browser</title>"


class TokenEndpoint:
    def __init__(self, dialog: Dialog, tokens: TokenStore, switches: Switches, operations: Operations) -> None:
        self._dialog = dialog
        self._tokens = tokens
        self._switches = switches
        self._operations = operations

    def issue(self, request: Request) -> Response:
        fields = fields_of(request)
        operation = _OPERATIONS.get(fields.get("grant_type", ""), "token.other")
        work = {"token.code": self._exchange, "token.exchange": self._lengthen}.get(operation, _unsupported)

        def checked(_: Request) -> Response:
            response = self._unknown_client(fields) or work(fields)
            if response.status == 200 and self._operations.hits(operation, "html_200"):
                return html_response(_PROXY_PAGE)
            return response

        return self._operations.run(operation, request, checked, unavailable)

    def _unknown_client(self, fields: Mapping[str, str]) -> Response | None:
        client = self._dialog.client
        if not fields.get("client_id") or client.client_id not in (None, fields["client_id"]):
            return refused("app_unknown")
        if not fields.get("client_secret") or client.client_secret not in (None, fields["client_secret"]):
            return refused("app_secret")
        return None

    def _exchange(self, fields: Mapping[str, str]) -> Response:
        if not fields.get("code", "").startswith("AQ"):
            return refused("code_format")
        consent = self._dialog.codes.take(fields["code"])
        if consent is None:
            return refused("code_used")
        if (fields.get("redirect_uri"), fields["client_id"]) != (consent.redirect_uri, consent.client):
            return refused("redirect")
        session = Session(consent.client, consent.person, consent.scopes, consent.declined, consent.pages)
        life = float(self._switches["short_lifetime"])
        return self._told(self._tokens.open(session, life), life)

    def _lengthen(self, fields: Mapping[str, str]) -> Response:
        token = self._tokens.get(fields.get("fb_exchange_token", ""))
        if token is None or token.session.client != fields["client_id"]:
            return refused("invalid")
        if token.session.ended is not None:
            return refused(token.session.ended)
        if not token.lasts:
            return refused("expired")
        life = float(self._switches["long_lifetime"])
        return self._told(self._tokens.lengthen(token, life) if token.kind == SHORT else token, life)

    def _told(self, token: Token, life: float) -> Response:
        members: dict[str, Any] = {"access_token": token.value, "token_type": "bearer", "expires_in": round(life)}
        if self._operations.hits("token.code", "no_expires_in"):
            del members["expires_in"]
        return json_response(members)


def _unsupported(fields: Mapping[str, str]) -> Response:
    return bad_parameter(f"Invalid grant_type: {fields.get('grant_type', '')}")
