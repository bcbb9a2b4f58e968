"""X's refusals in the ledger's words. Sources: X, "Response codes and errors", "Rate limits", "Pricing".

Problems are told apart by status, title and the last part of their type; texts decide where all of these are the same.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.contracts.channels import ChannelOff
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.figures import seconds
from worker.kit.words import sentence

HOUR, DAY = 3600.0, 86400.0
USUAL_WAIT = 900.0
CAPPED_WAIT = 6 * HOUR
LONGEST_MESSAGE = 300
CHECK = "X_CLIENT_ID and X_CLIENT_SECRET, and the app's project and permissions in X's developer console"

_DUPLICATE = re.compile(r"duplicate content|status is a duplicate", re.IGNORECASE)
_LOCKED = re.compile(r"\b(?:suspended|locked|temporarily limited|protect our users)\b", re.IGNORECASE)
_SCOPE = re.compile(
    r"\bnot permitted to perform this action\b|\bscopes?\b|\boauth\d? ?.{0,20}permissions?\b", re.IGNORECASE
)
_APP = frozenset({"client-forbidden", "unsupported-authentication", "oauth1-permissions"})
_PRIVATE = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+|[\w+/~=-]{40,}")
# The reset of a day's limit is later than that of a quarter of an hour.
_LIMITS = (
    ("x-user-limit-24hour-remaining", "x-user-limit-24hour-reset"),
    ("x-app-limit-24hour-remaining", "x-app-limit-24hour-reset"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
)


class Gone(Refused):
    """There is no such post."""

    code = "publishing.gone"
    status = 404


class Duplicate(Permanent):
    """X has a post with this text, and does not say which; none was made."""

    code = "publishing.duplicate"
    status = 409


def problem_of(content: bytes) -> Mapping[str, Any] | None:
    """None where somebody else than X's API answered."""
    try:
        members = json.loads(content)
    except (ValueError, RecursionError):
        return None
    own = isinstance(members, dict) and {"title", "detail", "errors"} & set(members)
    return members if own else None


def refusal(
    status: int, problem: Mapping[str, Any] | None, headers: Mapping[str, str], *, writes: bool, now: float
) -> RunError:
    """The error that an answer of 300 or more means. writes: whether a post may have been made before. now: epoch
    seconds.
    """
    if status == 429:
        return _limit(problem or {}, headers, now)
    if status == 401:
        return AccessRefused("X does not take the account's access token (401).")
    if status == 402:
        return ChannelOff(
            "X refuses all calls because the credits of our app are used up (402). Buy credits in X's developer "
            "console, then switch the channel on again."
        )
    if problem is None or not 400 <= status < 500 or status == 408:
        return failure(named(status, problem), writes=writes)
    return _forbidden(problem) if status == 403 else _definite(status, problem)


def failure(what: str, *, writes: bool) -> RunError:
    """Nobody says what happened."""
    if writes:
        return UnknownOutcome(f"X failed ({what}); whether the post was made is unknown.")
    return Retryable(f"X gave no usable answer ({what}).", code="provider.busy")


def named(status: int, problem: Mapping[str, Any] | None) -> str:
    return " ".join(filter(None, (str(status), sentence((problem or {}).get("title"), 60))))


def _forbidden(problem: Mapping[str, Any]) -> RunError:
    said = _said(problem)
    if _DUPLICATE.search(said) or _code(problem) == 187:
        return Duplicate("X says that it has a post with this text already (403).")
    if _kind(problem) in _APP:
        text = f"X does not accept our app ({named(403, problem)}): {_shown(said)} Check {CHECK}."
        return Misconfigured(text, provider="x")
    if _LOCKED.search(said):
        return ChannelOff(f"X does not let this account post: {_shown(said)} Sign in at X, then switch the channel on.")
    if _SCOPE.search(said):
        return ScopeMissing(
            f"The X account was connected without what this call needs: {_shown(said)} Connect X again."
        )
    return Refused(f"X refused the post ({named(403, problem)}): {_shown(said)}")


def _definite(status: int, problem: Mapping[str, Any]) -> RunError:
    if status == 404:
        return Gone("X does not know this post or account, or not any more (404).")
    return Refused(f"X refused the request ({named(status, problem)}): {_shown(_said(problem))}")


def _limit(problem: Mapping[str, Any], headers: Mapping[str, str], now: float) -> RateLimited:
    if _kind(problem) == "usage-capped":
        text = "Our app has used up what X allows it in this month."
        return RateLimited(text, after=CAPPED_WAIT, code="provider.monthly_quota")
    return RateLimited("X takes no more calls of this account for a while.", after=_until_reset(headers, now))


def _until_reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until the limit that is used up is counted anew, and one more: X tells whole seconds."""
    known = CaseInsensitiveDict(headers)
    for remaining, reset in _LIMITS:
        at = _instant(known.get(reset))
        if at is not None and (known.get(remaining, "0") == "0"):
            return min(max(at - now + 1.0, 1.0), DAY)
    told = seconds(known.get("retry-after"))
    return USUAL_WAIT if told is None else min(max(told, 1.0), DAY)


def _instant(value: Any) -> float | None:
    """`seconds` knows no times as far from zero as today is."""
    return float(value) if isinstance(value, str) and value.isdecimal() and len(value) <= 12 else None


def _kind(problem: Mapping[str, Any]) -> str:
    return str(problem.get("type", "")).rpartition("/")[2]


def _code(problem: Mapping[str, Any]) -> Any:
    return next((each.get("code") for each in _errors(problem)), None)


def _errors(problem: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = problem.get("errors")
    return [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []


def _said(problem: Mapping[str, Any]) -> str:
    return sentence([problem.get("detail"), *(each.get("message") for each in _errors(problem))], 10 * LONGEST_MESSAGE)


def _shown(said: str) -> str:
    """Without what might be an address or a token: it will be logged."""
    return _PRIVATE.sub("…", said)[:LONGEST_MESSAGE] or "no reason given."
