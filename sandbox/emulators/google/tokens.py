"""The token endpoint, revocation and userinfo."""

import json
import math
import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.authorizing import Authorizing, Consent
from sandbox.emulators.google.grants import EMAIL, OPENID, PROFILE, AccessToken, Grants, RefreshToken, scope
from sandbox.emulators.google.refusals import oauth_error, oauth_unavailable
from sandbox.emulators.oauth import bearer_of, client_of, form, proves, unsigned_jwt
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, html_response, json_response

TOKEN_SWITCHES: Mapping[str, Any] = {
    "signed_in": None,  # the browser's account, see ConsentScreens
    "token_lifetime": 3599,  # seconds
    "testing": False,  # the consent screen's status: grants end after seven days, and say so
    "refresh_lifetime": None,  # seconds after which a grant ends, and says so; None: it has no end
    "rotate": 0.0,  # a refresh answers with a new refresh token; the old one is dead
    "no_refresh_token": 0.0,  # an exchange answers without one, whatever was asked
    "token_error": None,  # one of ERRORS: nothing is done, the code stays good
    "token_error_p": 1.0,  # share of requests that get it
    "same_token": 0.0,  # a refresh answers with the access token of before and what is left of its time
    "no_expires_in": 0.0,
    "html_200": 0.0,  # done, but a proxy's page is the answer
    "empty_200": 0.0,  # done, no body
}

ERRORS: Mapping[str, tuple[int, str, str, str | None]] = {
    "invalid_grant": (400, "invalid_grant", "Token has been expired or revoked.", None),
    "invalid_rapt": (400, "invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt"),
    "invalid_client": (401, "invalid_client", "The OAuth client was not found.", None),
    "unauthorized_client": (401, "unauthorized_client", "Unauthorized", None),
    "deleted_client": (401, "deleted_client", "The OAuth client was deleted.", None),
    "invalid_scope": (400, "invalid_scope", "Some requested scopes were invalid.", None),
    "admin_policy_enforced": (400, "admin_policy_enforced", "The administrator restricted access.", None),
}
_OPERATIONS = {"authorization_code": "token.code", "refresh_token": "token.refresh"}
_TESTING_SECONDS = 604_799
_PROXY_PAGE = "<!doctype html><title>Checking your browser</title>"


def _known(name: str) -> Response:
    return oauth_error(*ERRORS[name])


