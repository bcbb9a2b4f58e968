"""Resend's refusals in the ledger's words."""

import re
from collections.abc import Mapping

from requests.structures import CaseInsensitiveDict

from worker.kit.errors import Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome

HOUR = 3600.0
LONGEST_MESSAGE = 300

_NOTHING_EXECUTED = frozenset({400, 413, 422})
# What is wrong for every mail must not be taken for a fault of one: the mails wait for whoever mends the settings.
_CONFIGURATION = frozenset({401, 403, 404, 405, 451})
_CONFIGURATION_NAMES = frozenset({"invalid_from_address", "invalid_access", "invalid_region"})
_SENDER = re.compile(r"[`'\"]from[`'\"]")
_QUOTAS = {
    "daily_quota_exceeded": ("provider.daily_quota", HOUR),
    "monthly_quota_exceeded": ("provider.monthly_quota", 6 * HOUR),
}
_POSITION = re.compile(r"\bemails?\[(\d{1,3})\]|\bindex:? ?(\d{1,3})\b")
_ADDRESS = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+")


def refusal(status: int, name: str, message: str, headers: Mapping[str, str]) -> RunError:
    """The error that an answer of this status means. Addresses are cut from the message: it will be logged."""
    said = _ADDRESS.sub("…@…", message)[:LONGEST_MESSAGE]
    if status == 429:
        return _limit(name, said, headers)
    if status == 409:
        return _conflict(name, said)
    if status >= 500:
        return UnknownOutcome(f"Resend failed ({status} {name}); whether the mail was taken is unknown.")
    if status in _CONFIGURATION or name in _CONFIGURATION_NAMES or _SENDER.search(message):
        return Permanent(
            f"Resend does not accept our account ({status} {name}): {said} Check RESEND_API_KEY, RESEND_API_URL and "
            "FROM_EMAIL, and the sender's domain in Resend's dashboard.",
            code="provider.configuration",
        )
    if status in _NOTHING_EXECUTED:
        return Refused(f"Resend refused the mail ({status} {name}): {said}", details=_details(message))
    return UnknownOutcome(f"Resend's answer ({status} {name}) is unknown to us; so is whether the mail was taken.")


def _limit(name: str, said: str, headers: Mapping[str, str]) -> RateLimited:
    if name in _QUOTAS:
        code, after = _QUOTAS[name]
        return RateLimited(f"Resend's quota is used up ({name}): {said}", after=after, code=code)
    return RateLimited(f"Resend's rate limit is reached: {said}", after=_wait(headers))


def _conflict(name: str, said: str) -> RunError:
    if name == "invalid_idempotent_request":
        return Permanent(
            f"Resend already knows this idempotency key with another content: {said}", code="provider.key_conflict"
        )
    return Retryable(f"Resend is still busy with this request ({name}): {said}", code="provider.busy")


def _wait(headers: Mapping[str, str]) -> float:
    known = CaseInsensitiveDict(headers)
    for name in ("retry-after", "ratelimit-reset"):
        try:
            return min(max(float(known[name]), 0.0), HOUR)
        except (KeyError, ValueError):
            continue
    return 1.0


def _details(message: str) -> Mapping[str, list[int]]:
    positions = sorted({int(first or second) for first, second in _POSITION.findall(message)})
    return {"positions": positions} if positions else {}
