"""Every question that Claude was asked, with what became of it."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

KEPT = 2_000


@dataclass(slots=True)
class Conversation:
    """refusal: why it was not answered. batch: the one in which it was asked."""

    number: int
    at: datetime
    question: Mapping[str, Any]
    message: Mapping[str, Any] | None = None
    refusal: str = ""
    batch: str = ""


class Conversations:
    def __init__(self) -> None:
        self._kept: deque[Conversation] = deque(maxlen=KEPT)
        self._guard = threading.Lock()
        self._count = 0

    def ask(self, question: Mapping[str, Any], batch: str = "") -> Conversation:
        with self._guard:
            self._count += 1
            entry = Conversation(self._count, datetime.now(UTC), dict(question), batch=batch)
            self._kept.append(entry)
        return entry

    def answer(self, entry: Conversation, message: Mapping[str, Any]) -> None:
        entry.message = message

    def refuse(self, entry: Conversation, why: str) -> None:
        entry.refusal = why

    def newest(self) -> list[Conversation]:
        with self._guard:
            return list(self._kept)[::-1]

    def find(self, number: int) -> Conversation | None:
        return next((each for each in self.newest() if each.number == number), None)

    def questions(self) -> list[dict[str, Any]]:
        """In the order in which they came."""
        return [dict(each.question) for each in self.newest()[::-1]]
