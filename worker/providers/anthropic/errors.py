"""Anthropic's refusals in the ledger's words."""

import re

import anthropic

from worker.kit.errors import Misconfigured, RateLimited, Refused, Retryable, RunError, Unreachable
from worker.kit.figures import pause
from worker.kit.words import sentence

LONGEST_WAIT = 3600.0
LONGEST_MESSAGE = 200

_CONFIGURATION = frozenset({401, 402, 403, 404})
# Every request would be refused for these, whatever it asks for.
_OURS = re.compile(
    r"credit balance|api[ -]?key|\bbilling\b|\borgani[sz]ation\b|\bworkspace\b"
    r"|\bmodel\b.*\b(?:deprecated|retired|not (?:found|supported|available))\b",
    re.IGNORECASE,
)
# By name, because the package has changed the library underneath, and may again.
_NEVER_CONNECTED = frozenset({"ConnectError", "ConnectTimeout"})
_BUSY = frozenset({408, 409, 425, 529})


def classified(error: anthropic.AnthropicError) -> RunError:
    """What an exception of the package means. Nothing that was written leaves traces there: all may be repeated."""
    if isinstance(error, anthropic.APIStatusError):
        return _status(error)
    if isinstance(error, anthropic.APIConnectionError):
        return _no_answer(error)
    return Retryable(f"Claude gave no usable answer ({type(error).__name__}).", code="provider.unusable_answer")


def _no_answer(error: anthropic.APIConnectionError) -> RunError:
    if type(error.__cause__).__name__ in _NEVER_CONNECTED:
        return Unreachable("Claude could not be reached.")
    if isinstance(error, anthropic.APITimeoutError):
        return Retryable("Claude did not answer in time.", code="provider.timeout")
    return Retryable("The connection to Claude broke before its answer was there.", code="provider.no_answer")


def _status(error: anthropic.APIStatusError) -> RunError:
    status, said = error.status_code, _said(error)
    if status == 429:
        return RateLimited(f"Claude's rate limit is reached: {said}", after=_wait(error))
    if status in _CONFIGURATION or (status < 500 and _OURS.search(said)):
        return Misconfigured(
            f"Anthropic does not accept our account ({status}): {said} Check ANTHROPIC_API_KEY and ANTHROPIC_MODEL.",
            provider="anthropic",
            waits=False,
        )
    if status in _BUSY or status >= 500:
        return Retryable(f"Claude is busy ({status}).", code="provider.busy")
    if status >= 400:
        return Refused(f"Anthropic refused the request ({status}): {said}")
    return Retryable(f"Anthropic answered with status {status}.", code="provider.unusable_answer")


def _said(error: anthropic.APIStatusError) -> str:
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    return sentence(message, LONGEST_MESSAGE) or "no reason given."


def _wait(error: anthropic.APIStatusError) -> float:
    return pause(error.response.headers.get("retry-after"), least=1.0, most=LONGEST_WAIT, usual=10.0)
