"""A token endpoint of OAuth 2.0 (RFC 6749): oauthlib writes the forms and checks the answers, our session carries them.

What is refused is told apart in three: the grant is lost and its owner is asked anew (GrantLost), we are not accepted
and no account is to blame (Misconfigured), or nobody knows yet (Retryable, RateLimited, Unreachable).
"""

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import jwt
import requests
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

from worker.contracts.accounts import CodeAnswer, GrantLost, Reason, Tokens, told_scopes
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError, UnknownOutcome
from worker.kit.figures import pause, seconds
from worker.kit.words import sentence

Purpose = Literal["exchange", "refresh"]
LONGEST_MESSAGE = 200
LONGEST_WAIT = 3600.0
USUAL_WAIT = 10.0
NOBODYS_CODE = "a-code-that-was-given-to-nobody"

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_SCOPES = re.compile(r"[,\s]+")
# An error's description may repeat a code, a token or an address.
_PRIVATE = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+|[\w./+~=-]{25,}")

_LOST: Mapping[str, Reason] = {
    "access_denied": "consent",
    "consent_required": "consent",
    "admin_policy_enforced": "consent",
    "interaction_required": "interaction",
    "login_required": "interaction",
}
_PASSING = frozenset({"internal_failure", "server_error", "temporarily_unavailable"})
# Of a code, the rest may be said because somebody brought one that was never given to us.
_OURS_WHATEVER_THE_CODE = frozenset({"invalid_client", "deleted_client", "disabled_client", "redirect_uri_mismatch"})
_NOT_ACCEPTED = _OURS_WHATEVER_THE_CODE | frozenset(
    {
        "unauthorized_client",
        "org_internal",
        "invalid_redirect_uri",
        "unsupported_grant_type",
        "invalid_request",
        "invalid_scope",
    }
)
# oauthlib reckons with them, however large they are.
_TIMES = frozenset({"expires_in", "expires_at"})
# Words of an `invalid_request` about the code or token rather than about us.
_ABOUT_THE_GRANT = re.compile(
    r"\bauthori[sz]ation (?:code|grant)\b|\bcode verifier\b|\brefresh token\b|\bpassed for the token\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """Our app at a provider. name: the provider's, of its gate. check: what operators look at when it is refused.

    basic: id and secret stand in a header instead of the form (RFC 6749, section 2.3.1); a 401 is about them then.
    """

    name: str
    title: str
    identifier: str
    secret: str = field(repr=False)
    check: str
    basic: bool = False

    @property
    def headers(self) -> Mapping[str, str]:
        if not self.basic:
            return {}
        pair = f"{quote(self.identifier, safe='')}:{quote(self.secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    @property
    def secret_in_form(self) -> str | None:
        return None if self.basic else self.secret


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    tokens: Tokens
    id_token: str | None = field(default=None, repr=False)


class TokenEndpoint:
    def __init__(self, session: requests.Session, client: RegisteredClient, url: str) -> None:
        self._session = session
        self._client = client
        self._url = url

    def exchange(self, answer: CodeAnswer) -> TokenAnswer:
        form = WebApplicationClient(self._client.identifier).prepare_request_body(
            code=answer.code,
            redirect_uri=answer.redirect_uri,
            code_verifier=answer.verifier,
            client_secret=self._client.secret_in_form,
        )
        return self._ask(form, "exchange")

    def refresh(self, refresh_token: str) -> Tokens:
        """What was granted is asked for as it is: a scope that is named may be refused."""
        form = WebApplicationClient(self._client.identifier).prepare_refresh_body(
            refresh_token=refresh_token, client_id=self._client.identifier, client_secret=self._client.secret_in_form
        )
        return self._ask(form, "refresh").tokens

    def check(self, redirect_uri: str) -> None:
        """Bring a code that was given to nobody: whoever calls it unknown has accepted our app."""
        with suppress(GrantLost):
            self.exchange(CodeAnswer(code=NOBODYS_CODE, redirect_uri=redirect_uri, scopes=()))

    def _ask(self, form: str, purpose: Purpose) -> TokenAnswer:
        response = post_form(self._session, self._url, form, self._client.headers)
        members = _members(response)
        if response.status_code >= 400 or "error" in members:
            raise refusal(self._client, response, members, purpose)
        if response.status_code != 200:
            raise _unusable(self._client, f"status {response.status_code}")
        given = self._read(members)
        if purpose == "exchange" and given.tokens.expires_in == 0.0:
            raise GrantLost(f"{self._client.title} gave a token that has ended already.", reason="code")
        return given

    def _read(self, members: Mapping[str, Any]) -> TokenAnswer:
        timeless = {name: value for name, value in members.items() if name not in _TIMES}
        try:
            WebApplicationClient(self._client.identifier).parse_request_body_response(json.dumps(timeless))
            return _read(members)
        except (OAuth2Error, ValueError, TypeError, AttributeError, RecursionError) as error:
            why = sentence(str(error), LONGEST_MESSAGE) or type(error).__name__
            raise _unusable(self._client, why) from None


def post_form(
    session: requests.Session, url: str, form: str, more: Mapping[str, str] | None = None
) -> requests.Response:
    """Calls for tokens may be repeated: that an answer was lost is no doubt about anything."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", **(more or {})}
    try:
        return session.post(url, data=form.encode(), headers=headers)
    except UnknownOutcome as error:
        raise Retryable(str(error), code="provider.no_answer") from error


