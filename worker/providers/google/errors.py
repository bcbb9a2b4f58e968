"""Google Calendar's refusals in the ledger's words. Source: Calendar API, "Handle API errors"."""

import json
import re
from collections.abc import Mapping
from typing import Any

from googleapiclient.errors import HttpError

from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.figures import pause
from worker.kit.words import sentence

HOUR = 3600.0
USUAL_WAIT = 10.0
_UNKNOWN_LIMIT = 60.0
LONGEST_MESSAGE = 200

_RATES = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "concurrentLimitExceeded"})
_SCOPES = frozenset({"insufficientPermissions", "insufficientScopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_PROJECT = frozenset({"accessNotConfigured", "SERVICE_DISABLED", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_GONE = frozenset({"notFound", "deleted"})
_CONFERENCE = re.compile(r"\bconference\b", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+")


def refusal(error: HttpError, *, writing: bool) -> RunError:
    """What an answer of 300 or more means; writing: whether the call changes something."""
    status, reasons = error.status_code, _reasons(error)
    if status == 401:
        return AccessRefused("Google does not accept the account's access token (401).")
    if status == 429 or reasons & _RATES:
        return RateLimited("Google Calendar's rate limit is reached.", after=_wait(error))
    if not reasons or not 400 <= status < 500:
        return _unexplained(status, writing=writing)
    return _explained(error, status, reasons, writing=writing)


def is_gone(error: HttpError) -> bool:
    """Only an answer of the API itself says so: a proxy's 404 does not."""
    return error.status_code in (404, 410) and bool(_reasons(error) & _GONE)


def refuses_conference(error: HttpError) -> bool:
    """The calendar may make no links, and the whole event was refused for it."""
    return error.status_code == 400 and bool(_CONFERENCE.search(_said(error)))


def _explained(error: HttpError, status: int, reasons: frozenset[str], *, writing: bool) -> RunError:
    said = _ADDRESS.sub("…@…", sentence(_said(error), 10 * LONGEST_MESSAGE))[:LONGEST_MESSAGE] or "no reason given."
    why = f"({status} {', '.join(sorted(reasons))}): {said}"
    failure = _of_account(reasons) or _of_project(error, reasons, why)
    if failure is not None:
        return failure
    if status == 409:
        return Retryable(f"Google Calendar is busy with this event {why}", code="provider.busy")
    return (Refused if writing else Permanent)(f"Google Calendar refused the request {why}")


def _of_account(reasons: frozenset[str]) -> RunError | None:
    if reasons & _SCOPES:
        return ScopeMissing("The Google account was connected without access to its calendars.")
    if "notACalendarUser" in reasons:
        return NoMailbox("This Google account has no calendar: Google Calendar is not switched on for it.")
    return None


def _of_project(error: HttpError, reasons: frozenset[str], why: str) -> RunError | None:
    """Limits of a calendar and of ours."""
    if "quotaExceeded" in reasons:
        text = f"Google takes no more invitations from this calendar for some hours {why}"
        return RateLimited(text, after=max(_wait(error), HOUR), code="calendar.quota")
    if reasons & _PROJECT:
        text = f"Google Calendar does not serve our project {why} Look at its APIs and quotas in Google's console."
        return Misconfigured(text, provider="google")
    if "usageLimits" in _values(error, "domain"):
        return RateLimited(f"A limit of Google Calendar is reached {why}", after=max(_wait(error), _UNKNOWN_LIMIT))
    return None


def _unexplained(status: int, *, writing: bool) -> RunError:
    """Nobody of the API says what happened."""
    if writing:
        return UnknownOutcome(f"Google Calendar failed ({status}); whether the change was made is unknown.")
    return Retryable(f"Google Calendar does not answer for now ({status}).", code="provider.busy")


def _reasons(error: HttpError) -> frozenset[str]:
    return _values(error, "reason")


def _values(error: HttpError, name: str) -> frozenset[str]:
    details = _details(error)
    entries = [entry for group in ("errors", "details") for entry in _dicts(details.get(group))]
    return frozenset(entry[name] for entry in entries if isinstance(entry.get(name), str))


def _said(error: HttpError) -> str:
    details = _details(error)
    texts = [details.get("message"), *(entry.get("message") for entry in _dicts(details.get("errors")))]
    return next((text for text in texts if isinstance(text, str) and text), "")


def _details(error: HttpError) -> Mapping[str, Any]:
    try:
        body = json.loads(error.content)
    except (ValueError, RecursionError):
        return {}
    inner = body.get("error") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else {}


def _dicts(entries: Any) -> list[dict[str, Any]]:
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _wait(error: HttpError) -> float:
    return pause(error.resp.get("retry-after"), least=1.0, most=HOUR, usual=USUAL_WAIT)
