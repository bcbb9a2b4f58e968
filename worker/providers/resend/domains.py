"""What an account's list of domains says of a sender. Source: Resend, "List Domains"."""

from collections.abc import Mapping
from typing import Any

from worker.kit.errors import Misconfigured, UnknownOutcome
from worker.kit.words import sentence

SENDING_ONLY = (
    "Resend accepts our key, which may only send: its dashboard shows whether the domain of FROM_EMAIL is verified."
)
_SENDING = frozenset({"verified", "partially_verified"})
LONGEST_NAME = 253


def standing(answer: Any, sender: str) -> str:
    """A sentence on the domain of this sender. Raises Misconfigured where nothing can be sent from it."""
    domain = sender.rpartition("@")[2].rstrip(" >").lower()
    members: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    entries = members.get("data")
    if not isinstance(entries, list):
        raise UnknownOutcome("Resend gave an answer about domains that cannot be used.")
    states = dict(_read(entry) for entry in entries if isinstance(entry, dict))
    status = states.get(domain)
    if status in _SENDING:
        return f"Resend accepts our key, and {domain} is verified."
    if status is None and members.get("has_more"):
        return f"Resend accepts our key. {domain} is not among the first {len(states)} domains of the account."
    told = "is not a domain of this account" if status is None else f"is not verified yet ({status})"
    raise Misconfigured(
        f"Resend accepts our key, but {domain} {told}. Verify it in Resend's dashboard, or correct FROM_EMAIL.",
        provider="resend",
    )


def _read(entry: Mapping[str, Any]) -> tuple[str, str]:
    return sentence(entry.get("name"), LONGEST_NAME).lower(), sentence(entry.get("status"), LONGEST_NAME)
