"""Every event of every calendar, and every mail that was sent about one."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.emulators.google.accounts import Account, Accounts
from sandbox.emulators.google.conferences import Conference
from sandbox.emulators.google.event_rules import Members, moment
from sandbox.emulators.google.times import stamp

_FIRST_ETAG = 3_500_000_000_000_000


@dataclass(slots=True)
class Event:
    """`members` are what the organiser wrote (see event_rules); the rest is the calendar's.

    invited: the guests' addresses when it was last put into the store.
    """

    id: str
    calendar: str
    account: Account
    members: Members
    ical_uid: str
    created: datetime
    updated: datetime
    sequence: int = 0
    change: int = 0
    conference: Conference | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    invited: frozenset[str] = frozenset()

    @property
    def cancelled(self) -> bool:
        return bool(self.members["status"] == "cancelled")

    @property
    def etag(self) -> str:
        return f'"{_FIRST_ETAG + 2 * self.change}"'

    @property
    def start(self) -> datetime:
        return moment(self.members["start"], self.account.zone)

    @property
    def end(self) -> datetime:
        return moment(self.members["end"], self.account.zone)

    @property
    def guests(self) -> list[Members]:
        """Attendees, the organiser's own entry left out."""
        return [entry for entry in self.members.get("attendees", []) if entry["email"].lower() != self.calendar]

    def response_of(self, email: str) -> str | None:
        """What this attendee answered; None: is not invited."""
        entries = self.members.get("attendees", [])
        return next((entry["responseStatus"] for entry in entries if entry["email"].lower() == email.lower()), None)

    def resource(self, viewer: str) -> dict[str, Any]:
        """As the calendar `viewer` shows it: the organiser's, or that of an attendee."""
        own = viewer == self.calendar
        shown = {
            **self.members,
            "kind": "calendar#event",
            "etag": self.etag,
            "id": self.id,
            "htmlLink": f"https://www.google.com/calendar/event?eid={self.id}",
            "created": stamp(self.created),
            "updated": stamp(self.updated),
            "creator": _person(self.account.email, viewer),
            "organizer": _person(self.calendar, viewer),
            "iCalUID": self.ical_uid,
            "sequence": self.sequence,
        }
        if "attendees" in shown:
            visible = self.visible_to(viewer)
            shown["attendees"] = [self._attendee(entry, viewer) for entry in visible]
            if len(visible) < len(self.members["attendees"]):
                shown["attendeesOmitted"] = True
        if not own:
            _hide_private(shown)
        return shown | self._conference()

    def visible_to(self, viewer: str) -> list[Members]:
        """The attendees that somebody may see: a guest sees the other guests unless the organiser says no."""
        entries: list[Members] = self.members.get("attendees", [])
        if viewer == self.calendar or self.members.get("guestsCanSeeOtherGuests", True):
            return entries
        return [entry for entry in entries if entry["email"].lower() in (viewer, self.calendar)]

    def _attendee(self, entry: Mapping[str, Any], viewer: str) -> dict[str, Any]:
        email = entry["email"].lower()
        flags = {"self": email == viewer, "organizer": email == self.calendar}
        return {**entry, **{name: True for name, holds in flags.items() if holds}}

    def _conference(self) -> dict[str, Any]:
        if self.conference is None:
            return {}
        shown = {"conferenceData": self.conference.shown()}
        return shown | {"hangoutLink": self.conference.link} if self.conference.link else shown


def _person(email: str, viewer: str) -> dict[str, Any]:
    return {"email": email, "self": True} if email == viewer else {"email": email}


def _hide_private(shown: dict[str, Any]) -> None:
    shared = shown.pop("extendedProperties", {}).get("shared")
    if shared:
        shown["extendedProperties"] = {"shared": shared}
    shown["reminders"] = {"useDefault": True}


@dataclass(frozen=True, slots=True)
class Mail:
    """What Google wrote to somebody. kind: invitation, update, cancellation, or response (to the organiser).

    guests: the attendees that the reader sees.
    """

    number: int
    at: str
    kind: str
    to: str
    calendar: str
    event_id: str
    ical_uid: str
    sequence: int
    summary: str | None
    description: str
    start: Mapping[str, Any]
    end: Mapping[str, Any]
    link: str | None
    guests: tuple[str, ...]
    cause: str

    def shown(self) -> dict[str, Any]:
        return asdict(self)


class CalendarStore:
    """Whoever reads or writes events holds `lock`, which may be taken again by its holder."""

    def __init__(self, accounts: Accounts) -> None:
        self.lock = threading.RLock()
        self.change = 0
        self._accounts = accounts
        self._events: dict[str, dict[str, Event]] = defaultdict(dict)
        self._invited: dict[str, dict[tuple[str, str], Event]] = defaultdict(dict)
        self._mails: list[Mail] = []
        self._mails_of: dict[tuple[str, str], list[Mail]] = defaultdict(list)

    def get(self, calendar: str, identifier: str) -> Event | None:
        """Of the calendar itself, or one to which it is invited."""
        own = self._events[calendar].get(identifier)
        if own is not None:
            return own
        return next((event for event in self._invited[calendar].values() if event.id == identifier), None)

    def anywhere(self, identifier: str, calendar: str | None = None) -> Event | None:
        """For the emulator's own API."""
        with self.lock:
            return next((event for event in self.events(calendar) if event.id == identifier), None)

    def of_calendar(self, calendar: str) -> Iterator[Event]:
        """Those of the calendar itself, then those to which it is invited."""
        yield from self._events[calendar].values()
        yield from self._invited[calendar].values()

    def events(self, calendar: str | None = None) -> list[Event]:
        """Those that calendars themselves hold, in the order in which they were made."""
        with self.lock:
            found = [
                event for name, held in self._events.items() if calendar in (None, name) for event in held.values()
            ]
        return sorted(found, key=lambda event: event.created)

    def holds(self, calendar: str, identifier: str) -> bool:
        """Deleted events keep their id."""
        return identifier in self._events[calendar]

    def put(self, event: Event, cause: str, *changed: str, updated: bool = True) -> None:
        """The event is new or has changed: it gets a new etag, and a new `updated` unless that is not wished."""
        now = datetime.now(UTC)
        self.change += 1
        event.change = self.change
        if updated:
            event.updated = now
        event.history.append({"at": stamp(now), "by": cause, "changed": sorted(changed)})
        self._events[event.calendar][event.id] = event
        self._index(event)

    def mail(self, event: Event, kind: str, to: str, cause: str) -> None:
        mail = Mail(
            number=len(self._mails) + 1,
            at=stamp(datetime.now(UTC)),
            kind=kind,
            to=to,
            calendar=event.calendar,
            event_id=event.id,
            ical_uid=event.ical_uid,
            sequence=event.sequence,
            summary=event.members.get("summary"),
            description=event.members.get("description", ""),
            start=event.members["start"],
            end=event.members["end"],
            link=event.conference.link if event.conference else None,
            guests=tuple(entry["email"] for entry in event.visible_to(to)),
            cause=cause,
        )
        self._mails.append(mail)
        self._mails_of[event.calendar, event.id].append(mail)

    def mails(self) -> list[Mail]:
        with self.lock:
            return list(self._mails)

    def mails_of(self, event: Event) -> list[Mail]:
        return list(self._mails_of[event.calendar, event.id])

    def _index(self, event: Event) -> None:
        """Attendees see it in their own calendars."""
        key = (event.calendar, event.id)
        before, event.invited = event.invited, frozenset(entry["email"].lower() for entry in event.guests)
        for email in before - event.invited:
            self._invited[email].pop(key, None)
        for email in event.invited:
            self._invited[email][key] = event
