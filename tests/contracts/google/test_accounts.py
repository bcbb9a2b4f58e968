"""Codes, tokens, and what becomes of a grant."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.consent import CLIENT_SECRET
from tests.contracts.google.conftest import CALENDAR, EVENTS, HOST, SCOPES, Agree, MakeAccounts
from tests.factories.emulators import GoogleEmulator
from worker.contracts.accounts import GrantLost, Tokens
from worker.contracts.providers import GOOGLE
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, RateLimited, Retryable, RunError, Unreachable
from worker.kit.http import CallLimits
from worker.providers.google.oauth import GoogleAccounts

EMAIL = "https://www.googleapis.com/auth/userinfo.email"
IMPATIENT = CallLimits(read=0.5)


def connected(accounts: GoogleAccounts, agree: Agree) -> Tokens:
    return accounts.exchange(agree()).tokens


def refresh(accounts: GoogleAccounts, tokens: Tokens) -> Tokens:
    assert tokens.refresh_token is not None
    return accounts.refresh(tokens.refresh_token, tokens.scopes or frozenset())


def test_a_code_becomes_tokens_and_says_whose_they_are(accounts: GoogleAccounts, agree: Agree) -> None:
    grant = accounts.exchange(agree())
    assert grant.tokens.scopes == frozenset({"openid", EMAIL, CALENDAR, EVENTS})
    assert grant.tokens.expires_in is not None
    assert 3500 < grant.tokens.expires_in <= 3600
    assert grant.tokens.refresh_token
    assert grant.tokens.refresh_expires_in is None
    assert (grant.account.label, grant.account.kind) == (HOST, "work")
    assert grant.account.id.isdecimal()
    assert grant.account == accounts.exchange(agree()).account


def test_an_account_of_no_organisation_is_personal(accounts: GoogleAccounts, agree: Agree) -> None:
    account = accounts.exchange(agree(account="perso@gmail.com")).account
    assert (account.label, account.kind) == ("perso@gmail.com", "personal")


@pytest.mark.parametrize(
    ("ticked", "left"), [([], {"openid", EMAIL}), (["calendar.events"], {"openid", EMAIL, EVENTS})]
)
def test_what_was_left_unticked_is_not_among_the_scopes(
    accounts: GoogleAccounts, agree: Agree, ticked: list[str], left: set[str]
) -> None:
    grant = accounts.exchange(agree(ticked))
    assert grant.tokens.scopes == frozenset(left)
    assert grant.account.label == HOST


def test_what_is_asked_for_always_tells_whose_account_it_is(accounts: GoogleAccounts, agree: Agree) -> None:
    grant = accounts.exchange(agree(scopes=" ".join((*GOOGLE.identity, CALENDAR))))
    assert grant.account.id.isdecimal()
    assert grant.account.label == HOST


def test_where_nobody_asked_who_it_is_nobody_is_told(accounts: GoogleAccounts, agree: Agree) -> None:
    grant = accounts.exchange(agree(scopes=CALENDAR))
    assert (grant.account.id, grant.account.label) == ("", "")
    assert grant.tokens.scopes == frozenset({CALENDAR})


def test_time_limited_grants_say_when_they_end(accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator) -> None:
    google.faults(testing=True)
    assert connected(accounts, agree).refresh_expires_in == 604_799.0


def test_a_code_is_good_once(accounts: GoogleAccounts, agree: Agree) -> None:
    answer = agree()
    accounts.exchange(answer)
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer)
    assert (caught.value.reason, caught.value.status) == ("code", 400)


@pytest.mark.parametrize("change", [{"verifier": "w" * 64}, {"verifier": None}, {"redirect_uri": "https://other.org/"}])
def test_a_code_that_belongs_to_another_flow_is_lost(
    accounts: GoogleAccounts, agree: Agree, change: dict[str, Any]
) -> None:
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(replace(agree(), **change))
    assert caught.value.reason == "code"


def test_a_refresh_keeps_the_refresh_token_unless_there_is_a_new_one(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator
) -> None:
    tokens = connected(accounts, agree)
    fresh = refresh(accounts, tokens)
    assert fresh.access_token != tokens.access_token
    assert fresh.refresh_token is None
    assert fresh.scopes == tokens.scopes
    google.faults(rotate=1.0)
    rotated = refresh(accounts, tokens)
    assert rotated.refresh_token not in (None, tokens.refresh_token)


def test_a_refresh_asks_for_what_was_granted_not_for_what_the_settings_want(
    accounts: GoogleAccounts, agree: Agree
) -> None:
    tokens = accounts.exchange(agree(["calendar.events"])).tokens
    assert tokens.refresh_token is not None
    assert accounts.refresh(tokens.refresh_token, frozenset(SCOPES.split())).scopes == tokens.scopes


@pytest.mark.parametrize(
    ("error", "reason"),
    [("invalid_grant", "revoked"), ("invalid_rapt", "interaction"), ("admin_policy_enforced", "consent")],
)
def test_a_lost_grant_says_why(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, error: str, reason: str
) -> None:
    tokens = connected(accounts, agree)
    google.faults(token_error=error)
    with pytest.raises(GrantLost) as caught:
        refresh(accounts, tokens)
    assert caught.value.reason == reason


def test_a_grant_that_its_owner_took_back_is_lost(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator
) -> None:
    tokens = connected(accounts, agree)
    google.revoke(HOST)
    with pytest.raises(GrantLost) as caught:
        refresh(accounts, tokens)
    assert caught.value.reason == "revoked"
    assert google.counters()["token.refresh"] == 1


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "deleted_client", "invalid_scope"])
def test_what_is_wrong_with_our_app_is_no_accounts_fault(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, error: str
) -> None:
    tokens = connected(accounts, agree)
    google.faults(token_error=error)
    with pytest.raises(Misconfigured, match="GOOGLE_CLIENT_ID") as caught:
        refresh(accounts, tokens)
    assert (caught.value.gate, caught.value.waits) == ("provider:google", True)


@pytest.mark.parametrize("error", ["invalid_client", "deleted_client"])
def test_a_code_does_not_wait_for_whoever_mends_the_settings(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, error: str
) -> None:
    answer = agree()
    google.faults(token_error=error)
    with pytest.raises(Misconfigured, match="GOOGLE_CLIENT_ID") as caught:
        accounts.exchange(answer)
    assert (caught.value.gate, caught.value.waits) == ("provider:google", False)


@pytest.mark.parametrize("error", ["unauthorized_client", "invalid_scope"])
def test_what_a_code_of_others_may_provoke_blames_the_code(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, error: str
) -> None:
    answer = agree()
    google.faults(token_error=error)
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer)
    assert caught.value.reason == "code"


@pytest.mark.parametrize("change", [{"client_id": "another.app"}, {"client_secret": "wrong-secret-7"}])
def test_a_wrong_app_or_secret_is_ours_to_repair(
    accounts: GoogleAccounts, make_accounts: MakeAccounts, agree: Agree, google: GoogleEmulator, change: dict[str, str]
) -> None:
    tokens = connected(accounts, agree)
    google.steer("PUT", "client", client_secret=CLIENT_SECRET)
    with pytest.raises(Misconfigured) as caught:
        refresh(make_accounts(**change), tokens)
    assert "wrong-secret-7" not in str(caught.value)
    assert refresh(accounts, tokens).access_token, "the account is as it was"


STRANGE: list[tuple[dict[str, Any], type[RunError], str]] = [
    ({"html_200": 1.0}, Retryable, "provider.unusable_answer"),
    ({"empty_200": 1.0}, Retryable, "provider.unusable_answer"),
    ({"html_503": 1.0}, Retryable, "provider.busy"),
    ({"error_5xx": 1.0}, Retryable, "provider.busy"),
    ({"error_5xx_after": 1.0, "error_status": 500}, Retryable, "provider.busy"),
    ({"drop_before": 1.0}, Retryable, "provider.no_answer"),
    ({"drop_after": 1.0}, Retryable, "provider.no_answer"),
    ({"rate_limit": 1.0, "retry_after": 17}, RateLimited, "provider.rate_limited"),
]


@pytest.mark.parametrize(("faults", "kind", "code"), STRANGE)
def test_what_says_nothing_about_the_grant_loses_none(
    accounts: GoogleAccounts,
    agree: Agree,
    google: GoogleEmulator,
    faults: dict[str, Any],
    kind: type[RunError],
    code: str,
) -> None:
    tokens = connected(accounts, agree)
    google.faults(**faults)
    with pytest.raises(kind) as caught:
        refresh(accounts, tokens)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert google.counters()["token.refresh"] == 1, "nothing is sent twice behind our back"
    google.faults()
    assert refresh(accounts, tokens).access_token


def test_a_limit_says_when_to_come_back(accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator) -> None:
    tokens = connected(accounts, agree)
    google.faults(rate_limit=1.0, retry_after=17)
    with pytest.raises(RateLimited) as caught:
        refresh(accounts, tokens)
    assert caught.value.after == 17.0


def test_a_refresh_that_gives_the_old_token_says_that_it_has_ended(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator
) -> None:
    tokens = connected(accounts, agree)
    google.expire()
    google.faults(same_token=1.0)
    same = refresh(accounts, tokens)
    assert (same.access_token, same.expires_in) == (tokens.access_token, 0.0)


def test_an_answer_without_a_time_has_none(accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator) -> None:
    tokens = connected(accounts, agree)
    google.faults(no_expires_in=1.0)
    assert refresh(accounts, tokens).expires_in is None


def test_nobody_listening_is_unreachable(make_accounts: MakeAccounts, agree: Agree) -> None:
    with pytest.raises(Unreachable):
        make_accounts(token_url="http://127.0.0.1:1/token").exchange(agree())


def test_a_slow_answer_is_asked_for_again(make_accounts: MakeAccounts, agree: Agree, google: GoogleEmulator) -> None:
    answer = agree()
    google.faults(slow_seconds=2.0)
    with pytest.raises(Retryable) as caught:
        make_accounts(limits=IMPATIENT).exchange(answer)
    assert caught.value.code == "provider.no_answer"


def test_a_grant_is_taken_back_and_its_end_is_fine(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator
) -> None:
    tokens = connected(accounts, agree)
    accounts.revoke(tokens.refresh_token or "")
    assert google.get("google/grants")["grants"] == []
    accounts.revoke(tokens.access_token)
    assert google.counters()["revoke"] == 2


@pytest.mark.parametrize(
    ("faults", "kind"),
    [({"error_5xx": 1.0}, Retryable), ({"rate_limit": 1.0}, RateLimited), ({"drop_after": 1.0}, Retryable)],
)
def test_a_grant_that_could_not_be_taken_back_is_tried_again(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, faults: dict[str, Any], kind: type[RunError]
) -> None:
    tokens = connected(accounts, agree)
    google.faults(only="revoke", **faults)
    with pytest.raises(kind):
        accounts.revoke(tokens.access_token)
    google.faults()
    accounts.revoke(tokens.access_token)


def test_no_transaction_is_open_while_google_is_asked(
    accounts: GoogleAccounts, agree: Agree, database: Database
) -> None:
    answer = agree()
    with database.transaction(), pytest.raises(RuntimeError, match="inside a database transaction"):
        accounts.exchange(answer)


def test_neither_codes_nor_tokens_are_shown(
    accounts: GoogleAccounts, agree: Agree, google: GoogleEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = agree()
    grant = accounts.exchange(answer)
    google.revoke(HOST)
    with pytest.raises(GrantLost) as caught:
        refresh(accounts, grant.tokens)
    accounts.revoke(grant.tokens.access_token)
    assert caplog.records
    shown = repr(answer) + repr(grant) + str(caught.value) + caplog.text
    tokens = (grant.tokens.access_token, grant.tokens.refresh_token)
    for secret in (answer.code, answer.verifier, CLIENT_SECRET, *tokens):
        assert secret
        assert secret not in shown
