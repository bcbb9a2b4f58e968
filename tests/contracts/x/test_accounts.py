"""Codes with PKCE, refresh tokens that are good once, and whose they are."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.x.conftest import HR, SCOPES, Agree, MakeAccounts
from tests.factories.emulators import XEmulator
from tests.factories.peers import Page, site
from worker.contracts.accounts import Account, AccountProvider, CodeAnswer, GrantLost, Tokens
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError, Unreachable
from worker.providers.x.oauth import XAccounts

UNKNOWN = Account(id="", label="")


def refreshed(accounts: XAccounts, tokens: Tokens) -> Tokens:
    assert tokens.refresh_token is not None
    return accounts.refresh(tokens.refresh_token, tokens.scopes or frozenset())


def test_a_code_becomes_tokens_and_says_whose_they_are(accounts: XAccounts, agree: Agree) -> None:
    grant = accounts.exchange(agree())
    assert grant.tokens.scopes == frozenset(SCOPES.split())
    assert grant.tokens.expires_in == 7200.0
    assert grant.tokens.refresh_token
    assert grant.account.label == "@exemple_sa"
    assert grant.account.id.isdecimal()


def test_without_its_scope_nothing_is_renewed_and_nobody_named(accounts: XAccounts, agree: Agree, x: XEmulator) -> None:
    grant = accounts.exchange(agree("tweet.read tweet.write"))
    assert (grant.tokens.refresh_token, grant.account) == (None, UNKNOWN)
    assert "me" not in x.counters()


def test_an_account_that_may_not_be_asked_for_stays_unknown(accounts: XAccounts, agree: Agree, x: XEmulator) -> None:
    x.faults(credits=0)
    assert accounts.exchange(agree()).account == UNKNOWN
    assert x.counters()["me"] == 1
    x.faults(not_enrolled=True)
    with pytest.raises(Misconfigured) as caught:
        accounts.exchange(agree())
    assert caught.value.waits is False


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "html_503", "rate_limit"])
def test_an_account_is_asked_for_again(accounts: XAccounts, agree: Agree, x: XEmulator, fault: str) -> None:
    x.faults(only="me", times=2, **{fault: 1.0})
    assert accounts.exchange(agree()).account.label == "@exemple_sa"
    x.faults(only="me", **{fault: 1.0})
    with pytest.raises(Retryable, match="whose account"):
        accounts.exchange(agree())


def test_a_code_is_good_once_and_for_its_own_flow(accounts: XAccounts, agree: Agree) -> None:
    answer = agree()
    accounts.exchange(answer)
    other_redirect = replace(agree(), redirect_uri="https://other.org/")
    other_verifier = replace(agree(), verifier="w" * 64)
    for foreign in (answer, other_redirect, other_verifier, replace(answer, code="nobodys")):
        with pytest.raises(GrantLost) as caught:
            accounts.exchange(foreign)
        assert caught.value.reason == "code"


def test_a_refresh_token_is_good_once(accounts: XAccounts, agree: Agree) -> None:
    tokens = accounts.exchange(agree()).tokens
    fresh = refreshed(accounts, tokens)
    assert fresh.refresh_token not in (None, tokens.refresh_token)
    assert fresh.scopes == tokens.scopes
    with pytest.raises(GrantLost) as caught:
        refreshed(accounts, tokens)
    assert caught.value.reason == "revoked"
    assert refreshed(accounts, fresh).access_token


def test_a_refresh_whose_answer_was_lost_costs_the_connection(accounts: XAccounts, agree: Agree, x: XEmulator) -> None:
    tokens = accounts.exchange(agree()).tokens
    x.faults(only="token.refresh", times=1, drop_after=1.0)
    with pytest.raises(Retryable):
        refreshed(accounts, tokens)
    with pytest.raises(GrantLost):
        refreshed(accounts, tokens)
    assert x.counters()["token.refresh"] == 2


def test_a_grant_that_its_owner_took_back_is_lost(accounts: XAccounts, agree: Agree, x: XEmulator) -> None:
    tokens = accounts.exchange(agree()).tokens
    x.revoke(HR)
    with pytest.raises(GrantLost) as caught:
        refreshed(accounts, tokens)
    assert caught.value.reason == "revoked"


@pytest.mark.parametrize("wrong", [{"client_id": "another"}, {"secret": "another"}])
def test_an_app_that_is_not_accepted_is_no_accounts_fault(
    make_accounts: MakeAccounts, accounts: XAccounts, agree: Agree, wrong: dict[str, str]
) -> None:
    tokens, other = accounts.exchange(agree()).tokens, make_accounts(**wrong)
    for ask, waits in ((lambda: other.exchange(agree()), False), (lambda: refreshed(other, tokens), True)):
        with pytest.raises(Misconfigured, match="X_CLIENT_ID") as caught:
            ask()
        assert (caught.value.gate, caught.value.waits) == ("provider:x", waits)
    with pytest.raises(Misconfigured):
        other.check("https://platform.example.org/")
    with pytest.raises(Misconfigured):
        other.revoke(tokens.access_token)
    assert refreshed(accounts, tokens).access_token


def test_whether_our_app_is_accepted_is_asked_without_a_person(accounts: XAccounts, x: XEmulator) -> None:
    accounts.check("https://platform.example.org/")
    assert x.counters() == {"token.code": 1}


@pytest.mark.parametrize(
    ("faults", "kind", "code"),
    [
        ({"html_200": 1.0}, Retryable, "provider.unusable_answer"),
        ({"html_503": 1.0}, Retryable, "provider.busy"),
        ({"error_5xx": 1.0}, Retryable, "provider.busy"),
        ({"drop_before": 1.0}, Retryable, "provider.no_answer"),
        ({"rate_limit": 1.0}, RateLimited, "provider.rate_limited"),
    ],
)
def test_what_says_nothing_about_the_grant_loses_none(
    accounts: XAccounts, agree: Agree, x: XEmulator, faults: dict[str, Any], kind: type[RunError], code: str
) -> None:
    tokens = accounts.exchange(agree()).tokens
    x.faults(**faults)
    with pytest.raises(RunError) as caught:
        refreshed(accounts, tokens)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert x.counters()["token.refresh"] == 1


def test_a_grant_is_taken_back(accounts: XAccounts, agree: Agree, x: XEmulator) -> None:
    tokens = accounts.exchange(agree()).tokens
    assert tokens.refresh_token is not None
    accounts.revoke(tokens.refresh_token)
    accounts.revoke("nobodys")
    with pytest.raises(GrantLost):
        refreshed(accounts, tokens)
    for fault, kind in (({"rate_limit": 1.0}, RateLimited), ({"error_5xx": 1.0}, Retryable)):
        x.faults(**fault)
        with pytest.raises(kind):
            accounts.revoke(tokens.access_token)


def test_no_secret_stands_in_an_address() -> None:
    asked: list[str] = []

    def answer(path: str) -> Page:
        asked.append(path)
        tokens = {"access_token": "the-access", "refresh_token": "the-refresh", "token_type": "bearer"}
        return 200, json.dumps({**tokens, "data": {"id": "7", "username": "awa"}}), {}

    with site(answer) as url, closing(XAccounts(client_id="app", client_secret="hush", api_url=url)) as accounts:
        provider: AccountProvider = accounts
        tokens = provider.exchange(CodeAnswer("the-code", "https://a.example/", (), verifier="v" * 43)).tokens
        refreshed(accounts, tokens)
        provider.revoke(tokens.access_token)
    assert asked == ["/2/oauth2/token", "/2/users/me", "/2/oauth2/token", "/2/oauth2/revoke"]


def test_nobody_listening_is_unreachable(make_accounts: MakeAccounts, agree: Agree) -> None:
    with pytest.raises(Unreachable):
        make_accounts(api_url="http://127.0.0.1:1").exchange(agree())


def test_no_transaction_is_open_while_x_is_asked(accounts: XAccounts, agree: Agree, database: Database) -> None:
    answer = agree()
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        accounts.exchange(answer)
