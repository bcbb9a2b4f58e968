"""What a client may write into an event, and what is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import from_json

from sandbox.emulators.microsoft.graph_errors import Refused, invalid
from sandbox.emulators.microsoft.zones import instant_of, zone_of

MOST_ATTENDEES = 500
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_PROPERTY = re.compile(
    r"(?:String|Integer|Boolean|SystemTime) \{[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\} Name \S+"
)

_ENUMS: Mapping[str, frozenset[str]] = {
    "showAs": frozenset({"free", "tentative", "busy", "oof", "workingElsewhere", "unknown"}),
    "sensitivity": frozenset({"normal", "personal", "private", "confidential"}),
    "importance": frozenset({"low", "normal", "high"}),
    "onlineMeetingProvider": frozenset({"unknown", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer"}),
}
_TYPES: Mapping[str, type] = {
    "subject": str,
    "isReminderOn": bool,
    "reminderMinutesBeforeStart": int,
    "isOnlineMeeting": bool,
    "allowNewTimeProposals": bool,
    "responseRequested": bool,
    "hideAttendees": bool,
    "isAllDay": bool,
    "transactionId": str,
    "location": dict,
    "locations": list,
    "categories": list,
    **dict.fromkeys(_ENUMS, str),
}
_STRUCTURES = frozenset({"body", "start", "end", "attendees", "singleValueExtendedProperties"})
_PLAIN = frozenset(_TYPES) - {
    "subject",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "isAllDay",
    "transactionId",
    "locations",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a body holds; None where it says nothing. plain: members that are kept as they came."""

    members: frozenset[str]
    plain: Mapping[str, Any]
    subject: str | None = None
    content: tuple[str, str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    zone: str | None = None
    all_day: bool | None = None
    attendees: Sequence[Mapping[str, Any]] | None = None
    online: bool | None = None
    provider: str | None = None
    transaction_id: str | None = None
    properties: Mapping[str, str] | None = None


def read(body: bytes, *, iana: bool) -> Draft:
    members = json_members(body)
    for name, value in members.items():
        _check_member(name, value)
    start, zone = _optional(members, "start", iana)
    end, _ = _optional(members, "end", iana)
    return Draft(
        members=frozenset(members),
        plain={name: value for name, value in members.items() if name in _PLAIN},
        subject=members.get("subject"),
        content=_content(members.get("body")),
        start=start,
        end=end,
        zone=zone,
        all_day=members.get("isAllDay"),
        attendees=_attendees(members["attendees"]) if "attendees" in members else None,
        online=members.get("isOnlineMeeting"),
        provider=members.get("onlineMeetingProvider"),
        transaction_id=members.get("transactionId"),
        properties=_properties(members.get("singleValueExtendedProperties")),
    )


def json_members(body: bytes) -> dict[str, Any]:
    try:
        members = from_json(body, allow_inf_nan=False)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise Refused(400, "RequestBodyRead", "Unable to read JSON request payload.")
    return members


def check_times(start: datetime, end: datetime, *, all_day: bool, zone: str, iana: bool) -> None:
    if end < start:
        raise Refused(400, "ErrorCalendarEndDateIsEarlierThanStartDate", "The end is before the start.")
    local = [time.astimezone(zone_of(zone, iana=iana)) for time in (start, end)]
    if all_day and (start == end or any((time.hour, time.minute) != (0, 0) for time in local)):
        raise invalid("An all-day event starts and ends at midnight, and lasts a day at least.")


def _check_member(name: str, value: Any) -> None:
    if name not in _TYPES and name not in _STRUCTURES:
        raise Refused(400, "RequestBodyRead", f"The property '{name}' does not exist on type 'microsoft.graph.event'.")
    expected = _TYPES.get(name)
    # A number is no Boolean and a Boolean no number.
    wrong = expected is not None and type(value) is not expected
    if wrong or (name in _ENUMS and value not in _ENUMS[name]) or (name == "reminderMinutesBeforeStart" and value < 0):
        raise Refused(400, "RequestBodyRead", f"Cannot convert the value of the property '{name}'.")


def _optional(members: Mapping[str, Any], name: str, iana: bool) -> tuple[datetime | None, str | None]:  # noqa: FBT001
    return instant_of(members[name], name, iana=iana) if name in members else (None, None)


def _content(body: Any) -> tuple[str, str] | None:
    """Type (`html` or `text`) and content."""
    if body is None:
        return None
    kind = str(body.get("contentType", "text")).lower() if isinstance(body, dict) else ""
    if kind not in ("html", "text") or not isinstance(body.get("content"), str):
        raise Refused(400, "RequestBodyRead", "The body needs a contentType, HTML or text, and a content.")
    return kind, body["content"]


def _attendees(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_ATTENDEES:
        raise invalid(f"An event has at most {MOST_ATTENDEES} attendees.")
    return [_attendee(each) for each in value]


def _attendee(value: Any) -> Mapping[str, Any]:
    person = value.get("emailAddress") if isinstance(value, dict) else None
    address = person.get("address") if isinstance(person, dict) else None
    kind = value.get("type", "required") if isinstance(value, dict) else None
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise Refused(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.")
    if kind not in ("required", "optional", "resource"):
        raise Refused(400, "RequestBodyRead", "An attendee's type is required, optional or resource.")
    return {"type": kind, "address": address, "name": (person or {}).get("name") or address}


def _properties(value: Any) -> Mapping[str, str] | None:
    if value is None:
        return None
    found: dict[str, str] = {}
    for each in value if isinstance(value, list) else [None]:
        name, text = (each.get("id"), each.get("value")) if isinstance(each, dict) else (None, None)
        if not isinstance(name, str) or not _PROPERTY.fullmatch(name) or not isinstance(text, str):
            raise invalid("An extended property is {id: 'String {GUID} Name X', value: text}.")
        found[name] = text
    return found
