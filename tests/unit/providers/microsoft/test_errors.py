from collections.abc import Mapping
from typing import Any

import pytest

from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.kit.errors import Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.providers.microsoft.errors import Changed, Duplicate, Gone, refusal


def refused(
    status: int, code: str | None, *, writes: bool = True, headers: Mapping[str, str] | None = None, **more: Any
) -> RunError:
    error = None if code is None else {"code": code, "message": "No.", **more}
    return refusal(status, error, headers or {}, writes=writes)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "ErrorInvalidRequest", Refused),
        (400, "TimeZoneNotSupportedException", Refused),
        (400, "ErrorDuplicateTransactionId", Duplicate),
        (409, "errorDuplicateTransactionID", Duplicate),
        (401, "InvalidAuthenticationToken", AccessRefused),
        (403, "ErrorAccessDenied", ScopeMissing),
        (403, "Authorization_RequestDenied", ScopeMissing),
        (403, "MailboxNotEnabledForRESTAPI", NoMailbox),
        (403, "ErrorExceededMessageLimit", RateLimited),
        (403, "ErrorSomethingNew", Refused),
        (404, "ErrorItemNotFound", Gone),
        (404, "errorItemNotFound", Gone),
        (404, "MailboxNotEnabledForRESTAPI", NoMailbox),
        (404, "ResourceNotFound", Refused),
        (409, "ErrorIrresolvableConflict", Retryable),
        (410, "syncStateNotFound", Gone),
        (412, "ErrorIrresolvableConflict", Changed),
        (413, "RequestEntityTooLarge", Refused),
        (423, "notAllowed", Retryable),
        (429, "ApplicationThrottled", RateLimited),
        (501, "NotImplemented", Refused),
    ],
)
def test_a_definite_answer(status: int, code: str, expected: type[RunError]) -> None:
    for writes in (True, False):
        assert type(refused(status, code, writes=writes)) is expected


@pytest.mark.parametrize("status", [302, 408, 500, 502, 503, 504, 509])
def test_a_server_that_fails_may_have_written_before(status: int) -> None:
    assert isinstance(refused(status, "UnknownError"), UnknownOutcome)
    read = refused(status, "UnknownError", writes=False, headers={"retry-after": "7"})
    assert isinstance(read, Retryable)
    assert read.after == 7.0


@pytest.mark.parametrize("status", [400, 403, 404, 407])
def test_a_page_of_somebody_in_between_is_no_refusal_of_microsofts(status: int) -> None:
    assert isinstance(refused(status, None), Retryable)


@pytest.mark.parametrize(
    ("headers", "after"),
    [({"Retry-After": "120"}, 120.0), ({"retry-after": "0"}, 1.0), ({}, 10.0), ({"Retry-After": "soon"}, 10.0)],
)
def test_a_limit_says_how_long(headers: Mapping[str, str], after: float) -> None:
    error = refused(429, "TooManyRequests", headers=headers)
    assert isinstance(error, RateLimited)
    assert error.after == after


def test_a_duplicate_names_the_event_where_graph_does() -> None:
    error = {"code": "ErrorDuplicateTransactionId", "@event.existingEventId": "AAkALg="}
    errors = [refusal(400, error, {}, writes=True), refused(400, "ErrorDuplicateTransactionId")]
    assert [error.event_id for error in errors if isinstance(error, Duplicate)] == ["AAkALg=", None]


def test_a_policy_that_wants_the_owner_is_said() -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="eyJ9"'}
    assert "sign in again" in str(refused(401, "InvalidAuthenticationToken", headers=challenge))
    assert "sign in again" not in str(refused(401, "InvalidAuthenticationToken"))


def test_no_address_and_no_control_character_is_repeated() -> None:
    error = refused(400, "ErrorInvalidRecipients", message="awa@example.org\x00 isn't\r\nvalid")
    assert str(error) == "Microsoft refused (400 ErrorInvalidRecipients): …@… isn't valid"


@pytest.mark.parametrize("error", [{}, {"code": None, "message": 5}, {"code": ["x"]}])
def test_an_error_without_words_is_told_all_the_same(error: dict[str, Any]) -> None:
    found = refusal(400, error, {}, writes=True)
    assert isinstance(found, Permanent)
    assert "no reason given" in str(found) or "x" in str(found)
