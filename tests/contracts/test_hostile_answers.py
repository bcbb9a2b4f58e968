"""Numbers and texts that no provider should send: none reaches a row, and none fails in a way that nobody expects."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest

from tests.factories.peers import Page, site
from worker.contracts.accounts import AccountProvider, CodeAnswer, Grant, GrantLost, Tokens
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError
from worker.providers.google.oauth import GoogleAccounts
from worker.providers.linkedin.oauth import LinkedInAccounts
from worker.providers.microsoft.oauth import MicrosoftAccounts

HOST = "https://login.microsoftonline.com"
DISCOVERY = {"authorization_endpoint": f"{HOST}/common/authorize", "token_endpoint": f"{HOST}/common/token"}
ANSWER = CodeAnswer("code", "https://platform.example.org/", (), "s", "v" * 43, "n", {"code": "code", "state": "s"})
NESTED = "[" * 100_000
MISFITS = "A\0w\ud800a\nNdong"

OPEN: dict[str, Callable[[str], Any]] = {
    "google": lambda url: GoogleAccounts(
        client_id="app", client_secret="hush", token_url=f"{url}/token", revoke_url=f"{url}/revoke"
    ),
    "linkedin": lambda url: LinkedInAccounts(
        client_id="app", client_secret="hush", token_url=f"{url}/token", api_url=f"{url}/api"
    ),
    "microsoft": lambda url: MicrosoftAccounts(
        client_id="app",
        client_secret="hush",
        tenant="common",
        authority=url,
        graph_url=f"{url}/api",
        scopes="User.Read",
    ),
}


def tokens(**members: Any) -> str:
    return json.dumps({"access_token": "access", "token_type": "Bearer", "scope": "openid", **members})


def identity(**claims: Any) -> str:
    nonce = hashlib.sha256(b"n").hexdigest()
    return jwt.encode({"aud": "app", "sub": "7", "oid": "7", "tid": "t", "nonce": nonce, **claims}, "k" * 32)


class Platform:
    """One provider's client, and a server in the provider's place that says what it is told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._page: Page = (200, "{}", {})

    def answer(self, path: str) -> Page:
        if "openid-configuration" in path:
            return 200, json.dumps(DISCOVERY), {}
        return (200, "{}", {}) if path.startswith("/api") else self._page

    @contextlib.contextmanager
    def _accounts(self, page: Page) -> Iterator[AccountProvider]:
        self._page = page
        with site(self.answer) as url, contextlib.closing(OPEN[self.name](url)) as accounts:
            yield accounts

    def exchange(self, text: str, status: int = 200, **headers: str) -> Grant:
        with self._accounts((status, text, headers)) as accounts:
            return accounts.exchange(ANSWER)

    def refresh(self, text: str, status: int = 200, **headers: str) -> Tokens:
        with self._accounts((status, text, headers)) as accounts:
            return accounts.refresh("refresh", frozenset())


@pytest.fixture(params=sorted(OPEN))
def platform(request: pytest.FixtureRequest) -> Platform:
    return Platform(request.param)


@pytest.mark.parametrize("said", ["1e999", "1e300", "1e13", "Infinity", "-Infinity", "NaN", '"nan"', '"soon"', "true"])
def test_a_time_that_no_clock_knows_was_not_said(platform: Platform, said: str) -> None:
    text = f'{{"access_token": "a", "token_type": "Bearer", "expires_in": {said}, "refresh_token_expires_in": {said}}}'
    found = platform.refresh(text)
    assert (found.expires_in, found.refresh_expires_in) == (None, None)


@pytest.mark.parametrize("said", ["0", "-5", "-1e300"])
def test_a_token_that_has_ended_renews_nothing_and_a_code_for_it_is_lost(platform: Platform, said: str) -> None:
    text = f'{{"access_token": "a", "token_type": "Bearer", "expires_in": {said}, "refresh_token_expires_in": {said}}}'
    found = platform.refresh(text)
    assert (found.expires_in, found.refresh_expires_in) == (0.0, None)
    text = text[:-1] + f', "scope": "openid", "id_token": "{identity()}"}}'
    with pytest.raises(GrantLost) as caught:
        platform.exchange(text)
    assert caught.value.reason == "code"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("text", [NESTED, f'{{"access_token": {NESTED}', "1" * 5000, tokens(access_token="a\0\ud800")])
