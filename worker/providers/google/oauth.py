"""Google accounts. Source: Google, "Using OAuth 2.0 for web server applications" and "OpenID Connect"."""

from urllib.parse import urlencode

from worker.contracts.accounts import Account, AccountKind, CodeAnswer, Grant, Tokens, told_account
from worker.kit.errors import RateLimited, Retryable
from worker.kit.http import CallLimits, build_session
from worker.providers.token_endpoint import RegisteredClient, TokenEndpoint, identity, post_form, wait


class GoogleAccounts:
    """An `AccountProvider`. Whose account it is comes with the scope `openid`, its address with `email`."""

    def __init__(
        self, *, client_id: str, client_secret: str, token_url: str, revoke_url: str, limits: CallLimits | None = None
    ) -> None:
        self._session = build_session(limits)
        self._client = RegisteredClient(
            name="google",
            title="Google",
            identifier=client_id,
            secret=client_secret,
            check="GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, GOOGLE_REDIRECT_URI and GOOGLE_SCOPES",
        )
        self._endpoint = TokenEndpoint(self._session, self._client, token_url)
        self._revoke_url = revoke_url

    def close(self) -> None:
        self._session.close()

    def exchange(self, answer: CodeAnswer) -> Grant:
        given = self._endpoint.exchange(answer)
        return Grant(given.tokens, self._account(given.id_token))

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:  # noqa: ARG002 - Google knows what was granted
        return self._endpoint.refresh(refresh_token)

    def check(self, redirect_uri: str) -> None:
        self._endpoint.check(redirect_uri)

    def revoke(self, token: str) -> None:
        """Ends all that this person granted to our project. A 400 says that the token is no good any more."""
        response = post_form(self._session, self._revoke_url, urlencode({"token": token}))
        if response.status_code in (200, 400):
            return
        if response.status_code == 429:
            raise RateLimited("Google takes no more tokens back for now.", after=wait(response))
        raise Retryable(f"Google did not take the token back ({response.status_code}).", code="provider.busy")

    def _account(self, id_token: str | None) -> Account:
        claims = identity(self._client, id_token)
        if not claims:
            return Account(id="", label="")
        kind: AccountKind = "work" if claims.get("hd") else "personal"
        return told_account(claims.get("sub"), claims.get("email"), claims.get("name"), kind=kind)
