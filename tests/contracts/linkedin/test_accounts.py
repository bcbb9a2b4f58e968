"""Codes, tokens with and without refresh, and whose they are."""

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.linkedin.conftest import HR, SCOPES, Agree, MakeAccounts
from tests.factories.emulators import LinkedInEmulator
from worker.contracts.accounts import Account, GrantLost, Tokens
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError, Unreachable
from worker.providers.linkedin.oauth import LinkedInAccounts

UNKNOWN = Account(id="", label="")


def connected(accounts: LinkedInAccounts, agree: Agree) -> Tokens:
    return accounts.exchange(agree()).tokens


def refresh(accounts: LinkedInAccounts, tokens: Tokens) -> Tokens:
    assert tokens.refresh_token is not None
    return accounts.refresh(tokens.refresh_token, tokens.scopes or frozenset())


def test_a_code_becomes_tokens_and_says_whose_they_are(accounts: LinkedInAccounts, agree: Agree) -> None:
    grant = accounts.exchange(agree())
    assert grant.tokens.scopes == frozenset(SCOPES.split()), "scopes are answered with commas"
    assert grant.tokens.expires_in == 5_184_000.0
    assert grant.tokens.refresh_expires_in == 31_536_000.0
    assert grant.account.label == "Awa Ndiaye"
    assert grant.account.id == accounts.exchange(agree()).account.id != ""


def test_an_app_that_was_not_approved_gets_no_refresh_token(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    linkedin.faults(refresh_tokens=False)
    tokens = connected(accounts, agree)
    assert (tokens.refresh_token, tokens.refresh_expires_in) == (None, None)


def test_an_answer_may_leave_out_what_it_likes(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    linkedin.faults(no_token_type=1.0, no_expires_in=1.0)
    assert connected(accounts, agree).expires_in is None


def test_without_the_profiles_scope_the_account_has_no_name(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    grant = accounts.exchange(agree("w_organization_social r_organization_social"))
    assert grant.account == UNKNOWN
    assert grant.tokens.scopes == frozenset({"w_organization_social", "r_organization_social"})
    assert "me" not in linkedin.counters()


def test_so_it_is_where_the_profile_is_refused(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    linkedin.faults(only="me", error_5xx=1.0, error_status=403)
    assert accounts.exchange(agree()).account == UNKNOWN


@pytest.mark.parametrize(
    ("scopes", "label"),
    [("openid profile w_member_social", "Awa Ndiaye"), ("openid email w_member_social", HR), ("openid", "")],
)
def test_an_app_of_the_other_products_is_told_with_the_token(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator, scopes: str, label: str
) -> None:
    linkedin.faults(products=["openid", "profile", "email", "w_member_social"])
    account = accounts.exchange(agree(scopes)).account
    assert account.label == label
    assert account.id
    assert "me" not in linkedin.counters()


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "html_503", "rate_limit"])
def test_a_profile_is_asked_for_again(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator, fault: str
) -> None:
    linkedin.faults(only="me", times=2, **{fault: 1.0})
    assert accounts.exchange(agree()).account.label == "Awa Ndiaye"


@pytest.mark.parametrize("fault", ["drop_before", "error_5xx", "html_503", "rate_limit"])
def test_tokens_of_nobody_knows_whom_are_not_taken_for_anothers(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator, fault: str
) -> None:
    linkedin.faults(only="me", **{fault: 1.0})
    with pytest.raises(Retryable, match="whose account"):
        accounts.exchange(agree())
    assert linkedin.counters()["me"] == 3


def test_a_code_is_good_once(accounts: LinkedInAccounts, agree: Agree) -> None:
    answer = agree()
    accounts.exchange(answer)
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer)
    assert caught.value.reason == "code"


def test_a_code_that_belongs_to_another_flow_is_lost(accounts: LinkedInAccounts, agree: Agree) -> None:
    with pytest.raises(GrantLost):
        accounts.exchange(replace(agree(), redirect_uri="https://other.org/"))


def test_a_refresh_gives_a_new_token_that_ends_with_the_consent(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    tokens = connected(accounts, agree)
    fresh = refresh(accounts, tokens)
    assert fresh.access_token != tokens.access_token
    assert fresh.scopes == tokens.scopes
    linkedin.faults(refresh_lifetime=100)
    short = refresh(accounts, connected(accounts, agree))
    assert short.expires_in is not None
    assert 0 < short.expires_in <= 100


def test_a_refresh_may_be_repeated(accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator) -> None:
    tokens = connected(accounts, agree)
    linkedin.faults(drop_after=1.0)
    with pytest.raises(Retryable):
        refresh(accounts, tokens)
    linkedin.faults()
    assert refresh(accounts, tokens).access_token


def test_a_grant_that_its_owner_took_back_is_lost(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator
) -> None:
    tokens = connected(accounts, agree)
    linkedin.revoke(HR)
    with pytest.raises(GrantLost) as caught:
        refresh(accounts, tokens)
    assert caught.value.reason == "revoked"
    assert linkedin.counters()["token.refresh"] == 1


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_request"])
def test_what_is_wrong_with_our_app_is_no_accounts_fault(
    accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator, error: str
) -> None:
    tokens = connected(accounts, agree)
    linkedin.faults(token_error=error)
    with pytest.raises(Misconfigured, match="LINKEDIN_CLIENT_ID") as caught:
        refresh(accounts, tokens)
    assert caught.value.gate == "provider:linkedin"
    linkedin.faults()
    assert refresh(accounts, tokens).access_token


def test_another_app_cannot_refresh(accounts: LinkedInAccounts, make_accounts: MakeAccounts, agree: Agree) -> None:
    with pytest.raises(Misconfigured):
        refresh(make_accounts(client_id="another.app"), connected(accounts, agree))


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
    accounts: LinkedInAccounts,
    agree: Agree,
    linkedin: LinkedInEmulator,
    faults: dict[str, Any],
    kind: type[RunError],
    code: str,
) -> None:
    tokens = connected(accounts, agree)
    linkedin.faults(**faults)
    with pytest.raises(RunError) as caught:
        refresh(accounts, tokens)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert linkedin.counters()["token.refresh"] == 1


def test_nobody_listening_is_unreachable(make_accounts: MakeAccounts, agree: Agree) -> None:
    with pytest.raises(Unreachable):
        make_accounts(token_url="http://127.0.0.1:1/token").exchange(agree())


def test_there_is_nothing_to_revoke_with(accounts: LinkedInAccounts, agree: Agree, linkedin: LinkedInEmulator) -> None:
    tokens = connected(accounts, agree)
    before = linkedin.counters()
    accounts.revoke(tokens.access_token)
    assert linkedin.counters() == before


def test_no_transaction_is_open_while_linkedin_is_asked(
    accounts: LinkedInAccounts, agree: Agree, database: Database
) -> None:
    answer = agree()
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        accounts.exchange(answer)
