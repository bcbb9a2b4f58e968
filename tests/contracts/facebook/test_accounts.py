"""Codes, the tokens of pages, and whose they are."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.consent import CLIENT_ID, CLIENT_SECRET
from tests.contracts.facebook.conftest import DIRECTION, HR, NOBODY, OTHER_PAGE, PAGE, SCOPES, Agree
from tests.factories.emulators import FacebookEmulator
from tests.factories.peers import Page, site
from worker.contracts.accounts import AccountProvider, CodeAnswer, GrantLost
from worker.contracts.channels import Target
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError
from worker.kit.figures import LONGEST
from worker.providers.facebook.client import FacebookPages
from worker.providers.facebook.oauth import FacebookAccounts
from worker.providers.facebook.page_tokens import unpacked


def test_a_code_becomes_tokens_of_pages_that_do_not_end(
    accounts: FacebookAccounts, pages: FacebookPages, agree: Agree, facebook: FacebookEmulator
) -> None:
    grant = accounts.exchange(agree(DIRECTION))
    assert grant.account.label == "Paul Essomba"
    assert grant.account.id.isdecimal()
    assert (grant.tokens.expires_in, grant.tokens.refresh_token) == (LONGEST, None)
    assert grant.tokens.scopes == frozenset({*SCOPES.split(), "public_profile"})
    assert pages.targets(grant.tokens.access_token) == [
        Target(PAGE, "Exemple SA"),
        Target(OTHER_PAGE, "Exemple Conseil"),
    ]
    facebook.expire()
    assert len(pages.targets(grant.tokens.access_token)) == 2, "a page's token outlives its person's"


def test_only_pages_that_were_chosen_and_may_be_published_on_are_targets(
    accounts: FacebookAccounts, pages: FacebookPages, agree: Agree, facebook: FacebookEmulator
) -> None:
    chosen = accounts.exchange(agree(DIRECTION, pages=[OTHER_PAGE])).tokens.access_token
    assert [each.id for each in pages.targets(chosen)] == [OTHER_PAGE]
    facebook.steer("PUT", f"accounts/{HR}", pages=[{"page": PAGE, "tasks": ["ANALYZE"]}])
    assert pages.targets(accounts.exchange(agree()).tokens.access_token) == []
    assert pages.targets(accounts.exchange(agree(NOBODY)).tokens.access_token) == []
    assert pages.targets(accounts.exchange(agree(scopes="pages_manage_posts")).tokens.access_token) == []


def test_more_pages_than_one_answer_holds(
    accounts: FacebookAccounts, pages: FacebookPages, agree: Agree, facebook: FacebookEmulator
) -> None:
    facebook.steer("PUT", f"accounts/{HR}", pages=[{"page": str(number)} for number in range(1000, 1150)])
    grant = accounts.exchange(agree())
    assert len(unpacked(grant.tokens.access_token).pages) == 150


def test_a_permission_that_was_refused_is_not_told_as_granted(accounts: FacebookAccounts, agree: Agree) -> None:
    tokens = accounts.exchange(agree(ticked=["pages_show_list"])).tokens
    assert tokens.scopes == frozenset({"public_profile", "pages_show_list"})


def test_a_code_is_good_once_and_for_its_own_flow(accounts: FacebookAccounts, agree: Agree) -> None:
    answer = agree()
    accounts.exchange(answer)
    foreign = replace(agree(), redirect_uri="https://other.org/")
    for code in (answer, foreign, replace(answer, code="nobodys")):
        with pytest.raises(GrantLost) as caught:
            accounts.exchange(code)
        assert caught.value.reason == "code"


@pytest.mark.parametrize("operation", ["token.exchange", "accounts", "permissions", "me"])
@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "rate_limit"])
def test_what_follows_a_spent_code_is_asked_for_again(
    accounts: FacebookAccounts, agree: Agree, facebook: FacebookEmulator, operation: str, fault: str
) -> None:
    answer = agree()
    facebook.faults(only=operation, times=2, **{fault: 1.0})
    assert unpacked(accounts.exchange(answer).tokens.access_token).pages
    assert facebook.counters()[operation] == 3
    assert facebook.counters()["token.code"] == 1


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
def test_what_says_nothing_about_the_code_loses_none(
    accounts: FacebookAccounts,
    agree: Agree,
    facebook: FacebookEmulator,
    faults: dict[str, Any],
    kind: type[RunError],
    code: str,
) -> None:
    answer = agree()
    facebook.faults(**faults)
    with pytest.raises(RunError) as caught:
        accounts.exchange(answer)
    assert (type(caught.value), caught.value.code) == (kind, code)


def test_a_token_that_is_refused_as_soon_as_it_was_given_came_from_a_code_that_is_no_good(
    accounts: FacebookAccounts, agree: Agree, facebook: FacebookEmulator
) -> None:
    answer = agree()
    facebook.faults(only="accounts", api_error="checkpoint")
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer)
    assert caught.value.reason == "code"


@pytest.mark.parametrize("wrong", [{"client_id": "another"}, {"client_secret": "another"}])
def test_an_app_that_is_not_accepted_is_nobodys_fault(
    accounts: FacebookAccounts, agree: Agree, facebook: FacebookEmulator, wrong: dict[str, str]
) -> None:
    answer = agree()
    facebook.steer("PUT", "client", **{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **wrong})
    with pytest.raises(Misconfigured, match="FACEBOOK_APP_ID") as caught:
        accounts.exchange(answer)
    assert (caught.value.gate, caught.value.waits) == ("provider:facebook", False)
    with pytest.raises(Misconfigured):
        accounts.check("https://platform.example.org/")


def test_whether_our_app_is_accepted_is_asked_without_a_person(
    accounts: FacebookAccounts, facebook: FacebookEmulator
) -> None:
    accounts.check("https://platform.example.org/")
    assert facebook.counters() == {"token.code": 1}
    facebook.faults(error_5xx=1.0)
    with pytest.raises(Retryable):
        accounts.check("https://platform.example.org/")


def test_access_is_taken_back_while_the_persons_token_lasts(
    accounts: FacebookAccounts, pages: FacebookPages, token: str, facebook: FacebookEmulator
) -> None:
    accounts.revoke(token)
    assert [grant["ended"] for grant in facebook.get("facebook/grants")["grants"]] == ["app_removed"] * 3
    accounts.revoke(token)
    accounts.revoke("no-token-of-facebooks")


def test_there_are_no_refresh_tokens(accounts: FacebookAccounts) -> None:
    with pytest.raises(GrantLost) as caught:
        accounts.refresh("token", frozenset())
    assert caught.value.reason == "revoked"


def test_no_secret_stands_in_an_address() -> None:
    asked: list[str] = []

    def answer(path: str) -> Page:
        asked.append(path)
        listed = {"data": [{"id": PAGE, "access_token": "page-token", "permission": "email", "status": "granted"}]}
        return 200, json.dumps({"access_token": "user-token", "id": "7", "name": "Awa", **listed}), {}

    with site(answer) as url:
        accounts = FacebookAccounts(app_id="app", app_secret="hush", api_url=url, version="v26.0")
        pages = FacebookPages(url=url, version="v26.0", app_secret="hush", app_is_live=True)
        with closing(accounts), closing(pages):
            provider: AccountProvider = accounts
            token = provider.exchange(CodeAnswer("the-code", "https://a.example/", ())).tokens.access_token
            pages.targets(token)
    assert len(asked) == 6
    assert all("appsecret_proof=" in each for each in asked[2:])
    secrets = ("hush", "user-token", "page-token", "the-code", token)
    assert [each for each in asked if any(secret in each for secret in secrets)] == []
    assert "user-token" not in repr(unpacked(token))


def test_no_transaction_is_open_while_facebook_is_asked(
    accounts: FacebookAccounts, agree: Agree, database: Database
) -> None:
    answer = agree()
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        accounts.exchange(answer)
