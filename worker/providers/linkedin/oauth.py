"""LinkedIn accounts. Sources: LinkedIn, "Authorization code flow (3-legged OAuth)", "Profile API", "Programmatic
refresh tokens".

Scopes are answered with commas. Only approved apps get refresh tokens, whose end no refresh moves.
"""

from collections.abc import Mapping
from typing import Any

import requests

from worker.contracts.accounts import Account, CodeAnswer, Grant, Tokens, told_account
from worker.kit.errors import Retryable, RunError
from worker.kit.http import CallLimits, build_session
from worker.providers.token_endpoint import RegisteredClient, TokenEndpoint, identity

_TRIES = 3
_PROFILE = frozenset({"r_basicprofile", "r_liteprofile"})
_UNKNOWN = Account(id="", label="")


class LinkedInAccounts:
    """An `AccountProvider`. Whose account it is comes with the scope `r_basicprofile`, or `openid profile`."""

    def __init__(
        self, *, client_id: str, client_secret: str, token_url: str, api_url: str, limits: CallLimits | None = None
    ) -> None:
        self._session = build_session(limits)
        self._client = RegisteredClient(
            name="linkedin",
            title="LinkedIn",
            identifier=client_id,
            secret=client_secret,
            check="LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET, LINKEDIN_REDIRECT_URI and LINKEDIN_SCOPES",
        )
        self._endpoint = TokenEndpoint(self._session, self._client, token_url)
        self._me = f"{api_url.rstrip('/')}/v2/me"

    def close(self) -> None:
        self._session.close()

    def exchange(self, answer: CodeAnswer) -> Grant:
        """Without a scope that tells it, the account stays unknown; where one was granted, tokens of an unknown account
        would be taken for another account's. The code is spent by then: the person has to begin anew.
        """
        given = self._endpoint.exchange(answer)
        claims = identity(self._client, given.id_token)
        if claims:
            return Grant(given.tokens, _from_claims(claims))
        scopes = given.tokens.scopes
        told = scopes is None or bool(scopes & _PROFILE)
        return Grant(given.tokens, self._read_me(given.tokens.access_token) if told else _UNKNOWN)

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:  # noqa: ARG002 - LinkedIn knows what was granted
        return self._endpoint.refresh(refresh_token)

    def check(self, redirect_uri: str) -> None:
        self._endpoint.check(redirect_uri)

    def revoke(self, token: str) -> None:
        """LinkedIn has no way to: members remove an app in their own settings."""

    def _read_me(self, token: str) -> Account:
        """A token that is seconds old may be refused for a moment."""
        for _ in range(_TRIES):
            try:
                response = self._session.get(self._me, headers={"Authorization": f"Bearer {token}"})
            except RunError:
                continue
            if response.status_code == 403:
                return _UNKNOWN
            account = _from_profile(response)
            if account is not None:
                return account
        raise Retryable("LinkedIn does not say for now whose account this is.", code="provider.busy")


def _from_claims(claims: Mapping[str, Any]) -> Account:
    return told_account(claims.get("sub"), claims.get("name"), claims.get("email"))


def _from_profile(response: requests.Response) -> Account | None:
    try:
        profile = response.json()
    except (ValueError, RecursionError):
        return None
    if response.status_code != 200 or not isinstance(profile, dict) or not isinstance(profile.get("id"), str):
        return None
    names = (profile.get("localizedFirstName"), profile.get("localizedLastName"))
    return told_account(profile["id"], " ".join(name for name in names if isinstance(name, str) and name))
