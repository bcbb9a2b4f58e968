"""The mails that Exchange sends by itself: whom it told what about a meeting."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.emulators.microsoft.events import Event, Guest


@dataclass(frozen=True, slots=True)
class Mail:
    """kind: invitation, update or cancellation. guests: the addresses that the reader sees besides the organiser's.

    start and end: UTC. comment: the reason that a cancellation gives. cause: `api`, or `behind` for a person's work.
    """

    number: int
    at: str
    kind: str
    to: str
    account: str
    event_id: str
    ical_uid: str
    sequence: int
    subject: str
    start: str
    end: str
    link: str | None
    guests: tuple[str, ...]
    body: str
    comment: str | None
    cause: str


class Mails:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._mails: list[Mail] = []
        self._of_event: dict[str, list[Mail]] = {}

    def send(
        self, kind: str, event: Event, guests: Iterable[Guest], comment: str | None = None, *, cause: str = "api"
    ) -> None:
        with self._guard:
            for guest in guests:
                mail = _mail(len(self._mails) + 1, kind, event, guest, comment, cause)
                self._mails.append(mail)
                self._of_event.setdefault(event.immutable_id, []).append(mail)

    def all(self) -> Sequence[Mail]:
        """In the order in which they went out."""
        with self._guard:
            return list(self._mails)

    def of(self, event: Event) -> Sequence[Mail]:
        with self._guard:
            return list(self._of_event.get(event.immutable_id, []))


def _mail(number: int, kind: str, event: Event, guest: Guest, comment: str | None, cause: str) -> Mail:
    hidden = event.plain["hideAttendees"]
    return Mail(
        number=number,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        kind=kind,
        to=guest.address,
        account=event.owner.address,
        event_id=event.immutable_id,
        ical_uid=event.uid,
        sequence=event.version - 1,
        subject=f"Canceled: {event.subject}" if kind == "cancellation" else event.subject,
        start=event.start.isoformat(),
        end=event.end.isoformat(),
        link=event.meeting.url if event.meeting else None,
        guests=(guest.address,) if hidden else tuple(each.address for each in event.guests),
        body=event.content,
        comment=comment,
        cause=cause,
    )
