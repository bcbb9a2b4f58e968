"""Calendar files (iCalendar, RFC 5545; RFC 5546 for what a method means): pure, from values to bytes.

Times are written in UTC, which every program knows: none needs the definition of a zone, and none is floating.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]

PRODUCT = "-//IntoWork//Interviews//FR"
ALARM = timedelta(minutes=-30)
# How often programs that follow a calendar should look.
REFRESHED = timedelta(hours=1)
# Of what becomes a line of the file: a name or a title that holds one could begin another, or turn how it is read.
_UNWRITABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LINES = re.compile(r"\r\n?")
_QUOTES = re.compile(r'["^]')


@dataclass(frozen=True, slots=True)
class Person:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An interview as programs of calendars know it.

    uid: the same for ever, and the same that a provider's event has. sequence: rises with each change that people hear
    of. start, end, changed: aware; changed: when the row last changed. description: plain text, its lines parted by
    line feeds. link: of a video call, or empty. organiser: the same for ever. guests: all who may see each other.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    changed: datetime
    title: str
    organiser: Person
    guests: tuple[Person, ...] = ()
    description: str = ""
    location: str = ""
    link: str = ""
    canceled: bool = False


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """method: what it asks its reader's program to do; a mail says it in the part's type too."""

    method: Method
    content: bytes

    @property
    def content_type(self) -> str:
        return f"text/calendar; method={self.method}; charset=utf-8"


def invitation(entry: CalendarEntry, *, stamp: datetime) -> CalendarFile:
    """For a guest: asks for an answer, or takes away what an earlier one brought. stamp: when it is written, aware."""
    method: Method = "CANCEL" if entry.canceled else "REQUEST"
    event = _event(entry, stamp)
    _add_people(event, entry, answers=not entry.canceled)
    if not entry.canceled:
        event.add_component(_alarm(entry))
    return CalendarFile(method, _written([event], method=method))


def published(entries: Sequence[CalendarEntry], *, stamp: datetime, name: str = "") -> CalendarFile:
    """For whoever keeps or follows a calendar: a file to add, or a feed. Nobody is asked to answer.

    stamp: when it is written, aware. name: of the calendar, for programs that follow it.
    """
    events = []
    for entry in entries:
        event = _event(entry, stamp)
        _add_people(event, entry, answers=False)
        events.append(event)
    return CalendarFile("PUBLISH", _written(events, method="PUBLISH", name=name))


def _written(events: Sequence[Event], *, method: Method, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    if name:
        calendar.add("name", _line(name))
        calendar.add("x-wr-calname", _line(name))
        calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(REFRESHED))
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("last-modified", entry.changed.astimezone(UTC))
    event.add("dtstart", entry.start.astimezone(UTC))
    event.add("dtend", entry.end.astimezone(UTC))
    event.add("summary", _line(entry.title))
    event.add("status", "CANCELLED" if entry.canceled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.canceled else "OPAQUE")
    if description := _description(entry):
        event.add("description", description)
    if location := _line(entry.location) or _line(entry.link):
        event.add("location", location)
    if entry.link:
        event.add("url", _line(entry.link))
    return event


def _description(entry: CalendarEntry) -> str:
    """Programs that show no location show at least where to call."""
    text = _UNWRITABLE.sub("", _LINES.sub("\n", entry.description)).strip()
    return "\n\n".join(part for part in (text, _line(entry.link)) if part)


def _add_people(event: Event, entry: CalendarEntry, *, answers: bool) -> None:
    event.add("organizer", _address(entry.organiser))
    for guest in entry.guests:
        attendee = _address(guest)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["CUTYPE"] = "INDIVIDUAL"
        if answers:
            attendee.params["PARTSTAT"] = "NEEDS-ACTION"
            attendee.params["RSVP"] = "TRUE"
        event.add("attendee", attendee)


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{_line(person.address)}")
    if name := _QUOTES.sub("", _line(person.name)):
        address.params["CN"] = name
    return address


def _alarm(entry: CalendarEntry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _line(entry.title))
    alarm.add("trigger", ALARM)
    return alarm


def _line(text: str) -> str:
    return " ".join(_UNWRITABLE.sub(" ", text).split())
