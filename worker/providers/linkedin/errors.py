"""LinkedIn's refusals in the ledger's words: statuses and codes decide, texts only where there is no code.

Sources: LinkedIn, "Error Handling", "Rate Limiting", "Posts API", "Versioning".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from secrets import randbelow
from typing import Any

from requests.structures import CaseInsensitiveDict

from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.figures import seconds
from worker.kit.words import sentence

DAY = 86400.0
JITTER = 900
LONGEST_MESSAGE = 300
LONGEST_CODE = 80

_VERSION = frozenset({"VERSION_MISSING", "NONEXISTENT_VERSION"})
_DUPLICATE = "DUPLICATE_POST"
_NO_ORGANISATION_SCOPE = "organization permissions must be used"
_POST = re.compile(r"urn:li:(?:share|ugcPost):[0-9]{1,30}")
_PERSON = re.compile(r"urn:li:(?:person|member):[\w-]+")
_ADDRESS = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+")
_ROLE_LOST = (
    "LinkedIn does not allow that to this account: its role at the page, or a permission that it gave to this "
    "platform, was lost. Ask an administrator of the page for the role again, or connect LinkedIn again."
)


class Gone(Refused):
    """There is no such post, picture or page."""

    code = "publishing.gone"
    status = 404


class Duplicate(Permanent):
    """LinkedIn takes the post for a repetition and made none. post_id: of which one, '' where it does not say."""

    code = "publishing.duplicate"
    status = 409

    def __init__(self, message: str, *, post_id: str) -> None:
        super().__init__(message)
        self.post_id = post_id


def refusal(
    status: int, members: Mapping[str, Any] | None, headers: Mapping[str, str], *, creates: bool, now: datetime
) -> RunError:
    """The error that an answer of 300 or more means. members: None where it is no object, so that somebody else may
    have answered. creates: whether a post may have been made before.
    """
    told = members or {}
    codes = codes_of(told)
    if status == 429:
        return _limit(headers, now)
    if status == 426 or codes & _VERSION:
        return _version(status, codes)
    if status == 401:
        return AccessRefused(f"LinkedIn does not take the account's access token ({_named(status, codes)}).")
    if not 400 <= status < 500 or status == 408 or not codes:
        return failure(_named(status, codes), creates=creates)
    return _definite(status, codes, told, creates=creates)


def failure(what: str, *, creates: bool) -> RunError:
    """Nobody says what happened."""
    if creates:
        return UnknownOutcome(f"LinkedIn failed ({what}); whether the post was made is unknown.")
    return Retryable(f"LinkedIn gave no usable answer ({what}).", code="provider.busy")


def until_next_day(now: datetime) -> float:
    """Seconds to the next midnight of UTC, when LinkedIn counts anew, and up to a quarter of an hour more."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=1) - now).total_seconds() + randbelow(JITTER)


def codes_of(members: Mapping[str, Any]) -> frozenset[str]:
    """Everything by which LinkedIn names what is wrong; empty where the answer is not LinkedIn's own."""
    own = (members.get(name) for name in ("code", "serviceErrorCode", "errorDetailType"))
    found = [*own, *(each.get("code") for each in _inputs(members))]
    codes = {sentence(str(each), LONGEST_CODE) for each in found if isinstance(each, str | int)}
    return frozenset(codes or ({"no code"} if isinstance(members.get("message"), str) else ()))


def _inputs(members: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    details = members.get("errorDetails")
    inputs = details.get("inputErrors") if isinstance(details, dict) else None
    return [each for each in inputs if isinstance(each, dict)] if isinstance(inputs, list) else []


def _definite(status: int, codes: frozenset[str], members: Mapping[str, Any], *, creates: bool) -> RunError:
    said, named = _said(members), _named(status, codes)
    if _DUPLICATE in codes:
        found = _POST.search(said)
        return Duplicate(f"LinkedIn has this post already ({named}).", post_id=found[0] if found else "")
    if status == 403 or _NO_ORGANISATION_SCOPE in said.lower():
        return ScopeMissing(f"{_ROLE_LOST} ({named})")
    if status == 404:
        return Gone(f"LinkedIn does not know this post or page, or not any more ({named}).")
    if status == 409:
        return failure(named, creates=creates)
    return Refused(f"LinkedIn refused the request ({named}): {_shown(said)}")


def _limit(headers: Mapping[str, str], now: datetime) -> RateLimited:
    """A day's calls are counted per app and per member; usually nothing says when to come back."""
    told = seconds(CaseInsensitiveDict(headers).get("retry-after"))
    if told is not None:
        return RateLimited("LinkedIn takes no more calls for a while.", after=min(max(told, 1.0), DAY))
    text = "LinkedIn takes no more calls of this app or account today."
    return RateLimited(text, after=until_next_day(now), code="provider.daily_quota")


def _version(status: int, codes: frozenset[str]) -> Misconfigured:
    return Misconfigured(
        f"LinkedIn does not serve the version of its API that we ask for ({_named(status, codes)}). Set "
        "LINKEDIN_API_VERSION to a living one and restart the workers.",
        provider="linkedin",
        waits=False,
    )


def _named(status: int, codes: frozenset[str]) -> str:
    return " ".join((str(status), *sorted(codes)))


def _said(members: Mapping[str, Any]) -> str:
    described = (each.get("description") for each in _inputs(members))
    return sentence([members.get("message"), *described], 20 * LONGEST_MESSAGE)


def _shown(said: str) -> str:
    """Names of people are cut out: it will be logged."""
    return _ADDRESS.sub("…@…", _PERSON.sub("urn:li:person:…", said))[:LONGEST_MESSAGE] or "no reason given."