class Tokens:
    def __init__(
        self,
        accounts: Accounts,
        authorizing: Authorizing,
        grants: Grants,
        switches: Switches,
        operations: Operations,
    ) -> None:
        self._accounts = accounts
        self._authorizing = authorizing
        self._grants = grants
        self._switches = switches
        self._operations = operations

    def issue(self, request: Request) -> Response:
        """POST /token."""
        operation = _OPERATIONS.get(form(request).get("grant_type", ""), "token.other")
        work = {"token.code": self._exchange, "token.refresh": self._refresh}.get(operation, _unsupported)

        def checked(request: Request) -> Response:
            response = self._misused(operation) or self._unknown_client(request) or work(request)
            return self._strange(operation, response) if response.status == 200 else response

        return self._operations.run(operation, request, checked, oauth_unavailable)

    def revoke(self, request: Request) -> Response:
        """POST /revoke: the token in the form or in the query."""

        def work(request: Request) -> Response:
            value = form(request).get("token") or request.query.get("token")
            if not value:
                return oauth_error(400, "invalid_request", "Missing required parameter: token")
            if not self._grants.revoke_token(value):
                return oauth_error(400, "invalid_token", "Token expired or revoked")
            return json_response({})

        return self._operations.run("revoke", request, work, oauth_unavailable)

    def userinfo(self, request: Request) -> Response:
        return self._operations.run("userinfo", request, self._tell_user, oauth_unavailable)

    def _tell_user(self, request: Request) -> Response:
        token = self._grants.access(bearer_of(request) or "")
        account = self._accounts.get(token.account) if token else None
        if token is None or account is None or OPENID not in token.scopes:
            return oauth_error(401, "invalid_request", "Invalid Credentials")
        return json_response(_claims(account, token.scopes))

    def _misused(self, operation: str) -> Response | None:
        error = self._switches["token_error"]
        if error is None or not self._operations.hits(operation, "token_error_p"):
            return None
        return _known(error)

    def _unknown_client(self, request: Request) -> Response | None:
        identifier, secret = client_of(request, form(request))
        if not identifier or not secret:
            return oauth_error(400, "invalid_request", "Could not determine client ID or client secret from request.")
        if not self._authorizing.client.knows(identifier):
            return _known("invalid_client")
        if not self._authorizing.client.accepts(secret):
            return oauth_error(401, "invalid_client", "Unauthorized")
        return None

    def _exchange(self, request: Request) -> Response:
        fields = form(request)
        if not fields.get("code"):
            return oauth_error(400, "invalid_request", "Missing required parameter: code")
        consent = self._authorizing.codes.take(fields["code"])
        if consent is None:
            return oauth_error(400, "invalid_grant", "Malformed auth code.")
        if client_of(request, fields)[0] != consent.asked.client:
            return _known("unauthorized_client")
        if problem := _mismatch(consent, fields):
            return oauth_error(400, "invalid_grant", problem)
        return self._first_tokens(consent)

    def _first_tokens(self, consent: Consent) -> Response:
        wanted = consent.refreshable and not self._operations.hits("token.code", "no_refresh_token")
        token, refresh = self._grants.open(
            consent.asked.client,
            consent.account.email,
            consent.scopes,
            lifetime=float(self._switches["token_lifetime"]),
            refresh_lifetime=self._refresh_lifetime() if wanted else None,
        )
        return json_response(_members(token, consent.account, refresh, consent.asked.nonce))

    def _refresh_lifetime(self) -> float:
        seconds = _TESTING_SECONDS if self._switches["testing"] else self._switches["refresh_lifetime"]
        return math.inf if seconds is None else float(seconds)

    def _refresh(self, request: Request) -> Response:
        fields = form(request)
        value = fields.get("refresh_token")
        if not value:
            return oauth_error(400, "invalid_request", "Missing required parameter: refresh_token")
        held = self._grants.refreshable(value)
        if held is None:
            return _known("invalid_grant")
        if client_of(request, fields)[0] != held.client:
            return _known("unauthorized_client")
        wanted = tuple(scope(name) for name in fields.get("scope", "").split()) or held.scopes
        account = self._accounts.get(held.account)
        if account is None:
            return oauth_error(400, "invalid_grant", "Account has been deleted")
        if not set(wanted) <= set(held.scopes):
            return _known("invalid_scope")
        return self._renewed(value, wanted, account)

    def _renewed(self, refresh: str, wanted: tuple[str, ...], account: Account) -> Response:
        before = self._grants.newest(refresh)
        if before is not None and self._operations.hits("token.refresh", "same_token"):
            return json_response(_members(before, account, None, None))
        renewed = self._grants.renew(
            refresh,
            wanted,
            lifetime=float(self._switches["token_lifetime"]),
            rotate=self._operations.hits("token.refresh", "rotate"),
        )
        if renewed is None:
            return _known("invalid_grant")
        return json_response(_members(renewed[0], account, renewed[1], None))

    def _strange(self, operation: str, response: Response) -> Response:
        """A good answer turned into one that nobody expects."""
        if self._operations.hits(operation, "html_200"):
            return html_response(_PROXY_PAGE)
        if self._operations.hits(operation, "empty_200"):
            return Response(200, b"", note="empty_200")
        if self._operations.hits(operation, "no_expires_in"):
            return json_response(_without_expiry(response.body))
        return response


def _members(token: AccessToken, account: Account, refresh: RefreshToken | None, nonce: str | None) -> dict[str, Any]:
    members: dict[str, Any] = {
        "access_token": token.value,
        "expires_in": max(0, round(token.expires_at - time.time())),
        "scope": " ".join(token.scopes),
        "token_type": "Bearer",
    }
    if refresh is not None:
        members["refresh_token"] = refresh.value
        if refresh.expires_at is not None:
            members["refresh_token_expires_in"] = round(refresh.expires_at - time.time())
    if OPENID in token.scopes:
        members["id_token"] = _id_token(account, token, nonce)
    return members


def _without_expiry(body: bytes) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(body)
    members.pop("expires_in", None)
    return members


def _mismatch(consent: Consent, fields: Mapping[str, str]) -> str | None:
    """What does not belong to the code's authorize request."""
    if fields.get("redirect_uri") != consent.asked.redirect_uri:
        return "Bad Request: redirect_uri differs from that of the authorization request."
    challenge = consent.asked.challenge
    if challenge is None:
        return None
    if not fields.get("code_verifier"):
        return "Missing code verifier."
    if not proves(challenge, consent.asked.method, fields["code_verifier"]):
        return "Invalid code verifier."
    return None


def _unsupported(request: Request) -> Response:
    return oauth_error(400, "unsupported_grant_type", f"Invalid grant_type: {form(request).get('grant_type', '')}")


def _claims(account: Account, scopes: tuple[str, ...]) -> dict[str, Any]:
    """What the scopes let the application know about the person."""
    claims: dict[str, Any] = {"sub": account.sub}
    if EMAIL in scopes:
        claims |= {"email": account.email, "email_verified": True}
    if PROFILE in scopes:
        claims |= {"name": account.name}
    if account.kind == "work":
        claims["hd"] = account.domain
    return claims


def _id_token(account: Account, token: AccessToken, nonce: str | None) -> str:
    now = int(time.time())
    issued = {"iss": "https://accounts.google.com", "azp": token.client, "aud": token.client}
    times = {"iat": now, "exp": now + 3600}
    claims = {**issued, **_claims(account, token.scopes), **times}
    return unsigned_jwt(claims if nonce is None else {**claims, "nonce": nonce})
