"""Every mail taken, in order. Contents stay in the spool; what is searched stays in memory."""

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sandbox.emulators.resend.checks import addresses
from sandbox.emulators.spool import Place, Spool


@dataclass(frozen=True, slots=True)
class Message:
    """`position` is the mail's place in the request whose body is at `place`; None: the body was one mail."""

    id: str
    to: tuple[str, ...]
    sender: str
    subject: str
    tags: tuple[tuple[str, str], ...]
    key: str | None
    received_at: str
    place: Place
    position: int | None

    def summary(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "to": list(self.to),
            "from": self.sender,
            "subject": self.subject,
            "tags": dict(self.tags),
            "key": self.key,
            "received_at": self.received_at,
        }


@dataclass(frozen=True, slots=True)
class Search:
    """None matches everything. `to` and `subject` are parts of the text, `tag` is `name` or `name:value`."""

    to: str | None = None
    subject: str | None = None
    tag: str | None = None
    key: str | None = None

    def matches(self, message: Message) -> bool:
        return (
            (self.key is None or self.key == message.key)
            and (self.to is None or any(self.to.lower() in address.lower() for address in message.to))
            and (self.subject is None or self.subject.lower() in message.subject.lower())
            and (self.tag is None or _has_tag(message, self.tag))
        )


def _has_tag(message: Message, wanted: str) -> bool:
    name, _, value = wanted.partition(":")
    return any(name == known and value in ("", held) for known, held in message.tags)


class Store:
    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._guard = threading.Lock()
        self._messages: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self.recipients = 0

    def record(
        self, mails: Sequence[tuple[int | None, Mapping[str, Any]]], body: bytes, key: str | None, recipients: int
    ) -> list[Message]:
        """Take mails of one request, each with its position in the body.

        recipients: how many addresses count against a quota.
        """
        place = self._spool.append(body)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        messages = [_message(mail, place, position, key, now) for position, mail in mails]
        with self._guard:
            self._messages += messages
            self._by_id.update((message.id, message) for message in messages)
            self.recipients += recipients
        return messages

    def get(self, identifier: str) -> Message | None:
        return self._by_id.get(identifier)

    def content(self, message: Message) -> dict[str, Any] | None:
        """The mail as it arrives, or None when its body is no longer kept. A batch loses attachments."""
        body = self._spool.read(message.place)
        if body is None:
            return None
        if message.position is None:
            alone: dict[str, Any] = json.loads(body)
            return alone
        return {name: value for name, value in json.loads(body)[message.position].items() if name != "attachments"}

    def find(self, search: Search, *, offset: int, limit: int) -> tuple[list[Message], int]:
        """The newest first, and how many match in all."""
        with self._guard:
            messages = list(self._messages)
        found = [message for message in reversed(messages) if search.matches(message)]
        return found[offset : offset + limit], len(found)

    def counts(self, tag: str | None, *, rows: bool) -> dict[str, Any]:
        """Mails per recipient and tags (only the tag `tag` when given). More than one of a kind is a duplicate."""
        with self._guard:
            messages = list(self._messages)
        kinds = Counter((address, _kind(message, tag)) for message in messages for address in message.to)
        repeated = [(kind, count) for kind, count in kinds.items() if count > 1]
        answer: dict[str, Any] = {
            "accepted": len(messages),
            "recipients": len({address for message in messages for address in message.to}),
            "duplicates": sum(count - 1 for _, count in repeated),
            "duplicate_rows": [_row(kind, count) for kind, count in repeated[:100]],
        }
        if rows:
            answer["rows"] = [_row(kind, count) for kind, count in kinds.items()]
        return answer


Kind = tuple[str, tuple[tuple[str, str], ...]]


def recipients_of(mail: Mapping[str, Any]) -> int:
    """Addresses that count against a quota."""
    return sum(len(addresses(mail.get(name))) for name in ("to", "cc", "bcc"))


def _kind(message: Message, tag: str | None) -> tuple[tuple[str, str], ...]:
    return message.tags if tag is None else tuple(pair for pair in message.tags if pair[0] == tag)


def _row(kind: Kind, count: int) -> dict[str, Any]:
    return {"to": kind[0], "tags": dict(kind[1]), "count": count}


def _message(mail: Mapping[str, Any], place: Place, position: int | None, key: str | None, now: str) -> Message:
    return Message(
        id=str(uuid4()),
        to=tuple(addresses(mail["to"])),
        sender=mail["from"],
        subject=mail["subject"],
        tags=tuple(sorted((tag["name"], tag["value"]) for tag in mail.get("tags") or [])),
        key=key,
        received_at=now,
        place=place,
        position=position,
    )
