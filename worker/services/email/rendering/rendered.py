"""What becomes of a message's row: a mail's content, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.contracts.email import Attachment

LONGEST_SUBJECT = 200
TEST_MARK = "[Test] "
NO_ADDRESS = "The recipient's address is no longer on record."


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's content, ready to be frozen. template_id, template_version: the company's text of a digest.

    headers: alerts are subscribed to, and one click ends them; other mails are about somebody's own application.
    """

    subject: str
    html: str
    text: str
    reply_to: str | None = None
    template_id: int | None = None
    template_version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a message is not rendered: a sentence. unwanted: it could be, but its reader does not want it any more."""

    reason: str
    unwanted: bool = False
