"""When people are free: getSchedule and findMeetingTimes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.emulators.microsoft.accounts import Account, Directory
from sandbox.emulators.microsoft.calendars import Calendars
from sandbox.emulators.microsoft.events import Event, View
from sandbox.emulators.microsoft.graph_errors import Refused, invalid
from sandbox.emulators.microsoft.reading import json_members
from sandbox.emulators.microsoft.zones import WINDOWS, instant_of, local_of

_DIGITS: Mapping[str, int] = {"free": 0, "workingElsewhere": 0, "unknown": 0, "tentative": 1, "busy": 2, "oof": 3}
_OPENS, _CLOSES, _FRIDAY = 8, 17, 4
_STEP = timedelta(minutes=30)
_LENGTH = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_CONFIDENCE: Mapping[str, float] = {"free": 100.0, "unknown": 49.0, "busy": 0.0}


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime


class Availability:
    """Cancelled and declined events occupy nobody."""

    def __init__(self, directory: Directory, calendars: Calendars) -> None:
        self._directory = directory
        self._calendars = calendars

    def schedules(self, body: bytes, view: View, *, iana: bool) -> dict[str, Any]:
        members = json_members(body)
        window = _window(members, iana=iana)
        minutes = members.get("availabilityViewInterval", 30)
        wanted = members.get("schedules")
        if not isinstance(wanted, list) or not wanted or not all(isinstance(each, str) for each in wanted):
            raise invalid("schedules must be a list of addresses.")
        if type(minutes) is not int or not 5 <= minutes <= 1440:
            raise invalid("availabilityViewInterval must be between 5 and 1440.")
        step = timedelta(minutes=minutes)
        return {"value": [self._schedule(each, window, step, view) for each in wanted]}

    def find_times(self, owner: Account, body: bytes, view: View, *, iana: bool) -> dict[str, Any]:
        members = json_members(body)
        people = [_address_of(each) for each in members.get("attendees", [])]
        organiser = [] if members.get("isOrganizerOptional") else [owner.address]
        least = float(members.get("minimumAttendeePercentage", 50))
        suggestions = []
        for slot in _slots(members, _zone(owner), iana=iana):
            states = {address: self._state(address, slot) for address in (*organiser, *people)}
            sure = _confidence([states[address] for address in people])
            if sure >= least and states.get(owner.address) != "busy":
                suggestions.append(_suggestion(slot, states, owner, people, view))
        suggestions.sort(key=lambda found: -found["confidence"])
        found = list(islice(suggestions, int(members.get("maxCandidates", 20))))
        for order, suggestion in enumerate(found, start=1):
            suggestion["order"] = order
        reason = "" if found else "attendeesUnavailableOrUnknown" if people else "organizerUnavailable"
        return {"emptySuggestionsReason": reason, "meetingTimeSuggestions": found}

    def _schedule(self, address: str, window: Span, step: timedelta, view: View) -> dict[str, Any]:
        account = self._directory.by_address(address)
        if account is None or not account.mailbox:
            error = {"message": "The recipient was not found.", "responseCode": "ErrorMailRecipientNotFound"}
            return {"scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": error}
        events = self._occupying(account, window)
        zone = _zone(account)
        digits = [_digit(events, each, zone) for each in _cut(window, step)]
        return {
            "scheduleId": address,
            "availabilityView": "".join(map(str, digits)),
            "scheduleItems": [_item(event, view, zone) for event in events],
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "startTime": f"{_OPENS:02d}:00:00.0000000",
                "endTime": f"{_CLOSES:02d}:00:00.0000000",
                "timeZone": {"name": account.time_zone},
            },
        }

    def _occupying(self, account: Account, window: Span) -> Sequence[Event]:
        zone = _zone(account)
        return [
            event
            for event in self._calendars.of(account)
            if event.overlaps(window.start, window.end, zone)
            and not event.is_cancelled
            and event.response != "declined"
        ]

    def _state(self, address: str, slot: Span) -> str:
        account = self._directory.by_address(address)
        if account is None or not account.mailbox:
            return "unknown"
        return "busy" if _digit(self._occupying(account, slot), slot, _zone(account)) else "free"


def _window(members: Mapping[str, Any], *, iana: bool) -> Span:
    times = [members.get(name) for name in ("startTime", "endTime")]
    if not all(isinstance(time, dict) and local_of(time.get("dateTime")) for time in times):
        raise invalid("FreeBusyViewOptions.TimeWindow is invalid")
    start, end = (instant_of(time, "startTime", iana=iana)[0] for time in times)
    if start >= end:
        raise invalid("FreeBusyViewOptions.TimeWindow is invalid")
    return Span(start, end)


def _cut(window: Span, step: timedelta) -> Iterator[Span]:
    start = window.start
    while start < window.end:
        yield Span(start, min(start + step, window.end))
        start += step


def _digit(events: Sequence[Event], slot: Span, zone: tzinfo) -> int:
    """The strongest of what overlaps."""
    found = [event for event in events if event.overlaps(slot.start, slot.end, zone)]
    return max((_DIGITS[event.plain["showAs"]] for event in found), default=0)


def _item(event: Event, view: View, zone: tzinfo) -> dict[str, Any]:
    """A schedule knows no days: a whole one is the time that it covers where its owner is."""
    start, end = event.span(zone)
    return {
        "isPrivate": event.plain["sensitivity"] == "private",
        "status": event.plain["showAs"],
        "subject": event.subject,
        "location": event.plain["location"].get("displayName", ""),
        "start": view.time(start, all_day=False),
        "end": view.time(end, all_day=False),
    }


def _slots(members: Mapping[str, Any], zone: tzinfo, *, iana: bool) -> Iterator[Span]:
    """Every half hour of the times allowed, within working hours unless the domain is unrestricted."""
    length = _length(str(members.get("meetingDuration", "PT30M")))
    constraint = members.get("timeConstraint") or {}
    working = constraint.get("activityDomain", "work") == "work"
    for allowed in _allowed(constraint, iana=iana):
        for start in (each.start for each in _cut(allowed, _STEP)):
            slot = Span(start, start + length)
            if slot.end <= allowed.end and (not working or _at_work(slot, zone)):
                yield slot


def _allowed(constraint: Mapping[str, Any], *, iana: bool) -> Sequence[Span]:
    slots = constraint.get("timeSlots", constraint.get("timeslots"))
    if slots is None:
        tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return [Span(tomorrow, tomorrow + timedelta(days=7))]
    return [Span(*(instant_of(slot.get(name), name, iana=iana)[0] for name in ("start", "end"))) for slot in slots]


def _length(text: str) -> timedelta:
    match = _LENGTH.fullmatch(text)
    days, hours, minutes = (int(each or 0) for each in match.groups()) if match else (0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not length:
        raise invalid("meetingDuration must be a duration such as PT1H.")
    return length


def _at_work(slot: Span, zone: tzinfo) -> bool:
    start, end = slot.start.astimezone(zone), slot.end.astimezone(zone)
    opens, closes = (start.replace(hour=hour, minute=0, second=0, microsecond=0) for hour in (_OPENS, _CLOSES))
    return start.weekday() <= _FRIDAY and opens <= start and end <= closes


def _address_of(attendee: Any) -> str:
    person = attendee.get("emailAddress") if isinstance(attendee, dict) else None
    if not isinstance(person, dict) or not isinstance(person.get("address"), str):
        raise Refused(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    return str(person["address"])


def _confidence(states: Sequence[str]) -> float:
    return sum(_CONFIDENCE[state] for state in states) / len(states) if states else 100.0


def _suggestion(
    slot: Span, states: Mapping[str, str], owner: Account, people: Sequence[str], view: View
) -> dict[str, Any]:
    return {
        "confidence": _confidence([states[address] for address in people]),
        "organizerAvailability": states.get(owner.address, "unknown"),
        "attendeeAvailability": [
            {"availability": states[address], "attendee": {"emailAddress": {"address": address}}} for address in people
        ],
        "meetingTimeSlot": {
            "start": view.time(slot.start, all_day=False),
            "end": view.time(slot.end, all_day=False),
        },
        "locations": [],
        "suggestionReason": "Suggested because it is one of the nearest times when all attendees are available.",
    }


def _zone(account: Account) -> tzinfo:
    return ZoneInfo(WINDOWS.get(account.time_zone, account.time_zone))
