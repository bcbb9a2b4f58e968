"""What a time line is made of: entries, their kinds, and places between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_POSITION = 120


class TimelineKind(StrEnum):
    """What a reader may choose by."""

    APPLICATION = "application"
    DECISION = "decision"
    INTERVIEW = "interview"
    MAIL = "mail"
    NOTE = "note"
    SCORE = "score"
    TAG = "tag"


class Position(NamedTuple):
    """The place of an entry: the newest first, then by source and key, as bytes."""

    at: datetime
    source: str
    key: str

    def written(self) -> str:
        """For an address: `1796040000123456.mail.17`."""
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.source}.{self.key}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError."""
        number, source, key = text[:LONGEST_POSITION].split(".", 2)
        try:
            return cls(EPOCH + int(number) * MICROSECOND, source, key)
        except OverflowError:
            raise ValueError("is no time that a calendar has") from None


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened. position: when, and where it stands among what happened at once.

    user_id, user_name: who did it; None where nobody knows, or the account is gone.
    """

    kind: TimelineKind
    event: str
    position: Position
    user_id: int | None = None
    user_name: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """Entries of an application, for the eyes of one colleague; before: those behind this place only."""

    application_id: int
    user_id: int
    before: Position | None
    limit: int
