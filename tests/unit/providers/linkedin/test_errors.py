"""What LinkedIn's refusals mean to a run."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.kit.errors import Misconfigured, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.providers.linkedin.errors import Duplicate, Gone, refusal, until_next_day

NOW = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
TO_MIDNIGHT = 5.5 * 3600


def refused(
    status: int, members: Mapping[str, Any] | None, *, creates: bool = True, headers: Mapping[str, str] | None = None
) -> RunError:
    return refusal(status, members, headers or {}, creates=creates, now=NOW)


def said(code: str | int, message: str = "No.") -> dict[str, Any]:
    name = "code" if isinstance(code, str) else "serviceErrorCode"
    return {"status": 0, "message": message, name: code}


@pytest.mark.parametrize(
    ("status", "members", "expected"),
    [
        (400, said("ILLEGAL_ARGUMENT"), Refused),
        (400, said("FIELD_LENGTH_TOO_LONG"), Refused),
        (400, {"message": "Organization permissions must be used when using organization as author"}, ScopeMissing),
        (400, said("VERSION_MISSING"), Misconfigured),
        (401, said(65600), AccessRefused),
        (401, said(65601, "The token used in the request has been revoked by the user"), AccessRefused),
        (401, said(65608), AccessRefused),
        (403, said(100, "Not enough permissions to access: partnerApiPosts.CREATE"), ScopeMissing),
        (404, said("NOT_FOUND"), Gone),
        (411, said("no length"), Refused),
        (422, said("UNKNOWN_FIELD"), Refused),
        (426, said("NONEXISTENT_VERSION", "Requested version 20250901 is not active"), Misconfigured),
        (429, said(101), RateLimited),
    ],
)
def test_a_definite_answer_was_not_executed(status: int, members: dict[str, Any], expected: type[RunError]) -> None:
    for creates in (True, False):
        assert type(refused(status, members, creates=creates)) is expected


@pytest.mark.parametrize("status", [302, 408, 409, 500, 502, 503, 504, 999])
def test_a_post_may_have_been_made_where_nobody_says_so(status: int) -> None:
    assert type(refused(status, said("CONFLICT"))) is UnknownOutcome
    assert type(refused(status, said("CONFLICT"), creates=False)) is Retryable


@pytest.mark.parametrize("status", [400, 403, 404, 407, 422])
def test_a_page_of_somebody_in_between_is_no_refusal_of_linkedins(status: int) -> None:
    assert type(refused(status, None)) is UnknownOutcome
    assert type(refused(status, {}, creates=False)) is Retryable


def test_a_token_or_limit_is_refused_without_a_word_as_well() -> None:
    assert type(refused(401, None)) is AccessRefused
    assert type(refused(429, None)) is RateLimited
    assert type(refused(426, None)) is Misconfigured


def test_a_version_that_ended_is_for_whoever_keeps_the_settings() -> None:
    error = refused(426, said("NONEXISTENT_VERSION"))
    assert isinstance(error, Misconfigured)
    assert (error.gate, error.waits) == ("provider:linkedin", False)
    assert "LINKEDIN_API_VERSION" in str(error)
    assert "reconnect" not in str(error).lower()
    assert "connect" not in str(error).lower()


@pytest.mark.parametrize("name", ["share", "ugcPost"])
def test_a_duplicate_names_its_original(name: str) -> None:
    found = refused(
        422,
        {
            "status": 422,
            "message": "Failed validation",
            "errorDetails": {
                "inputErrors": [
                    {"code": "DUPLICATE_POST", "description": f"Content is a duplicate of urn:li:{name}:7123456"}
                ]
            },
        },
    )
    assert isinstance(found, Duplicate)
    assert found.post_id == f"urn:li:{name}:7123456"


def test_a_duplicate_may_name_nothing() -> None:
    found = refused(422, said("DUPLICATE_POST"))
    assert isinstance(found, Duplicate)
    assert found.post_id == ""


def test_a_days_limit_ends_at_midnight_of_utc() -> None:
    error = refused(429, said(101))
    assert isinstance(error, RateLimited)
    assert error.code == "provider.daily_quota"
    assert TO_MIDNIGHT <= error.after < TO_MIDNIGHT + 900
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert TO_MIDNIGHT <= until_next_day(there) < TO_MIDNIGHT + 900


@pytest.mark.parametrize(("header", "after"), [("30", 30.0), ("0", 1.0), ("1e9", None), ("soon", None)])
def test_a_limit_that_says_when_it_ends_is_believed(header: str, after: float | None) -> None:
    error = refused(429, said(101), headers={"retry-after": header})
    assert isinstance(error, RateLimited)
    assert error.after == (after or pytest.approx(error.after))
    assert error.after <= 86400


def test_what_is_repeated_names_nobody() -> None:
    message = "Author urn:li:person:AbC-1_x (awa@exemple.cm) is wrong\x00" + "!" * 10_000
    error = refused(400, said("INVALID_VALUE_FOR_FIELD", message))
    assert "AbC-1_x" not in str(error)
    assert "awa@exemple.cm" not in str(error)
    assert "Author urn:li:person:…" in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "members",
    [
        {"message": 3, "code": ["x"], "errorDetails": {"inputErrors": 7}},
        {"message": "no", "errorDetails": [1]},
        {"message": "no", "errorDetails": {"inputErrors": [3, {"code": {}, "description": 9}]}},
    ],
)
def test_a_misshapen_answer_is_an_answer(members: dict[str, Any]) -> None:
    assert isinstance(refused(400, members), RunError)