def test_an_answer_that_cannot_be_read_is_asked_for_again(platform: Platform, text: str, status: int) -> None:
    for ask in (platform.exchange, platform.refresh):
        with pytest.raises(Retryable):
            ask(text, status)


def test_an_identity_that_cannot_be_read_is_a_known_failure(platform: Platform) -> None:
    header, _, signature = identity().split(".")
    payload = jwt.utils.base64url_encode(NESTED.encode()).decode()
    with pytest.raises((Retryable, GrantLost)):
        platform.exchange(tokens(id_token=f"{header}.{payload}.{signature}"))


def test_texts_can_be_stored_and_end(platform: Platform) -> None:
    claims = dict.fromkeys(("sub", "oid", "name", "email", "preferred_username"), MISFITS + "x" * 1000)
    scopes = " ".join(["openid", *(f"scope-{number}" for number in range(1000))])
    grant = platform.exchange(tokens(id_token=identity(**claims), scope=scopes))
    assert grant.account.id.startswith("Awa Ndong")
    assert grant.account.label.startswith("Awa Ndong")
    assert (len(grant.account.id), len(grant.account.label)) == (255, 320)
    assert grant.tokens.scopes is not None
    assert len(grant.tokens.scopes) == 100


def test_scopes_can_be_stored(platform: Platform) -> None:
    found = platform.refresh(tokens(scope=f"Events\0 {'x' * 301} \0"))
    assert found.scopes == frozenset({"events"})


@pytest.mark.parametrize("claims", [{"sub": {"a": 1}, "oid": 7, "name": ["\0"], "email": 5}, {"sub": "", "oid": None}])
def test_an_identity_of_another_form_names_nobody(platform: Platform, claims: dict[str, Any]) -> None:
    grant = platform.exchange(tokens(id_token=identity(**claims)))
    assert (grant.account.id, grant.account.label) == ("", "")


@pytest.mark.parametrize(("said", "after"), [("nan", 10.0), ("inf", 10.0), ("1e300", 10.0), ("-1", 1.0), ("17", 17.0)])
def test_a_wait_has_an_end(platform: Platform, said: str, after: float) -> None:
    with pytest.raises(RateLimited) as caught:
        platform.refresh("{}", 429, **{"Retry-After": said})
    assert caught.value.after == after


@pytest.mark.parametrize(
    "error",
    ["unauthorized_client", "invalid_request", "invalid_scope", "unsupported_grant_type", "invalid_resource", "new"],
)
def test_what_a_code_of_others_provokes_closes_no_gate(platform: Platform, error: str) -> None:
    with pytest.raises(GrantLost) as caught:
        platform.exchange(json.dumps({"error": error}), 400)
    assert caught.value.reason == "code"


def test_a_secret_that_is_wrong_is_ours_and_no_code_waits_for_it(platform: Platform) -> None:
    for ask, waits in ((platform.exchange, False), (platform.refresh, True)):
        with pytest.raises(Misconfigured) as caught:
            ask(json.dumps({"error": "invalid_client", "error_codes": [7000215]}), 401)
        assert (caught.value.gate, caught.value.waits) == (f"provider:{platform.name}", waits)


def test_a_refresh_that_our_app_may_not_make_is_no_accounts_fault(platform: Platform) -> None:
    with pytest.raises(Misconfigured):
        platform.refresh(json.dumps({"error": "unauthorized_client"}), 400)


@pytest.mark.parametrize("error", ["temporarily_unavailable", "server_error"])
def test_what_passes_is_tried_again(platform: Platform, error: str) -> None:
    asked: list[Callable[..., Any]] = [platform.exchange, platform.refresh]
    for ask in asked:
        with pytest.raises(RunError) as caught:
            ask(json.dumps({"error": error}), 400)
        assert type(caught.value) is Retryable
