"""The Graph API's refusals in the ledger's words: codes and subcodes decide, never texts, but for our app's secret.

Sources: Facebook, "Handle errors" of the Graph API, "Rate limits", "Debug an app's access tokens".
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from worker.contracts.accounts import AccessRefused, ScopeMissing
from worker.kit.errors import Misconfigured, Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.figures import seconds
from worker.kit.words import sentence

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
USUAL_WAIT = 15 * MINUTE
TOO_FAST_WAIT = 4 * HOUR
BLOCKED_WAIT = DAY
LONGEST_MESSAGE = 300
APP_USAGE, PAGE_USAGE = "X-App-Usage", "X-Business-Use-Case-Usage"
CHECK = "FACEBOOK_APP_ID, FACEBOOK_APP_SECRET, FACEBOOK_API_URL and FACEBOOK_API_VERSION"

_TOKEN = frozenset({102, 190})
_PERMISSION = frozenset({3, 10, *range(200, 300)})
_LIMITS = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_TEMPORARY = frozenset({1, 2})
_APP = frozenset({101, 104, 2500, 2635})
_BLOCKED, _TOO_FAST = 368, 1390008
_DUPLICATE = 506
_PARAMETER, _MISSING = 100, 33
_UNREADABLE_LINK = 1609005
# Facebook has codes for neither of both: a wrong secret is a temporary error by its code.
_SECRET = re.compile(r"client secret|appsecret_proof", re.IGNORECASE)
_PRIVATE = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+|[\w./+~=-]{40,}")


class Gone(Refused):
    """There is no such page or post, or not for this account: Facebook does not tell which."""

    code = "publishing.gone"
    status = 404


class Duplicate(Permanent):
    """The post is the same as the page's last one, and was not made."""

    code = "publishing.duplicate"
    status = 409


def error_of(content: bytes) -> Mapping[str, Any] | None:
    """The member `error` of an answer; None where somebody else than the Graph API answered."""
    try:
        members = json.loads(content)
    except (ValueError, RecursionError):
        return None
    error = members.get("error") if isinstance(members, dict) else None
    return error if isinstance(error, dict) and isinstance(error.get("code"), int) else None


def refusal(status: int, error: Mapping[str, Any] | None, headers: Mapping[str, str], *, writes: bool) -> RunError:
    """The error that an answer means. error: of `error_of`. writes: whether a post may have been made before."""
    if error is None and status == 429:
        return RateLimited("Facebook takes no more calls for a while.", after=USUAL_WAIT)
    if error is None:
        return failure(str(status), writes=writes)
    known = _of_app(status, error) or _of_account(error) or _limit(error, headers) or _of_content(error)
    if known is not None:
        return known
    if error["code"] in _TEMPORARY or error.get("is_transient") is True or status >= 500:
        return failure(named(status, error), writes=writes)
    return Refused(f"Facebook refused the request ({named(status, error)}): {_said(error)}")


def failure(what: str, *, writes: bool) -> RunError:
    """Nobody says what happened."""
    if writes:
        return UnknownOutcome(f"Facebook failed ({what}); whether the post was made is unknown.")
    return Retryable(f"Facebook gave no usable answer ({what}).", code="provider.busy")


def named(status: int, error: Mapping[str, Any]) -> str:
    subcode = _subcode(error)
    return f"{status} code {error['code']}" + (f"/{subcode}" if subcode else "")


def _subcode(error: Mapping[str, Any]) -> int | None:
    subcode = error.get("error_subcode")
    return subcode if isinstance(subcode, int) else None


def _of_app(status: int, error: Mapping[str, Any]) -> RunError | None:
    if error["code"] not in _APP and not _SECRET.search(str(error.get("message"))):
        return None
    text = f"Facebook does not accept our app ({named(status, error)}): {_said(error)} Check {CHECK}."
    return Misconfigured(text, provider="facebook")


def _of_account(error: Mapping[str, Any]) -> RunError | None:
    code = error["code"]
    if code in _TOKEN:
        return AccessRefused(f"Facebook does not take the access any more (code {code}/{_subcode(error)}).")
    if code in _PERMISSION:
        return ScopeMissing(
            "Facebook does not allow that to this account: a permission, or its task on the page, is missing "
            f"(code {code}). Ask an administrator of the page for the right to publish, or connect Facebook again."
        )
    return None


def _limit(error: Mapping[str, Any], headers: Mapping[str, str]) -> RateLimited | None:
    code = error["code"]
    if code in _LIMITS:
        return RateLimited(f"A limit of Facebook is reached (code {code}).", after=_regained(headers))
    if code != _BLOCKED:
        return None
    after = TOO_FAST_WAIT if _subcode(error) == _TOO_FAST else BLOCKED_WAIT
    text = f"Facebook has blocked posts of this page or app for some hours (code {code}/{_subcode(error)})."
    return RateLimited(text, after=after, code="publishing.blocked")


def _of_content(error: Mapping[str, Any]) -> RunError | None:
    code, subcode = error["code"], _subcode(error)
    if code == _DUPLICATE:
        return Duplicate("Facebook says that this is the page's last post once more (code 506).")
    if _UNREADABLE_LINK in (code, subcode):
        return Refused(
            "Facebook cannot read the page that the post links to. Open the offer's public page, and publish again "
            "when everybody can see it.",
            code="publishing.link_unreadable",
        )
    if (code, subcode) == (_PARAMETER, _MISSING):
        return Gone("Facebook does not know this page or post, or not any more, or does not show it to this account.")
    return None


def _regained(headers: Mapping[str, str]) -> float:
    """Seconds until calls are taken again: the longest that Facebook names, in minutes."""
    minutes = [seconds(each.get("estimated_time_to_regain_access")) for each in usages(headers)]
    longest = max((each for each in minutes if each is not None), default=0.0)
    return min(longest * MINUTE, DAY) if longest > 0 else USUAL_WAIT


def usages(headers: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """What our app, and each kind of calls for a page, has used up of its limits."""
    by_page = [each for group in _object(headers, PAGE_USAGE).values() if isinstance(group, list) for each in group]
    return [_object(headers, APP_USAGE), *(each for each in by_page if isinstance(each, dict))]


def _object(headers: Mapping[str, str], name: str) -> Mapping[str, Any]:
    try:
        told = json.loads(CaseInsensitiveDict(headers).get(name) or "{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(error: Mapping[str, Any]) -> str:
    """Without what might be an address or a token: it will be logged."""
    said = sentence(error.get("error_user_msg"), 10 * LONGEST_MESSAGE) or sentence(error.get("message"), 3000)
    return _PRIVATE.sub("…", said)[:LONGEST_MESSAGE] or "no reason given."
