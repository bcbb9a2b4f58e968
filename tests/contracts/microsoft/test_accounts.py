"""Codes and refresh tokens become tokens; each refusal becomes what the platform knows it as."""

import logging
import socket
from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.microsoft.conftest import MakeAccounts
from tests.contracts.microsoft.support import SHORT, agreed, begun
from tests.factories.emulators import MicrosoftEmulator
from tests.factories.peers import peer, with_body
from worker.contracts.accounts import Account, AccountProvider, GrantLost, NoMailbox, Tokens
from worker.kit.database import Database
from worker.kit.errors import Misconfigured, RateLimited, Retryable, Unreachable

GRANTED = frozenset({"user.read", "calendars.readwrite"})


def connected(microsoft: MicrosoftEmulator, accounts: AccountProvider, account: str = "work") -> Tokens:
    return accounts.exchange(agreed(microsoft, account)).tokens


def refreshed(accounts: AccountProvider, tokens: Tokens) -> Tokens:
    assert tokens.refresh_token is not None
    return accounts.refresh(tokens.refresh_token, tokens.scopes or frozenset())


@pytest.mark.parametrize(
    ("account", "label", "kind"),
    [("work", "rh@exemple.cm", "work"), ("personal", "awa.ndong@outlook.example", "personal")],
)
def test_a_code_becomes_tokens_of_a_known_account(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, account: str, label: str, kind: str
) -> None:
    grant = accounts.exchange(agreed(microsoft, account))
    assert (grant.account.label, grant.account.kind) == (label, kind)
    assert grant.account.id == accounts.exchange(agreed(microsoft, account)).account.id
    tokens = grant.tokens
    assert tokens.access_token
    assert tokens.refresh_token
    assert tokens.scopes is not None
    assert tokens.scopes >= GRANTED
    assert tokens.expires_in is not None
    assert 3600 <= tokens.expires_in <= 5400


