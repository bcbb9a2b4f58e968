"""Resend's refusals in the ledger's words."""

import re
from collections.abc import Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from worker.kit.errors import Doubtful, Misconfigured, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.figures import seconds
from worker.kit.words import sentence

HOUR = 3600.0
LONGEST_MESSAGE = 300

# What is wrong for every mail must not be taken for a fault of one: the mails wait for whoever mends the settings.
_CONFIGURATION = frozenset({401, 402, 403, 404, 405, 451})
_CONFIGURATION_NAMES = frozenset(
    {"invalid_from_address", "invalid_access", "invalid_region", "invalid_idempotency_key", "invalid_permission"}
)
_SENDER = re.compile(r"[`'\"]from[`'\"]")
_CONTENT = re.compile(
    r"[`'\"](?:to|cc|bcc|reply_to|subject|html|text|headers|tags|attachments)(?:\[\d+\])?[`'\"]", re.IGNORECASE
)
_ACCOUNT = re.compile(
    r"\b(?:api[ _-]?keys?|accounts?|team|domains?|plans?|quotas?|billing|payment|upgrade|suspended|permissions?"
    r"|unauthori[sz]ed|not verified|unverified)\b",
    re.IGNORECASE,
)
_QUOTAS = {
    "daily_quota_exceeded": ("provider.daily_quota", HOUR),
    "monthly_quota_exceeded": ("provider.monthly_quota", 6 * HOUR),
}
_POSITION = re.compile(r"\bemails?\[(\d{1,3})\]|\bindex:? ?(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+")


def refusal(status: int, name: Any, message: Any, headers: Mapping[str, str]) -> RunError:
    """The error that an answer of this status means. Addresses are cut from the message: it will be logged."""
    name, message = sentence(name, LONGEST_MESSAGE), sentence(message, 10 * LONGEST_MESSAGE)
    said = _ADDRESS.sub("…@…", message)[:LONGEST_MESSAGE] or "no reason given."
    if status == 429:
        return _limit(name, said, headers)
    if status == 409:
        return _conflict(name, said)
    if status >= 500:
        return UnknownOutcome(f"Resend failed ({status} {name}); whether the mail was taken is unknown.")
    if not 400 <= status < 500 or status not in {400, 413, 422} | _CONFIGURATION:
        return UnknownOutcome(f"Resend's answer ({status} {name}) is unknown to us; so is whether the mail was taken.")
    if _is_configuration(status, name, message):
        return Misconfigured(
            f"Resend does not accept our account ({status} {name}): {said} Check RESEND_API_KEY, RESEND_API_URL and "
            "FROM_EMAIL, and the sender's domain in Resend's dashboard.",
            provider="resend",
        )
    return Refused(f"Resend refused the mail ({status} {name}): {said}", details=_details(message))


def _is_configuration(status: int, name: str, message: str) -> bool:
    """Only an answer that names the content refuses the content; 413 and 422 do so by themselves, 400 does not."""
    if status in _CONFIGURATION or name in _CONFIGURATION_NAMES or _SENDER.search(message):
        return True
    if _CONTENT.search(message):
        return False
    return bool(_ACCOUNT.search(message)) or (status == 400 and not _POSITION.search(message))


def _limit(name: str, said: str, headers: Mapping[str, str]) -> RateLimited:
    if name in _QUOTAS:
        code, after = _QUOTAS[name]
        return RateLimited(f"Resend's quota is used up ({name}): {said}", after=after, code=code)
    return RateLimited(f"Resend's rate limit is reached: {said}", after=_wait(headers))


def _conflict(name: str, said: str) -> RunError:
    if name == "invalid_idempotent_request":
        return Doubtful(
            f"Resend already knows this idempotency key with another content; what that did is unknown: {said}",
            code="provider.key_conflict",
        )
    return Retryable(f"Resend is still busy with this request ({name}): {said}", code="provider.busy")


def _wait(headers: Mapping[str, str]) -> float:
    known = CaseInsensitiveDict(headers)
    told = (seconds(known.get(name)) for name in ("retry-after", "ratelimit-reset"))
    after = next((each for each in told if each is not None), 1.0)
    return min(max(after, 0.0), HOUR)


def _details(message: str) -> Mapping[str, list[int]]:
    positions = sorted({int(first or second) for first, second in _POSITION.findall(message)})
    return {"positions": positions} if positions else {}
