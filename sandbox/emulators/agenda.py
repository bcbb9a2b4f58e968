"""What calendars of emulated providers hold, in the one form in which the inspector shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, Protocol

ANSWERS = ("none", "accepted", "tentative", "declined")
State = Literal["live", "cancelled", "deleted"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """address: the account's, by which the calendar is found. count: entries that it holds, the ended ones too."""

    provider: str
    title: str
    address: str
    owner: str
    zone: tzinfo
    count: int


@dataclass(frozen=True, slots=True)
class Guest:
    """answer: one of ANSWERS."""

    address: str
    answer: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of the provider's own. kind: invitation, update, cancellation, or response (to the organiser).

    guests: the addresses that the reader sees. sequence: of the invitation, which supersedes those of lower numbers.
    behind: a person in the calendar caused it, not the application.
    """

    at: str
    kind: str
    to: str
    subject: str
    start: datetime
    end: datetime
    link: str | None
    guests: Sequence[str]
    sequence: int
    text: str
    behind: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Times are aware and in the zone of the calendar. conference: pending or failure while there is no link.

    mine: it is this calendar's own; the others were put there by an invitation of `organiser`.
    """

    id: str
    calendar: Calendar
    organiser: str
    mine: bool
    title: str
    start: datetime
    end: datetime
    all_day: bool
    state: State
    link: str | None
    conference: str
    location: str
    text: str
    uid: str
    changed: datetime
    guests: Sequence[Guest]
    letters: Sequence[Letter]

    def touches(self, day: date) -> bool:
        begin = datetime.combine(day, time.min, self.calendar.zone)
        following = datetime.combine(day + timedelta(days=1), time.min, self.calendar.zone)
        return self.start < following and (self.end > begin or self.start >= begin)


class Agenda(Protocol):
    """The calendars of one provider."""

    @property
    def name(self) -> str:
        """The provider's, as in addresses."""

    def calendars(self) -> Sequence[Calendar]: ...

    def entries(self, calendar: Calendar) -> Sequence[Entry]:
        """By start; the ended ones too."""

    def entry(self, identifier: str) -> Entry | None:
        """In the calendar that it belongs to."""

    def answer(self, identifier: str, guest: str, answer: str) -> None:
        """A guest answers an invitation. Raises BadRequest for one who is not invited, or an unknown answer."""

    def remove(self, identifier: str) -> None:
        """The calendar's owner deletes an entry there; its guests are told."""
