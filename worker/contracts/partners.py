"""Partners to which a company hands its offers itself: a program of its own that receives webhooks, or a job board that
takes offers from recruiting software.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlsplit

from worker.kit.errors import Permanent, RateLimited, Refused, RunError, UnknownOutcome
from worker.kit.words import sentence

LONGEST_ID = 255
LONGEST_URL = 2000
BOARD_COUNTRIES = ("gh", "ke", "ng", "uk", "za")
"""Of the board's sites, as its keys name them."""

_BOARD_KEY = re.compile(r"mjm_([a-z]{2})_[A-Za-z0-9_-]{8,200}", re.ASCII)


class ReceiverGone(Refused):
    """The receiver answered that nothing is to be sent there any more (410)."""

    code = "webhook.gone"


class ReceiverFailed(UnknownOutcome):
    """The receiver answered with `answered`, a status that says to try again."""

    def __init__(self, message: str, *, answered: int) -> None:
        super().__init__(message)
        self.answered = answered


class KeyRefused(Permanent):
    """The board takes the company's key no more, and did nothing: only the company can give another one."""

    code = "partner.key_refused"
    status = 400


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver answered when it took a delivery: its own id and public address of the offer, empty where it did
    not say.
    """

    status: int
    id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Advert:
    """An offer as a board takes it. text: plain, its lines parted by line feeds. deadline: the last day to apply.
    company_*: empty where they are not known.
    """

    title: str
    text: str
    apply_url: str
    deadline: date
    company_name: str
    company_about: str = ""
    company_website: str = ""
    company_logo: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """An offer at a board. visible: readers see it, at `url`; else the board looks at it first. closed: no more."""

    id: str
    visible: bool
    url: str = ""
    closed: bool = False


class WebhookSender(Protocol):
    def deliver(self, url: str, body: bytes, *, key: str, secrets: Sequence[str], deadline: float) -> Receipt:
        """Send once, signed with every secret (`whsec_…`); the receiver knows a repetition by `key`.

        Nothing may leave after `deadline` (time.monotonic). Raises ReceiverGone, Refused (also where the address is not
        one of the outside world), RateLimited, Unreachable, and UnknownOutcome, which is to be repeated.
        """


class JobBoard(Protocol):
    """Calls in the name of a company; `token` is the key that the board gave it.

    Every method may raise KeyRefused, Refused, RateLimited, Unreachable and UnknownOutcome.
    """

    def body(self, offer: Advert, key: str) -> bytes:
        """What `create` sends; a pure function. key: by which the board knows a repetition, and the offer later."""

    def create(self, token: str, body: bytes, *, deadline: float) -> Placement:
        """Place an offer. One that is there under its key is answered as it stands, and costs nothing again."""

    def end(self, token: str, key: str, *, deadline: float) -> None:
        """End an offer; one that is gone or closed is fine."""

    def find(self, token: str, key: str) -> Placement | None:
        """The offer as it stands at the board."""


def board_country(token: str) -> str | None:
    """At the site of which country a key of the board is good; None for a text that is no such key."""
    known = _BOARD_KEY.fullmatch(token)
    return known[1] if known and known[1] in BOARD_COUNTRIES else None


def answered_status(error: RunError) -> int | None:
    """The status of the answer that an error stands for; None where there was no answer."""
    match error:
        case ReceiverFailed(answered=status):
            return status
        case RateLimited():
            return 429
        case Refused(details={"status": int(status)}):
            return status
    return None


def told_url(value: Any) -> str:
    """An address that a partner named, fit to be stored and shown as a link; empty for anything else."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_URL or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    return value if parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc else ""


def told_id(value: Any) -> str:
    """An identifier that a partner named, fit to be stored; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = value if isinstance(value, str) else str(value) if abs(value) < 10**18 else ""
    return sentence(text, LONGEST_ID)
