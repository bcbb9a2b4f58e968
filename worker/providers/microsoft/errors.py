"""Graph's refusals in the ledger's words.

Codes come in any case, so they are compared in lower case; where one is unknown its status decides. Sources: Microsoft
Graph "Error responses and resource types", "Throttling guidance"; Exchange's response codes.
"""

import re
from collections.abc import Mapping
from typing import Any

from requests.structures import CaseInsensitiveDict

from worker.contracts.accounts import AccessRefused, NoMailbox, ScopeMissing
from worker.kit.errors import Permanent, RateLimited, Refused, Retryable, RunError, UnknownOutcome
from worker.kit.words import sentence
from worker.providers.microsoft.answers import UNSAID, wait_of

HOUR = 3600.0
LONGEST_MESSAGE = 300
LONGEST_CODE = 80

_NO_MAILBOX = frozenset({"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "errornonexistentmailbox"})
_SCOPE = frozenset({"erroraccessdenied", "authorization_requestdenied", "accessdenied", "forbidden"})
# 501: what is not there for this kind of account was not done either.
_DEFINITE = frozenset({*range(400, 500), 501}) - {408}
_QUOTA = re.compile(r"limit|quota|throttl|exceeded")
_ADDRESS = re.compile(r"[^\s<>\"'`(),;:]+@[^\s<>\"'`(),;:]+")


class Gone(Permanent):
    """There is no such event; somebody took it away."""

    code = "calendar.event_gone"
    status = 404


class Changed(Retryable):
    """The event is not what was read before: it has to be read again."""

    code = "calendar.event_changed"


class Duplicate(Permanent):
    """An event was already made under this transactionId. event_id: which one, where Graph says."""

    code = "calendar.event_exists"
    status = 409

    def __init__(self, message: str, *, event_id: str | None) -> None:
        super().__init__(message)
        self.event_id = event_id


def refusal(status: int, error: Mapping[str, Any] | None, headers: Mapping[str, str], *, writes: bool) -> RunError:
    """The error that an answer of this status means. error: Graph's own, None where somebody else answered.

    writes: whether the call may have changed something; a server that failed may have done so before.
    """
    code = code_of(error)
    if status == 429:
        return RateLimited(f"Microsoft's limit is reached ({code}).", after=wait_of(headers) or UNSAID)
    if status not in _DEFINITE:
        return failure(f"{status} {code}", writes=writes, after=wait_of(headers))
    if error is None:
        return Retryable(f"Somebody between Microsoft and us refused the call ({status}).", code="provider.busy")
    return _known(status, code, error, headers) or Refused(f"Microsoft refused ({status} {code}): {_said(error)}")


def failure(what: str, *, writes: bool, after: float | None = None) -> RunError:
    if writes:
        return UnknownOutcome(f"Microsoft failed ({what}); whether the calendar was changed is unknown.")
    return Retryable(f"Microsoft gave no usable answer ({what}).", after=after, code="provider.busy")


def code_of(error: Mapping[str, Any] | None) -> str:
    return sentence((error or {}).get("code"), LONGEST_CODE) or "no code"


def _known(status: int, code: str, error: Mapping[str, Any], headers: Mapping[str, str]) -> RunError | None:
    name = code.lower()
    if name == "errorduplicatetransactionid":
        known = error.get("@event.existingEventId")
        return Duplicate("The event is there already.", event_id=known if isinstance(known, str) and known else None)
    if name in _NO_MAILBOX:
        return NoMailbox(f"This account has no Exchange mailbox ({code}).")
    if status == 410 or (status == 404 and name == "erroritemnotfound"):
        return Gone(f"The event is not in the calendar any more ({code}).")
    if status == 412:
        return Changed(f"The event was changed meanwhile ({code}).", after=1.0)
    if status in {409, 423}:
        return Retryable(f"The calendar is busy with another change ({code}).", code="provider.busy")
    return _account(status, name, code, headers)


def _account(status: int, name: str, code: str, headers: Mapping[str, str]) -> RunError | None:
    """What is wrong with the account, its token or its consent."""
    if status == 401:
        return AccessRefused(_unauthorised(code, headers))
    if status == 403 and _QUOTA.search(name):
        return RateLimited(f"A limit of this mailbox is reached ({code}).", after=wait_of(headers) or HOUR)
    if status == 403 and name in _SCOPE:
        return ScopeMissing(f"This account did not grant what is needed ({code}). Connect it again, and agree to all.")
    return None


def _unauthorised(code: str, headers: Mapping[str, str]) -> str:
    if "claims=" in CaseInsensitiveDict(headers).get("www-authenticate", ""):
        return (
            f"Microsoft wants the account's owner to sign in again ({code}): a policy of the organisation asks for it."
        )
    return f"Microsoft does not take this account's access token ({code})."


def _said(error: Mapping[str, Any]) -> str:
    """Addresses are cut out: it will be logged."""
    message = sentence(error.get("message"), 10 * LONGEST_MESSAGE)
    return _ADDRESS.sub("…@…", message)[:LONGEST_MESSAGE] or "no reason given."
