"""Every refusal that Google Calendar documents, and what it means."""

import json
from typing import Any

import httplib2
import pytest
from googleapiclient.errors import HttpError

from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.providers.google.errors import HOUR, is_gone, refusal, refuses_conference


def refused(
    status: int, reason: str | None = None, message: str = "Explained.", *, domain: str = "global", **headers: str
) -> HttpError:
    body: Any = {"error": {"code": status, "message": message}}
    if reason is not None:
        body["error"]["errors"] = [{"domain": domain, "reason": reason, "message": message}]
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpError(httplib2.Response({**fields, "status": str(status)}), json.dumps(body).encode())


def page(status: int) -> HttpError:
    return HttpError(httplib2.Response({"status": str(status)}), b"<title>Proxy</title>")


@pytest.mark.parametrize(
    ("error", "writing", "reading", "code"),
    [
        (refused(400, "invalid"), Refused, Permanent, "provider.refused"),
        (refused(400, "required"), Refused, Permanent, "provider.refused"),
        (refused(401, "authError"), AccessRefused, AccessRefused, "account.access_refused"),
        (page(401), AccessRefused, AccessRefused, "account.access_refused"),
        (refused(403, "rateLimitExceeded"), RateLimited, RateLimited, "provider.rate_limited"),
        (refused(403, "userRateLimitExceeded"), RateLimited, RateLimited, "provider.rate_limited"),
        (refused(403, "newLimit", domain="usageLimits"), RateLimited, RateLimited, "provider.rate_limited"),
        (refused(403, "quotaExceeded", domain="usageLimits"), RateLimited, RateLimited, "calendar.quota"),
        (refused(403, "dailyLimitExceeded"), Misconfigured, Misconfigured, "provider.configuration"),
        (refused(403, "accessNotConfigured"), Misconfigured, Misconfigured, "provider.configuration"),
        (refused(403, "insufficientPermissions"), ScopeMissing, ScopeMissing, "account.scope_missing"),
        (refused(403, "notACalendarUser"), NoMailbox, NoMailbox, "account.no_mailbox"),
        (refused(403, "forbiddenForNonOrganizer"), Refused, Permanent, "provider.refused"),
        (refused(403, "forbidden"), Refused, Permanent, "provider.refused"),
        (refused(404, "notFound"), Refused, Permanent, "provider.refused"),
        (refused(409, "conflict"), Retryable, Retryable, "provider.busy"),
        (refused(429, "rateLimitExceeded"), RateLimited, RateLimited, "provider.rate_limited"),
        (page(429), RateLimited, RateLimited, "provider.rate_limited"),
        (refused(500, "backendError"), UnknownOutcome, Retryable, "provider.unknown_outcome"),
        (page(503), UnknownOutcome, Retryable, "provider.unknown_outcome"),
        (page(403), UnknownOutcome, Retryable, "provider.unknown_outcome"),
        (page(302), UnknownOutcome, Retryable, "provider.unknown_outcome"),
    ],
)
def test_each_refusal_has_its_class(
    error: HttpError, writing: type[RunError], reading: type[RunError], code: str
) -> None:
    written, read = refusal(error, writing=True), refusal(error, writing=False)
    assert type(written) is writing
    assert written.code == code
    assert type(read) is reading
    assert not isinstance(read, Refused), "what cannot be read proves nothing about what was written"


def test_a_scope_may_be_missing_by_the_newer_name() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    body = json.dumps({"error": {"code": 403, "message": "No.", "details": details}}).encode()
    assert isinstance(refusal(HttpError(httplib2.Response({"status": "403"}), body), writing=True), ScopeMissing)


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (refused(429, "rateLimitExceeded", retry_after="7"), 7.0),
        (refused(429, "rateLimitExceeded", retry_after="999999"), HOUR),
        (refused(429, "rateLimitExceeded", retry_after="Fri, 31 Dec 1999 23:59:59 GMT"), 10.0),
        (refused(403, "userRateLimitExceeded"), 10.0),
        (refused(403, "quotaExceeded", retry_after="7"), HOUR),
    ],
)
def test_a_limit_says_how_long_it_lasts(error: HttpError, after: float) -> None:
    failure = refusal(error, writing=True)
    assert isinstance(failure, RateLimited)
    assert failure.after == after


def test_an_address_in_a_refusal_is_not_repeated() -> None:
    failure = refusal(refused(400, "invalid", "Invalid attendee awa.ndong@example.org\n"), writing=True)
    assert "awa" not in str(failure)
    assert str(failure).endswith("Invalid attendee …@…")


def test_only_the_api_itself_says_that_an_event_is_gone() -> None:
    assert is_gone(refused(404, "notFound"))
    assert is_gone(refused(410, "deleted"))
    assert not is_gone(page(404))
    assert not is_gone(page(410))
    assert not is_gone(refused(410, "updatedMinTooLongAgo"))


def test_a_calendar_without_links_is_told_from_a_bad_event() -> None:
    assert refuses_conference(refused(400, "invalid", "Invalid conference type value."))
    assert not refuses_conference(refused(400, "invalid", "Invalid attendee email."))
    assert not refuses_conference(refused(403, "forbidden", "No conference for you."))


@pytest.mark.parametrize("content", [b"", b"[]", b"[1]", b'{"error": "x"}', b'{"error": {"errors": "x"}}', b"\xff"])
def test_nothing_strange_in_a_refusal_stops_its_reading(content: bytes) -> None:
    error = HttpError(httplib2.Response({"status": "400"}), content if content != b"\xff" else b"{}")
    error.content = content
    assert isinstance(refusal(error, writing=True), UnknownOutcome)
