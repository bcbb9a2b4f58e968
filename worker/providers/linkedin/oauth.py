"""LinkedIn accounts. Sources: LinkedIn, "Authorization code flow (3-legged OAuth)", "Profile API", "Programmatic
refresh tokens".

Scopes are answered with commas. Only approved apps get refresh tokens, whose end no refresh moves.
"""

from collections.abc import Mapping
from typing import Any

import requests

from worker.contracts.accounts import Account, CodeAnswer, Grant, Tokens
from worker.kit.errors import RunError
from worker.kit.http import CallLimits, build_session
from worker.providers.token_endpoint import RegisteredClient, TokenEndpoint, identity

_TRIES = 2
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
        """The code is spent by now: a profile that cannot be read leaves the account without a name."""
        given = self._endpoint.exchange(answer)
        claims = identity(self._client, given.id_token)
        account = _from_claims(claims) if claims else self._read_me(given.tokens.access_token)
        return Grant(given.tokens, account)

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:  # noqa: ARG002 - LinkedIn knows what was granted
        return self._endpoint.refresh(refresh_token)

    def revoke(self, token: str) -> None:
        """LinkedIn has no way to: members remove an app in their own settings."""

    def _read_me(self, token: str) -> Account:
        for _ in range(_TRIES):
            try:
                response = self._session.get(self._me, headers={"Authorization": f"Bearer {token}"})
            except RunError:
                continue
            if response.status_code < 500:
                return _from_profile(response)
        return _UNKNOWN


def _from_claims(claims: Mapping[str, Any]) -> Account:
    return Account(str(claims.get("sub") or ""), str(claims.get("name") or claims.get("email") or ""))


def _from_profile(response: requests.Response) -> Account:
    try:
        profile = response.json()
    except requests.JSONDecodeError:
        return _UNKNOWN
    if response.status_code != 200 or not isinstance(profile, dict) or not isinstance(profile.get("id"), str):
        return _UNKNOWN
    names = (profile.get("localizedFirstName"), profile.get("localizedLastName"))
    return Account(profile["id"], " ".join(name for name in names if isinstance(name, str) and name))
