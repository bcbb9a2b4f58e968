"""Facebook accounts: a code becomes a short token, that a long one, and that the tokens of the pages.

Sources: Facebook, "Manually build a login flow", "Long-lived access tokens", "Pages API: get started".
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode

import requests

from worker.contracts.accounts import (
    AccessRefused,
    Account,
    CodeAnswer,
    Grant,
    GrantLost,
    ScopeMissing,
    Tokens,
    told_account,
    told_scopes,
)
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError
from worker.kit.figures import LONGEST
from worker.kit.http import CallLimits
from worker.providers.facebook.errors import error_of, refusal
from worker.providers.facebook.graph import GraphApi, Members
from worker.providers.facebook.page_tokens import MOST_PAGES, PageTokens, is_page, is_token, unpacked

Answer = TypeVar("Answer")

NOBODYS_CODE = "a-code-that-was-given-to-nobody"
PUBLISHING = "CREATE_CONTENT"
_TRIES = 3
_TOKENS = "/oauth/access_token"


class FacebookAccounts:
    """An `AccountProvider`. Its access tokens are `PageTokens`, which do not end: ten years stand for that.

    There are no refresh tokens. A code is spent by its exchange, so what follows is asked some times over.
    """

    def __init__(
        self, *, app_id: str, app_secret: str, api_url: str, version: str, limits: CallLimits | None = None
    ) -> None:
        self._graph = GraphApi(api_url, version, app_secret, limits)
        self._app = {"client_id": app_id, "client_secret": app_secret}

    def close(self) -> None:
        self._graph.close()

    def exchange(self, answer: CodeAnswer) -> Grant:
        short = self._token({"code": answer.code, "redirect_uri": answer.redirect_uri})
        wish = {"grant_type": "fb_exchange_token", "fb_exchange_token": short}
        person = _insistently(lambda: self._token(wish))
        try:
            return Grant(self._tokens(person), _insistently(lambda: self._account(person)))
        except (AccessRefused, ScopeMissing) as error:
            raise GrantLost("Facebook does not take the token that it just gave.", reason="code") from error

    def refresh(self, refresh_token: str, scopes: frozenset[str]) -> Tokens:  # noqa: ARG002 - see below
        """Facebook gives none; what is asked for is lost."""
        raise GrantLost("Facebook renews no access by machine.", reason="revoked")

    def check(self, redirect_uri: str) -> None:
        with suppress(GrantLost):
            self._token({"code": NOBODYS_CODE, "redirect_uri": redirect_uri})

    def revoke(self, token: str) -> None:
        """Takes back all that the person granted, as long as the person's own token lasts; later only Facebook's
        settings do.
        """
        with suppress(AccessRefused, ScopeMissing):
            self._graph.delete("/me/permissions", unpacked(token).person)

    def _token(self, wish: Mapping[str, str]) -> str:
        response = self._graph.post_form(_TOKENS, urlencode({**self._app, **wish}).encode())
        error = error_of(response.content)
        if response.status_code != 200 or error is not None:
            raise _refused(response, error)
        try:
            token = response.json().get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if not is_token(token):
            text = "Facebook gave an answer that cannot be used: it holds no token."
            raise Retryable(text, code="provider.unusable_answer")
        return token

    def _tokens(self, person: str) -> Tokens:
        granted = _insistently(lambda: list(self._graph.entries("/me/permissions", person, {})))
        scopes = (each.get("permission") for each in granted if each.get("status") == "granted")
        pages = _insistently(lambda: self._pages(person))
        return Tokens(
            access_token=PageTokens(person, pages).packed(),
            expires_in=LONGEST,
            scopes=told_scopes(each for each in scopes if isinstance(each, str)),
        )

    def _pages(self, person: str) -> Mapping[str, str]:
        """Those on which the person may publish."""
        query = {"fields": "id,access_token,tasks", "limit": "100"}
        found: dict[str, str] = {}
        for each in self._graph.entries("/me/accounts", person, query):
            page, token, tasks = each.get("id"), each.get("access_token"), each.get("tasks")
            may = not isinstance(tasks, list) or PUBLISHING in tasks
            if is_page(page) and is_token(token) and may and len(found) < MOST_PAGES:
                found[page] = token
        return found

    def _account(self, person: str) -> Account:
        told: Members = self._graph.read("/me", person, {"fields": "id,name"})
        return told_account(told.get("id"), told.get("name"))


def _insistently(ask: Callable[[], Answer]) -> Answer:
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except (Retryable, RateLimited):
            continue
    return ask()


def _refused(response: requests.Response, error: Mapping[str, Any] | None) -> RunError:
    """Only our app and what passes are no fault of the code."""
    why = refusal(response.status_code, error, response.headers, writes=False)
    if isinstance(why, Misconfigured):
        return Misconfigured(str(why), provider="facebook", waits=False)
    if isinstance(why, Retryable | RateLimited):
        return why
    return GrantLost("Facebook does not accept this authorisation any more.", reason="code")
