"""What Google Calendar checks before it takes an event, and the form in which it keeps one."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.emulators.google.refusals import invalid
from sandbox.emulators.google.times import day, naive_or_aware, written, zone_named

ATTENDEE_TEXTS = ("displayName", "comment")
RESPONSES = ("needsAction", "declined", "tentative", "accepted")
MOST_REMINDERS = 5
LONGEST_REMINDER = 40_320

_ID = re.compile(r"[a-v0-9]{5,1024}")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_TEXTS = ("summary", "description", "location", "colorId")
# The first choice is the default: Google leaves it out of its answers, except for `status` and `eventType`.
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "status": ("confirmed", "tentative", "cancelled"),
    "visibility": ("default", "public", "private", "confidential"),
    "transparency": ("opaque", "transparent"),
    "eventType": ("default", "focusTime", "outOfOffice", "workingLocation"),
}
_ALWAYS_SHOWN = frozenset({"status", "eventType"})
_FLAGS = {"guestsCanInviteOthers": True, "guestsCanModify": False, "guestsCanSeeOtherGuests": True}
WRITABLE = frozenset(
    {"start", "end", "attendees", "reminders", "conferenceData", "extendedProperties", "source", *_TEXTS}
    | set(_CHOICES)
    | set(_FLAGS)
)

Members = dict[str, Any]


def check_id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise invalid("Invalid resource id value.")
    return value


def writable(body: Mapping[str, Any]) -> Members:
    """What the application may say about an event; the rest of the body is ignored."""
    return {name: value for name, value in body.items() if name in WRITABLE}


def merged(before: Mapping[str, Any], patch: Mapping[str, Any]) -> Members:
    """Patch semantics: objects are merged, arrays replaced whole, null removes."""
    result = dict(before)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            held = result.get(name)
            result[name] = merged(held if isinstance(held, dict) else {}, value)
        else:
            result[name] = value
    return result


def kept(members: Mapping[str, Any], zone: ZoneInfo) -> Members:
    """The members as the calendar keeps them; raises Refused. zone: the calendar's.

    `conferenceData` is left out: see `conferences`.
    """
    result: Members = {name: members[name] for name in _TEXTS if _text(members, name)}
    result |= _chosen(members)
    result |= {name: members[name] for name, usual in _FLAGS.items() if _flag(members, name, usual=usual)}
    result["start"], result["end"] = _times(members, zone)
    result["reminders"] = _reminders(members.get("reminders"))
    optional: Sequence[tuple[str, Callable[[Any], Any]]] = (
        ("attendees", _attendees),
        ("extendedProperties", _properties),
        ("source", _source),
    )
    for name, read in optional:
        value = read(members[name]) if members.get(name) is not None else None
        if value:
            result[name] = value
    return result


def moment(end: Mapping[str, Any], zone: ZoneInfo) -> datetime:
    """The instant of a kept `start` or `end`; a day begins at midnight of the calendar's zone."""
    if "date" in end:
        return datetime.fromisoformat(end["date"]).replace(tzinfo=zone).astimezone(UTC)
    return datetime.fromisoformat(end["dateTime"]).astimezone(UTC)


def _text(members: Mapping[str, Any], name: str) -> bool:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(f"Invalid value for: {name}")
    return bool(value)


def _flag(members: Mapping[str, Any], name: str, *, usual: bool) -> bool:
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(f"Invalid value for: {name}")
    return value is not None and value is not usual


def _chosen(members: Mapping[str, Any]) -> Members:
    result: Members = {}
    for name, choices in _CHOICES.items():
        value = choices[0] if members.get(name) is None else members[name]
        if value not in choices:
            raise invalid(f"Invalid value for: {name}")
        if value != choices[0] or name in _ALWAYS_SHOWN:
            result[name] = value
    return result


def _times(members: Mapping[str, Any], zone: ZoneInfo) -> tuple[Members, Members]:
    start, end = (_end(members.get(name), name, zone) for name in ("start", "end"))
    if ("date" in start) != ("date" in end):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if moment(end, zone) < moment(start, zone) or ("date" in start and start["date"] == end["date"]):
        raise invalid("The specified time range is empty.", "timeRangeEmpty")
    return start, end


