"""Mail as the platform needs it from a provider: values without input or output, and the one operation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MAILS_PER_BATCH = 100

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a mail brings. content_type: with its parameters (`text/calendar; method=REQUEST`). A name that is
    not of ASCII letters, digits, `.`, `_` and `-`, and a control character in the type, are refused with ValueError.
    """

    filename: str
    content_type: str
    content: bytes

    def __post_init__(self) -> None:
        if not _FILENAME.fullmatch(self.filename) or _CONTROL.search(self.content_type):
            raise ValueError(
                "an attachment's name is ASCII letters, digits, dots, underscores and hyphens; its type a line"
            )


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One mail to one person, rendered to the last byte.

    sender and recipient are `address` or `Name <address>`. Tags are for us (they come back in webhooks): names and
    values of ASCII letters, digits, `_` and `-`, at most 256. A line break or another control character in anything
    that becomes a header is refused with ValueError, so that no value can add a header.
    """

    sender: str
    recipient: str
    subject: str
    html: str
    text: str
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.sender, self.recipient, self.subject, self.reply_to or "", *self.headers, *self.headers.values())
        if any(_CONTROL.search(line) for line in lines):
            raise ValueError("a mail's addresses, subject and headers may hold no line break or control character")
        if not all(_TAG.fullmatch(word) for word in (*self.tags, *self.tags.values())):
            raise ValueError("a mail's tags are ASCII letters, digits, underscores and hyphens, 1 to 256 of them")


@dataclass(frozen=True, slots=True)
class BatchReceipt:
    """The provider's ids of the accepted mails, in the order of the request, one for each mail."""

    ids: tuple[str, ...]


class EmailProvider(Protocol):
    """Sends mail in two steps, so that the exact bytes can be stored before anything leaves."""

    def check(self, sender: str) -> str:
        """Whether the account and the domain of this sender are accepted, in a sentence. Nothing is sent.

        Raises Misconfigured, RateLimited, Retryable, UnknownOutcome, Unreachable.
        """
        ...

    def freeze(self, mails: Sequence[OutgoingMail]) -> bytes:
        """The request body for 1 to 100 mails: pure, and equal for equal mails. One with attachments is alone.

        Raises ValueError for too many.
        """
        ...

    def send_batch(self, mails_payload: bytes, *, key: str, deadline: float) -> BatchReceipt:
        """Send frozen bytes, all mails or none.

        key: 1 to 256 printable ASCII characters; for 24 h the same key with the same bytes sends nothing again and
        returns the first receipt. deadline: a value of `time.monotonic()` after which nothing may be sent any more.

        Raises NotSent, or a RunError:
        RateLimited: nothing was sent; `code` tells a rate (`provider.rate_limited`) from a used-up quota
        (`provider.daily_quota`, `provider.monthly_quota`).
        Refused: nothing was sent under this key; `details["positions"]` are the refused mails' indexes, if known.
        Misconfigured: nothing was sent; key, account, sender, domain or plan are not accepted.
        Doubtful: `provider.key_conflict`, the key was used with other bytes; what those did is unknown.
        Retryable: not sent by this call; repeat with the same key (`provider.unreachable`, `provider.busy`).
        UnknownOutcome: repeat with the same key and bytes.
        """
        ...
