"""X accounts. Source: X, "OAuth 2.0 Authorization Code Flow with PKCE".

A confidential client, which says who it is in a header. A refresh token is good once, and the answer holds the next:
where it is lost, its owner has to connect again.
"""

from urllib.parse import urlencode

from worker.contracts.accounts import Account, CodeAnswer, Grant, Tokens, told_account
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Retryable
from worker.kit.http import CallLimits
from worker.providers.token_endpoint import RegisteredClient, TokenEndpoint, post_form, wait
from worker.providers.x import payloads
from worker.providers.x.api import XApi

_TRIES = 3
_WHO = "users.read"
_UNKNOWN = Account(id="", label="")


class XAccounts:
    """An `AccountProvider`. Whose account it is comes with the scope `users.read`."""

    def __init__(self, *, client_id: str, client_secret: str, api_url: str, limits: CallLimits | None = None) -> None:
        self._api = XApi(api_url, limits)
        self._client = RegisteredClient(
            name="x",
            title="X",
            identifier=client_id,
            secret=client_secret,
            check="X_CLIENT_ID, X_CLIENT_SECRET, X_REDIRECT_URI and X_SCOPES",
            basic=True,
        )
        base = f"{api_url.rstrip('/')}/2/oauth2"
        self._endpoint = TokenEndpoint(self._api.session, self._client, f"{base}/token")
        self._revoke_url = f"{base}/revoke"

    def close(self) -> None:
        self._api.close()

    def exchange(self, answer: CodeAnswer) -> Grant:
        """The code is spent when the account is asked for: who cannot be named has to begin anew."""
        given = self._endpoint.exchange(answer).tokens
        told = given.scopes is None or _WHO in given.scopes
        return Grant(given, self._account(given.access_token) if told else _UNKNOWN)

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:  # noqa: ARG002 - X knows what was granted
        return self._endpoint.refresh(refresh_token)

    def check(self, redirect_uri: str) -> None:
        self._endpoint.check(redirect_uri)

    def revoke(self, token: str) -> None:
        """A 400 says that the token is no good any more."""
        form = urlencode({"token": token})
        response = post_form(self._api.session, self._revoke_url, form, self._client.headers)
        if response.status_code in (200, 400):
            return
        if response.status_code == 429:
            raise RateLimited("X takes no more tokens back for now.", after=wait(response))
        if response.status_code == 401:
            raise Misconfigured(f"X does not accept our app. Check {self._client.check}.", provider="x")
        raise Retryable(f"X did not take the token back ({response.status_code}).", code="provider.busy")

    def _account(self, token: str) -> Account:
        """Of who may not be asked, such as without credits, the account stays unknown."""
        for _ in range(_TRIES):
            try:
                told = payloads.data(self._api.read("/2/users/me", token))
            except Misconfigured as error:
                raise Misconfigured(str(error), provider="x", waits=False) from error
            except Permanent:
                return _UNKNOWN
            except (Retryable, RateLimited):
                continue
            if payloads.is_id(told.get("id")):
                username = told.get("username")
                return told_account(told["id"], f"@{username}" if isinstance(username, str) else "", told.get("name"))
        raise Retryable("X does not say for now whose account this is.", code="provider.busy")