def test_two_people_are_two_accounts(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    found = {accounts.exchange(agreed(microsoft, account)).account.id for account in ("work", "personal")}
    assert len(found) == 2


def test_each_refresh_gives_a_new_refresh_token(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    first = connected(microsoft, accounts)
    second = refreshed(accounts, first)
    third = refreshed(accounts, second)
    assert len({tokens.access_token for tokens in (first, second, third)}) == 3
    assert len({tokens.refresh_token for tokens in (first, second, third)}) == 3
    assert third.scopes is not None
    assert third.scopes >= GRANTED
    assert refreshed(accounts, first).access_token


def test_a_refresh_is_one_call_once_the_addresses_are_known(
    microsoft: MicrosoftEmulator, accounts: AccountProvider
) -> None:
    tokens = connected(microsoft, accounts)
    for _ in range(3):
        tokens = refreshed(accounts, tokens)
    counters = microsoft.counters()
    assert (counters["discovery"], counters["token.refresh"]) == (1, 3)


def test_scopes_are_told_without_graphs_address(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    microsoft.faults(scope_urls=True)
    tokens = connected(microsoft, accounts)
    assert tokens.scopes is not None
    assert tokens.scopes >= GRANTED


def test_scopes_that_were_not_granted_are_not_asked_for_anew(
    microsoft: MicrosoftEmulator, accounts: AccountProvider
) -> None:
    microsoft.faults(scopes=["User.Read", "openid", "profile", "offline_access"])
    tokens = connected(microsoft, accounts)
    microsoft.faults()
    assert "calendar.get" not in microsoft.counters()
    assert refreshed(accounts, tokens).scopes == frozenset({"user.read", "openid", "profile"})


def test_without_known_scopes_the_usual_ones_are_asked_for(
    microsoft: MicrosoftEmulator, accounts: AccountProvider
) -> None:
    tokens = replace(connected(microsoft, accounts), scopes=None)
    found = refreshed(accounts, tokens).scopes
    assert found is not None
    assert found >= GRANTED


def test_what_the_answer_does_not_say_is_not_invented(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    microsoft.faults(no_expires_in=True, no_refresh_token=True)
    tokens = connected(microsoft, accounts)
    assert (tokens.expires_in, tokens.refresh_token) == (None, None)


def test_a_refresh_that_gives_the_old_token_says_how_long_it_still_lives(
    microsoft: MicrosoftEmulator, accounts: AccountProvider
) -> None:
    tokens = connected(microsoft, accounts)
    microsoft.expire()
    microsoft.faults(same_token=True)
    same = refreshed(accounts, tokens)
    assert (same.access_token, same.expires_in) == (tokens.access_token, 0.0)


def test_a_guest_without_a_mailbox_is_not_connected(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    with pytest.raises(NoMailbox, match="no Exchange mailbox"):
        accounts.exchange(agreed(microsoft, "guest"))


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_other_failures_of_the_calendar_do_not_waste_the_code(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, status: int
) -> None:
    microsoft.faults(only="calendar.get", graph_error={"status": status})
    assert accounts.exchange(agreed(microsoft)).tokens.access_token


def test_nothing_is_left_to_revoke(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    tokens = connected(microsoft, accounts)
    accounts.revoke(tokens.access_token)
    assert refreshed(accounts, tokens).access_token


def reason_of(microsoft: MicrosoftEmulator, accounts: AccountProvider, *, exchange: bool, error: Any) -> str:
    """What is raised while the emulator answers so."""
    answer, tokens = agreed(microsoft), connected(microsoft, accounts)
    microsoft.faults(token_error=error)
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer) if exchange else refreshed(accounts, tokens)
    return caught.value.reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (50173, "revoked"),
        (50057, "revoked"),
        (70000, "revoked"),
        (70043, "revoked"),
        (700082, "revoked"),
        (65001, "consent"),
        ({"aadsts": 65001, "error": "consent_required"}, "consent"),
        (90094, "consent"),
        (50076, "interaction"),
        (50079, "interaction"),
        (53003, "interaction"),
        ({"aadsts": 70000, "error": "interaction_required", "status": 401}, "interaction"),
    ],
)
def test_a_refused_refresh_says_why(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, error: Any, reason: str
) -> None:
    assert reason_of(microsoft, accounts, exchange=False, error=error) == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [(54005, "code"), (70008, "code"), (501481, "code"), (65001, "consent"), (50076, "interaction")],
)
def test_a_refused_code_says_why(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, error: int, reason: str
) -> None:
    assert reason_of(microsoft, accounts, exchange=True, error=error) == reason


def test_a_grant_that_its_owner_ended_is_lost_and_a_new_one_works(
    microsoft: MicrosoftEmulator, make_accounts: MakeAccounts
) -> None:
    accounts = make_accounts()
    tokens = connected(microsoft, accounts)
    microsoft.revoke("work")
    with pytest.raises(GrantLost) as caught:
        refreshed(accounts, tokens)
    assert caught.value.reason == "revoked"
    assert refreshed(accounts, connected(microsoft, accounts)).access_token


def test_a_code_is_good_once(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    answer = agreed(microsoft)
    accounts.exchange(answer)
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(answer)
    assert caught.value.reason == "code"


@pytest.mark.parametrize("changes", [{"state": "other"}, {"verifier": "w" * 43}, {"nonce": "nonce-2"}])
def test_an_answer_to_another_flow_gives_no_tokens(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, changes: dict[str, Any]
) -> None:
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(replace(agreed(microsoft), **changes))
    assert caught.value.reason == "code"


def test_an_answer_without_an_id_token_names_no_account(
    microsoft: MicrosoftEmulator, accounts: AccountProvider
) -> None:
    microsoft.faults(scopes=["Calendars.ReadWrite"])
    assert accounts.exchange(agreed(microsoft)).account == Account("", "")


@pytest.mark.parametrize(
    ("registered", "exchange"),
    [
        ({"secret_expired": True}, True),
        ({"secret_expired": True}, False),
        ({"client_secret": "another"}, True),
        ({"client_secret": "another"}, False),
        ({"client_id": "another"}, False),
    ],
)
def test_a_refused_app_is_no_accounts_fault(
    microsoft: MicrosoftEmulator,
    make_accounts: MakeAccounts,
    registered: dict[str, Any],
    exchange: bool,
) -> None:
    accounts = make_accounts()
    answer, tokens = agreed(microsoft), connected(microsoft, accounts)
    microsoft.steer("PUT", "client", **registered)
    with pytest.raises(Misconfigured) as caught:
        accounts.exchange(answer) if exchange else refreshed(accounts, tokens)
    assert (caught.value.gate, caught.value.waits) == ("provider:microsoft", not exchange)
    microsoft.steer("PUT", "client")
    assert refreshed(accounts, tokens).access_token


def test_a_code_of_another_redirect_address_is_lost(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    with pytest.raises(GrantLost) as caught:
        accounts.exchange(replace(agreed(microsoft), redirect_uri="https://elsewhere.example/"))
    assert caught.value.reason == "code"


def test_an_organisation_that_does_not_exist_is_a_wrong_setting(
    microsoft: MicrosoftEmulator, make_accounts: MakeAccounts
) -> None:
    accounts, answer = make_accounts(tenant="nowhere.example"), agreed(microsoft)
    with pytest.raises(Misconfigured, match="MICROSOFT_TENANT_ID") as caught:
        accounts.refresh("token", GRANTED)
    assert caught.value.waits
    with pytest.raises(Misconfigured, match="MICROSOFT_TENANT_ID") as caught:
        accounts.exchange(answer)
    assert not caught.value.waits
    assert not {"token.refresh", "token.code"} & set(microsoft.counters())


def failing(microsoft: MicrosoftEmulator, accounts: AccountProvider, **faults: Any) -> Tokens:
    """Tokens of a time before the fault."""
    tokens = connected(microsoft, accounts)
    microsoft.faults(only="token.refresh", **faults)
    return tokens


@pytest.mark.parametrize(
    "faults",
    [
        {"error_5xx": 1.0},
        {"error_5xx_after": 1.0, "error_status": 500},
        {"drop_before": 1.0},
        {"drop_after": 1.0},
        {"html_200": 1.0},
        {"token_error": 90006},
        {"token_error": 50033},
        {"token_error": {"aadsts": 90006, "status": 503}},
        {"slow_seconds": 3.0},
    ],
)
def test_what_passes_is_tried_again_with_the_same_token(
    microsoft: MicrosoftEmulator, make_accounts: MakeAccounts, faults: dict[str, Any]
) -> None:
    patient, hasty = make_accounts(), make_accounts(limits=SHORT)
    tokens = failing(microsoft, patient, **faults)
    with pytest.raises(Retryable):
        refreshed(hasty if "slow_seconds" in faults else patient, tokens)
    microsoft.faults()
    assert refreshed(patient, tokens).access_token


@pytest.mark.parametrize("fault", ["rate_limit", "rate_limit_html"])
@pytest.mark.parametrize(("seconds", "after"), [(120, 120.0), (None, 10.0)])
def test_a_limit_says_how_long(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, fault: str, seconds: int | None, after: float
) -> None:
    tokens = failing(microsoft, accounts, **{fault: 1.0, "retry_after": seconds})
    with pytest.raises(RateLimited) as caught:
        refreshed(accounts, tokens)
    assert caught.value.after == after


@pytest.mark.parametrize(
    ("faults", "error"),
    [({"error_5xx": 1.0}, Retryable), ({"rate_limit": 1.0}, RateLimited), ({"html_200": 1.0}, Retryable)],
)
def test_a_discovery_that_fails_is_tried_again(
    microsoft: MicrosoftEmulator, make_accounts: MakeAccounts, faults: dict[str, Any], error: type[Exception]
) -> None:
    accounts = make_accounts()
    microsoft.faults(only="discovery", **faults)
    with pytest.raises(error):
        accounts.refresh("token", GRANTED)
    microsoft.faults()
    assert connected(microsoft, accounts).access_token


@pytest.mark.parametrize("text", ["{}", "[]", '{"token_endpoint": "https://login.microsoftonline.com/t"}'])
def test_a_discovery_that_tells_nothing_is_tried_again(make_accounts: MakeAccounts, text: str) -> None:
    with peer(with_body(text)) as url, pytest.raises(Retryable):
        make_accounts(authority=url).exchange(begun(code="code", parameters={"code": "code", "state": "state-1"}))


def test_a_refused_connection_sent_nothing(make_accounts: MakeAccounts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable):
        make_accounts(authority=f"http://127.0.0.1:{port}").refresh("token", GRANTED)


def test_a_refusal_is_not_remembered(microsoft: MicrosoftEmulator, accounts: AccountProvider) -> None:
    tokens = failing(microsoft, accounts, token_error=65001, times=1)
    with pytest.raises(GrantLost):
        refreshed(accounts, tokens)
    assert refreshed(accounts, tokens).access_token


def test_no_call_is_made_in_a_transaction(accounts: AccountProvider, database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="transaction"):
        accounts.refresh("token", GRANTED)
    with database.transaction(), pytest.raises(RuntimeError, match="transaction"):
        accounts.exchange(begun(code="code"))


def test_nothing_secret_is_logged_or_told(
    microsoft: MicrosoftEmulator, accounts: AccountProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = agreed(microsoft)
    grant = accounts.exchange(answer)
    microsoft.revoke("work")
    with pytest.raises(GrantLost) as caught:
        refreshed(accounts, grant.tokens)
    told = f"{caplog.text} {caught.value} {grant!r} {answer!r}"
    secrets = [each for group in microsoft.get("microsoft/tokens").values() for each in group]
    assert [each[:12] for each in [*secrets, answer.verifier or "?"] if each in told] == []
    assert len(secrets) >= 3
