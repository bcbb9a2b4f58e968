"""What the ledger keeps of a post that is sent: where it goes, by which link it is found again, and its bytes.

The link is made of titles that people change, and the posting may be deleted, while an answer is looked for.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from models.enums import PostingChannel


@dataclass(frozen=True, slots=True)
class Sent:
    """since: no post of ours was made before it. account_id: of the table that the channel's accounts are in."""

    channel: PostingChannel
    target: str
    account_id: int
    link: str
    since: datetime
    body: bytes

    def kept(self) -> bytes:
        """Evidence of an effect: a line about the post, and the bytes that are sent."""
        head = {
            "channel": self.channel.value,
            "target": self.target,
            "account": self.account_id,
            "link": self.link,
            "since": self.since.isoformat(),
        }
        return json.dumps(head).encode() + b"\n" + self.body

    @classmethod
    def of(cls, evidence: bytes) -> "Sent":
        head, _, body = evidence.partition(b"\n")
        told = json.loads(head)
        return cls(
            channel=PostingChannel(told["channel"]),
            target=told["target"],
            account_id=told["account"],
            link=told["link"],
            since=datetime.fromisoformat(told["since"]),
            body=body,
        )
