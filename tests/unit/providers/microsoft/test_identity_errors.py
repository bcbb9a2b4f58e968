from typing import Any

import pytest

from worker.contracts.accounts import GrantLost
from worker.kit.errors import Misconfigured, RateLimited, Refused, Retryable, RunError
from worker.providers.microsoft.identity_errors import refusal


def refused(error: str | None, *numbers: int, spent: Any = "revoked", **more: Any) -> RunError:
    return refusal({"error": error, "error_codes": list(numbers), **more}, spent=spent)


def reason(error: RunError) -> str | None:
    return error.reason if isinstance(error, GrantLost) else None


@pytest.mark.parametrize("number", [50057, 50173, 70000, 70008, 70043, 700082])
def test_a_refresh_token_that_is_dead(number: int) -> None:
    assert reason(refused("invalid_grant", number)) == "revoked"
    assert f"AADSTS{number}" in str(refused("invalid_grant", number))


@pytest.mark.parametrize("number", [54005, 70008, 501481])
def test_a_code_that_is_used_or_too_old(number: int) -> None:
    assert reason(refused("invalid_grant", number, spent="code")) == "code"


@pytest.mark.parametrize(
    ("error", "numbers", "more"),
    [
        ("consent_required", (), {}),
        ("invalid_grant", (), {"suberror": "consent_required"}),
        ("invalid_grant", (65001,), {}),
        ("access_denied", (65004,), {}),
        ("access_denied", (90094,), {}),
        ("access_denied", (900941,), {}),
        ("invalid_grant", (50105,), {}),
    ],
)
def test_a_consent_that_is_missing(error: str, numbers: tuple[int, ...], more: dict[str, Any]) -> None:
    assert [reason(refused(error, *numbers, spent=spent, **more)) for spent in ("code", "revoked")] == ["consent"] * 2


@pytest.mark.parametrize(
    ("error", "numbers", "more"),
    [
        ("interaction_required", (50076,), {"suberror": "basic_action", "claims": "{}"}),
        ("interaction_required", (), {}),
        ("login_required", (50058,), {}),
        ("invalid_grant", (50079,), {}),
        ("invalid_grant", (53003,), {}),
        ("invalid_grant", (), {"suberror": "user_password_expired"}),
    ],
)
def test_an_owner_who_has_to_sign_in(error: str, numbers: tuple[int, ...], more: dict[str, Any]) -> None:
    assert reason(refused(error, *numbers, **more)) == "interaction"


@pytest.mark.parametrize(
    ("error", "number"),
    [
        ("invalid_client", 7000215),
        ("invalid_client", 7000222),
        ("invalid_client", 70002),
        ("unauthorized_client", 700016),
        ("invalid_request", 50194),
        ("invalid_grant", 50011),
        ("invalid_tenant", 90002),
        ("invalid_scope", 70011),
        ("invalid_client", 0),
    ],
)
def test_our_app_is_never_an_accounts_fault(error: str, number: int) -> None:
    found = refused(error, number)
    assert isinstance(found, Misconfigured)
    assert (found.gate, found.waits) == ("provider:microsoft", True)
    assert "MICROSOFT_CLIENT_SECRET" in str(found)


@pytest.mark.parametrize(
    ("error", "number"),
    [
        ("invalid_client", 7000215),
        ("invalid_client", 7000222),
        ("invalid_client", 70002),
        ("invalid_request", 7000218),
        ("invalid_request", 50194),
    ],
)
def test_a_code_does_not_wait_for_whoever_mends_the_settings(error: str, number: int) -> None:
    found = refused(error, number, spent="code")
    assert isinstance(found, Misconfigured)
    assert not found.waits


@pytest.mark.parametrize(
    ("error", "number"),
    [
        ("unauthorized_client", 700016),
        ("invalid_grant", 50011),
        ("invalid_grant", 500112),
        ("invalid_grant", 70000),
        ("invalid_grant", 700005),
        ("invalid_tenant", 90002),
        ("invalid_scope", 70011),
        ("invalid_resource", 500011),
        ("unsupported_grant_type", 70003),
        ("unauthorized_client", 0),
    ],
)
def test_what_a_code_of_others_provokes_is_not_our_apps_fault(error: str, number: int) -> None:
    assert reason(refused(error, number, spent="code")) == "code"


@pytest.mark.parametrize("number", [50033, 50087, 70012, 90006])
def test_what_passes_is_tried_again(number: int) -> None:
    for error in ("temporarily_unavailable", "server_error", "invalid_grant"):
        assert isinstance(refused(error, number), Retryable)


def test_a_loop_is_left() -> None:
    found = refused("invalid_grant", 50196)
    assert isinstance(found, RateLimited)
    assert found.after == 3600.0


def test_a_refusal_of_a_new_kind_blames_neither_an_account_nor_our_app() -> None:
    assert isinstance(refused("invalid_request", 9002313), Refused)
    assert reason(refused("invalid_request", 9002313, spent="code")) == "code"


@pytest.mark.parametrize(("error", "number"), [("unauthorized_client", 7000112), ("invalid_client", 650052)])
def test_an_organisation_that_switched_us_off_stops_nobody_else(error: str, number: int) -> None:
    assert [reason(refused(error, number, spent=spent)) for spent in ("code", "revoked")] == ["consent"] * 2


def test_numbers_that_are_none_of_microsofts_are_not_told() -> None:
    assert str(refused("invalid_grant", 10**4000, -7, True, 70008)).count("AADSTS") == 2


def test_the_text_is_not_repeated() -> None:
    told = "AADSTS50020: User account 'awa@example.org' does not exist. Trace ID: 1"
    assert "awa" not in str(refused("invalid_grant", 50020, error_description=told))


@pytest.mark.parametrize("answer", [{}, {"error": None}, {"error": 5, "error_codes": "x"}, {"error_codes": ["70000"]}])
def test_an_answer_without_words_is_a_refusal(answer: dict[str, Any]) -> None:
    assert isinstance(refusal(answer, spent="revoked"), Refused)