def identity(client: RegisteredClient, id_token: str | None) -> Mapping[str, Any]:
    """The claims of an id_token that came straight from the provider over TLS, so its signature proves nothing more
    (OpenID Connect Core 1.0, section 3.1.3.7); empty without one. Raises Retryable when it is not for us.
    """
    if id_token is None:
        return {}
    try:
        claims: Mapping[str, Any] = jwt.decode(id_token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise _unusable(client, "its id_token cannot be read") from None
    audience = claims.get("aud")
    if client.identifier not in (audience if isinstance(audience, list) else [audience]):
        raise _unusable(client, "its id_token is for another app")
    return claims


def refusal(
    client: RegisteredClient, response: requests.Response, members: Mapping[str, Any], purpose: Purpose
) -> RunError:
    """What an answer that gives no token means."""
    status, error = response.status_code, sentence(members.get("error"), 60)
    if status == 429 or error in {"rate_limit_exceeded", "slow_down"}:
        return RateLimited(f"{client.title} gives no more tokens for now.", after=wait(response))
    if status >= 500 or not error or error in _PASSING:
        return Retryable(f"{client.title} gives no tokens for now ({status}).", code="provider.busy")
    said = sentence(members.get("error_description"), 10 * LONGEST_MESSAGE)
    ours = client.basic and status == 401
    reason = None if ours else _lost(error, sentence(members.get("error_subtype"), 60), said, purpose)
    if reason is not None:
        return GrantLost(f"{client.title} does not accept this authorisation any more ({error}).", reason=reason)
    said = _PRIVATE.sub("…", said)[:LONGEST_MESSAGE]
    if ours or error in _NOT_ACCEPTED:
        return Misconfigured(
            f"{client.title} does not accept our app ({error}): {said or 'no reason given.'} Check {client.check}.",
            provider=client.name,
            waits=purpose == "refresh",
        )
    return Retryable(f"{client.title} gives no tokens ({status} {error}): {said}", code="provider.unexpected_answer")


def wait(response: requests.Response) -> float:
    return pause(response.headers.get("retry-after"), least=1.0, most=LONGEST_WAIT, usual=USUAL_WAIT)


def _lost(error: str, subtype: str, said: str, purpose: Purpose) -> Reason | None:
    """Why the grant is lost; None when it is not."""
    if error == "invalid_grant" and subtype == "invalid_rapt":
        return "interaction"
    if error == "invalid_grant" or (error == "invalid_request" and _ABOUT_THE_GRANT.search(said)):
        return "code" if purpose == "exchange" else "revoked"
    foreign = purpose == "exchange" and error not in _OURS_WHATEVER_THE_CODE
    return _LOST.get(error, "code" if foreign else None)


def _members(response: requests.Response) -> Mapping[str, Any]:
    try:
        members = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _read(members: Mapping[str, Any]) -> TokenAnswer:
    """Raises ValueError."""
    expires_in, refresh_life = (seconds(members.get(name)) for name in ("expires_in", "refresh_token_expires_in"))
    scopes, id_token = members.get("scope"), members.get("id_token")
    tokens = Tokens(
        access_token=_token(members.get("access_token")),
        expires_in=None if expires_in is None else max(expires_in, 0.0),
        refresh_token=_token(members["refresh_token"]) if members.get("refresh_token") else None,
        refresh_expires_in=refresh_life if refresh_life is not None and refresh_life > 0 else None,
        scopes=told_scopes(_SCOPES.split(scopes)) if isinstance(scopes, str) else None,
    )
    return TokenAnswer(tokens, id_token if isinstance(id_token, str) and id_token else None)


def _token(value: Any) -> str:
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ValueError("its token has a strange form")
    return value


def _unusable(client: RegisteredClient, why: str) -> Retryable:
    return Retryable(f"{client.title} gave an answer that cannot be used: {why}.", code="provider.unusable_answer")
