"""accessToken and introspectToken."""

import json
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.linkedin.consent import ConsentScreens
from sandbox.emulators.linkedin.errors import oauth_error, oauth_unavailable
from sandbox.emulators.linkedin.members import Directory
from sandbox.emulators.linkedin.tokens import Token, TokenStore
from sandbox.emulators.oauth import form, unsigned_jwt
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, html_response, json_response

PRODUCTS = (
    "r_basicprofile",
    "rw_organization_admin",
    "r_organization_social",
    "w_organization_social",
    "r_organization_social_feed",
    "w_organization_social_feed",
)
TOKEN_SWITCHES: Mapping[str, Any] = {
    "products": PRODUCTS,  # the scopes of the application's products; others are unauthorized_scope_error
    "token_lifetime": 5_184_000,  # seconds
    "refresh_tokens": True,  # only approved applications get them
    "refresh_lifetime": 31_536_000,  # seconds from the consent
    "no_token_type": 0.0,
    "no_expires_in": 0.0,
    "html_200": 0.0,  # done, but a proxy's page is the answer
    "token_error": None,  # one of ERRORS: nothing is done, the code stays good
    "token_error_p": 1.0,  # share of requests that get it
}
ERRORS: Mapping[str, tuple[int, str]] = {
    "invalid_grant": (400, "The provided authorization grant or refresh token is invalid, expired or revoked."),
    "invalid_client": (401, "Client authentication failed"),
    "unauthorized_client": (401, "The client is not authorized to request an access token using this method."),
    "invalid_request": (400, "A required parameter is missing or invalid."),
}
_OPERATIONS = {"authorization_code": "token.code", "refresh_token": "token.refresh"}
_PROXY_PAGE = "<!doctype html><title>Checking your browser</title>"


class OAuthEndpoints:
    def __init__(
        self,
        directory: Directory,
        screens: ConsentScreens,
        tokens: TokenStore,
        switches: Switches,
        operations: Operations,
    ) -> None:
        self._directory = directory
        self._screens = screens
        self._tokens = tokens
        self._switches = switches
        self._operations = operations

    def issue(self, request: Request) -> Response:
        """POST accessToken."""
        fields = form(request)
        operation = _OPERATIONS.get(fields.get("grant_type", ""), "token.other")
        work = {"token.code": self._exchange, "token.refresh": self._refresh}.get(operation, _unsupported)

        def checked(_: Request) -> Response:
            response = self._misused(operation) or self._unknown_client(fields) or work(fields)
            return self._strange(operation, response) if response.status == 200 else response

        return self._operations.run(operation, request, checked, oauth_unavailable)

    def introspect(self, request: Request) -> Response:
        """POST introspectToken."""

        def work(request: Request) -> Response:
            fields = form(request)
            if refused := self._unknown_client(fields):
                return refused
            if not fields.get("token"):
                return oauth_error(400, *_known("invalid_request"))
            return json_response(_introspected(self._tokens.get(fields["token"]), fields["client_id"]))

        return self._operations.run("introspect", request, work, oauth_unavailable)

    def _misused(self, operation: str) -> Response | None:
        error = self._switches["token_error"]
        if error is None or not self._operations.hits(operation, "token_error_p"):
            return None
        return oauth_error(ERRORS[error][0], *_known(error))

    def _unknown_client(self, fields: Mapping[str, str]) -> Response | None:
        """Both in the form: an Authorization header is not read."""
        client = self._screens.client
        if not fields.get("client_id") or not fields.get("client_secret"):
            return oauth_error(400, "invalid_request", 'A required parameter "client_id" or "client_secret" is missing')
        if client.client_id not in (None, fields["client_id"]):
            return oauth_error(401, *_known("invalid_client"))
        if client.client_secret not in (None, fields["client_secret"]):
            return oauth_error(401, *_known("invalid_client"))
        return None

    def _exchange(self, fields: Mapping[str, str]) -> Response:
        consent = self._screens.codes.take(fields.get("code", ""))
        if consent is None:
            return oauth_error(400, "invalid_request", "Unable to retrieve access token: authorization code not found")
        if fields.get("redirect_uri") != consent.redirect_uri or fields["client_id"] != consent.client:
            message = "Unable to retrieve access token: appid/redirect uri/code verifier does not match"
            return oauth_error(400, "invalid_request", message)
        access, refresh = self._tokens.open(
            consent.client,
            consent.member,
            consent.scopes,
            lifetime=float(self._switches["token_lifetime"]),
            refresh_lifetime=float(self._switches["refresh_lifetime"]) if self._switches["refresh_tokens"] else None,
        )
        return json_response({**_members(access, refresh), **self._identity(access)})

    def _identity(self, token: Token) -> dict[str, Any]:
        """An id_token for who asked for `openid`, with what the other scopes let it say."""
        member = self._directory.member(token.member)
        if member is None or "openid" not in token.scopes:
            return {}
        now = int(time.time())
        claims: dict[str, Any] = {"iss": "https://www.linkedin.com/oauth", "aud": token.client, "sub": member.id}
        if "profile" in token.scopes:
            claims |= {"name": member.name, "given_name": member.first, "family_name": member.last}
        if "email" in token.scopes:
            claims |= {"email": member.email, "email_verified": "true"}
        return {"id_token": unsigned_jwt({**claims, "iat": now, "exp": now + 3600})}

    def _refresh(self, fields: Mapping[str, str]) -> Response:
        refresh = self._tokens.get(fields.get("refresh_token", ""))
        if refresh is None or not refresh.refresh or refresh.status != "active":
            return oauth_error(400, *_known("invalid_grant"))
        if refresh.client != fields["client_id"]:
            return oauth_error(401, *_known("unauthorized_client"))
        access = self._tokens.renew(refresh, float(self._switches["token_lifetime"]))
        return json_response(_members(access, refresh))

    def _strange(self, operation: str, response: Response) -> Response:
        if self._operations.hits(operation, "html_200"):
            return html_response(_PROXY_PAGE)
        switches = {"token_type": "no_token_type", "expires_in": "no_expires_in"}
        left_out = {name for name, switch in switches.items() if self._operations.hits(operation, switch)}
        members = json.loads(response.body)
        return json_response({name: value for name, value in members.items() if name not in left_out})


def _known(error: str) -> tuple[str, str]:
    return error, ERRORS[error][1]


def _unsupported(fields: Mapping[str, str]) -> Response:
    return oauth_error(400, "unsupported_grant_type", f"Unknown grant_type: {fields.get('grant_type', '')}")


def _members(access: Token, refresh: Token | None) -> dict[str, Any]:
    """Scopes are asked with spaces and answered with commas."""
    now = time.time()
    members: dict[str, Any] = {
        "access_token": access.value,
        "expires_in": max(0, round(access.expires_at - now)),
        "scope": ",".join(access.scopes),
        "token_type": "Bearer",
    }
    if refresh is not None:
        members["refresh_token"] = refresh.value
        members["refresh_token_expires_in"] = max(0, round(refresh.expires_at - now))
    return members


def _introspected(token: Token | None, client: str) -> dict[str, Any]:
    """Tokens of other applications are not spoken of."""
    if token is None or token.client != client:
        return {"active": False}
    return {
        "active": token.status == "active",
        "status": token.status,
        "scope": ",".join(token.scopes),
        "client_id": token.client,
        "created_at": int(token.created_at),
        "authorized_at": int(token.authorized_at),
        "expires_at": int(token.expires_at),
        "auth_type": "3L",
    }
