"""Interviews as Graph takes events.

Times are sent in UTC, whose name every mailbox knows; the reader's own zone stands in the description. Outlook has one
reminder for an event, of its owner. It has no place for a link that the owner alone sees: the interview's page is left
out.
"""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import from_json, to_json

from worker.contracts.calendars import Guest, InterviewEvent, MeetingWish

KEY_PROPERTY = "String {b0c7b1f4-53c9-4f3c-9d0e-6a7f3e7e51d2} Name IntoWorkKey"
REMINDER_MINUTES = 30
LONGEST_LINE = 255
"""Characters of a subject and of a place, more of which Exchange does not take."""
TEAMS = "teamsForBusiness"
_TRANSACTIONS = UUID("b0c7b1f4-53c9-4f3c-9d0e-6a7f3e7e51d2")
_PLACE = "intowork-description"
# Only what stands between these is ours; below it, Teams and people write.
_DESCRIPTION = re.compile(
    rf"""(<div\b[^<>]*\bid\s*=\s*["']?(?:x_)*{_PLACE}["']?[^<>]*>)((?:(?!</?div\b).)*)(</div\s*>)""",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*>")

Members = dict[str, Any]


def creation(event: InterviewEvent, key: str) -> bytes:
    """The body of POST /me/events, byte for byte the same for the same event and key."""
    place = {"location": {"displayName": _line(event.location)}} if event.location else {}
    members = {
        **_common(event, key),
        **place,
        "isReminderOn": True,
        "reminderMinutesBeforeStart": REMINDER_MINUTES,
        "transactionId": str(uuid5(_TRANSACTIONS, key)),
    }
    return to_json(members)


def change(event: InterviewEvent, key: str) -> bytes:
    """What of PATCH /me/events/{id} is known before the event was looked at (`fitted`)."""
    return to_json({**_common(event, key), "location": {"displayName": _line(event.location)}})


def wants_meeting(body: bytes) -> bool:
    return from_json(body).get("isOnlineMeeting") is True


def without_meeting(body: bytes) -> bytes:
    members: Members = from_json(body)
    for name in ("isOnlineMeeting", "onlineMeetingProvider"):
        members.pop(name, None)
    return to_json(members)


def fitted(body: bytes, *, content: str, online: bool, link: str | None, guests: frozenset[str]) -> bytes:
    """A change without what would do harm to the event as it stands.

    Of the body only our own part is exchanged: what people and Teams wrote stays. A meeting ends with a body that lacks
    Teams' part of it: its body is left out where ours is not found or Teams' is not there yet. A meeting stays one, at
    the place that Teams gave it where we know of no other. Guests are named only where they change: the list replaces
    whatever stood there.
    """
    members: Members = from_json(without_meeting(body) if online else body)
    described = members.pop("body")["content"]
    text = None if online and not (link and link in html.unescape(content)) else _around(content, described)
    if text is None and not online:
        text = described
    if text is not None and text != content:
        members["body"] = {"contentType": "html", "content": text}
    if online and not members["location"]["displayName"]:
        del members["location"]
    if guests == {guest["emailAddress"]["address"].lower() for guest in members["attendees"]}:
        del members["attendees"]
    return to_json(members)


def schedules(addresses: list[str], start: datetime, end: datetime, *, minutes: int) -> bytes:
    """The body of POST /me/calendar/getSchedule."""
    times = {"startTime": _time(start), "endTime": _time(end)}
    return to_json({"schedules": addresses, **times, "availabilityViewInterval": minutes})


def meeting_times(wish: MeetingWish, *, most: int) -> bytes:
    """The body of POST /me/findMeetingTimes. `work` keeps to the working hours that mailboxes are set to."""
    slots = [{"start": _time(start), "end": _time(end)} for start, end in wish.within]
    members = {
        "attendees": [_attendee(Guest(address)) for address in wish.invited],
        "isOrganizerOptional": False,
        "maxCandidates": most,
        "meetingDuration": f"PT{wish.length // timedelta(minutes=1)}M",
        "minimumAttendeePercentage": 100,
        "timeConstraint": {"activityDomain": "work", "timeSlots": slots},
    }
    return to_json(members)


def cancellation(reason: str) -> bytes:
    return to_json({"comment": reason})


def quoted(text: str) -> str:
    """As a text in OData's filters."""
    return "'{}'".format(text.replace("'", "''"))


def _common(event: InterviewEvent, key: str) -> Members:
    meeting = {"isOnlineMeeting": True, "onlineMeetingProvider": TEAMS} if event.meeting else {}
    return {
        "subject": _line(event.title),
        "body": {"contentType": "html", "content": _described(event.description)},
        "start": _time(event.start),
        "end": _time(event.end),
        "attendees": [_attendee(guest) for guest in event.guests],
        "hideAttendees": event.hide_guests,
        "singleValueExtendedProperties": [{"id": KEY_PROPERTY, "value": key}],
        **meeting,
    }


def _line(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def _time(time: datetime) -> Mapping[str, str]:
    return {"dateTime": time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds"), "timeZone": "UTC"}


def _attendee(guest: Guest) -> Mapping[str, Any]:
    return {"emailAddress": {"address": guest.address, "name": guest.name or guest.address}, "type": "required"}


def _described(text: str) -> str:
    return f'<div id="{_PLACE}">{_lines(text)}</div>'


def _lines(text: str) -> str:
    return "<br>".join(html.escape(line, quote=False) for line in text.splitlines())


def _around(content: str, described: str) -> str | None:
    """The content with our part exchanged, unless that says the same already; None where it holds none."""
    stands, comes = _DESCRIPTION.search(content), _DESCRIPTION.search(described)
    if stands is None or comes is None:
        return None
    if _words(stands[2]) == _words(comes[2]):
        return content
    return content[: stands.start(2)] + comes[2] + content[stands.end(2) :]


def _words(markup: str) -> list[str]:
    return html.unescape(_TAG.sub(" ", markup)).split()