def _end(value: Any, name: str, zone: ZoneInfo) -> Members:
    if not isinstance(value, dict) or not (value.get("date") or value.get("dateTime")):
        raise invalid(f"Missing {name} time.", "required")
    if value.get("date") and value.get("dateTime"):
        raise invalid(f"Invalid {name} time.")
    if value.get("date"):
        return {"date": _day(value["date"], name).isoformat()}
    return _instant(value, name, zone)


def _day(value: Any, name: str) -> date:
    found = day(value)
    if found is None:
        raise invalid(f"Invalid {name} time.")
    return found


def _instant(value: Mapping[str, Any], name: str, zone: ZoneInfo) -> Members:
    """Shown in the calendar's zone, whatever offset was sent; `timeZone` stays what was said."""
    found = naive_or_aware(value["dateTime"])
    named = zone_named(value.get("timeZone"))
    if found is None:
        raise invalid(f"Invalid value for: {name}.dateTime")
    if value.get("timeZone") and named is None:
        raise invalid(f"Invalid time zone definition for {name} time.")
    if found.tzinfo is None:
        if named is None:
            raise invalid(f"Missing time zone definition for {name} time.", "required")
        found = found.replace(tzinfo=named)
    return {"dateTime": written(found, zone), "timeZone": value.get("timeZone") or zone.key}


def _reminders(value: Any) -> Members:
    if value is None:
        return {"useDefault": True}
    if not isinstance(value, dict):
        raise invalid("Invalid value for: reminders")
    use_default, overrides = _flag(value, "useDefault", usual=False), value.get("overrides")
    if overrides and use_default:
        raise invalid(
            "Cannot specify both default reminders and overrides at the same time.",
            "cannotUseDefaultRemindersAndSpecifyOverride",
        )
    result: Members = {"useDefault": use_default}
    if overrides:
        result["overrides"] = _overrides(overrides)
    return result


def _overrides(value: Any) -> list[Members]:
    if not isinstance(value, list) or len(value) > MOST_REMINDERS:
        raise invalid(f"At most {MOST_REMINDERS} reminders can be set.")
    for entry in value:
        minutes = entry.get("minutes") if isinstance(entry, dict) else None
        if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= LONGEST_REMINDER:
            raise invalid("Invalid value for: reminders.overrides.minutes")
        if entry.get("method") not in ("email", "popup"):
            raise invalid("Invalid value for: reminders.overrides.method")
    return [{"method": entry["method"], "minutes": entry["minutes"]} for entry in value]


def _attendees(value: Any) -> list[Members]:
    if not isinstance(value, list):
        raise invalid("Invalid value for: attendees")
    found = [_attendee(entry) for entry in value]
    return list({entry["email"].lower(): entry for entry in found}.values())


def _attendee(entry: Any) -> Members:
    if not isinstance(entry, dict) or not entry.get("email"):
        raise invalid("Missing attendee email.", "required")
    if not isinstance(entry["email"], str) or not _ADDRESS.fullmatch(entry["email"]):
        raise invalid("Invalid attendee email.")
    response = entry.get("responseStatus") or RESPONSES[0]
    if response not in RESPONSES:
        raise invalid("Invalid value for: attendees.responseStatus")
    result: Members = {"email": entry["email"], "responseStatus": response}
    result |= {name: entry[name] for name in ATTENDEE_TEXTS if _text(entry, name)}
    return result | {"optional": True} if _flag(entry, "optional", usual=False) else result


def _properties(value: Any) -> Members:
    groups = {name: value.get(name) or {} for name in ("private", "shared")} if isinstance(value, dict) else {"": None}
    for group in groups.values():
        if not isinstance(group, dict) or not all(isinstance(held, str) for held in group.values()):
            raise invalid("Invalid value for: extendedProperties")
    return {name: group for name, group in groups.items() if group}


def _source(value: Any) -> Members:
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid("Invalid value for: source.url")
    return {name: value[name] for name in ("url", "title") if _text(value, name)}


def shifted(end: Mapping[str, Any], by: timedelta) -> Members:
    """A kept `start` or `end`, moved."""
    if "date" in end:
        return {"date": (date.fromisoformat(end["date"]) + by).isoformat()}
    return {**end, "dateTime": (datetime.fromisoformat(end["dateTime"]) + by).isoformat(timespec="seconds")}
