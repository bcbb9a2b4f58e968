"""Interviews as Google Calendar takes them, and its events as the platform reads them (Calendar API v3, "Events")."""

import hashlib
import html
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from worker.contracts.calendars import CalendarEvent, Guest, InterviewEvent, Response
from worker.kit.localisation import message

NO_LINK_ALLOWED = message("Ce calendrier Google ne permet pas de créer un lien Meet.")
NO_LINK_MADE = message("Google n’a pas réussi à créer le lien Meet.")

# Names of our private properties, which other apps do not see.
KEY = "intoworkKey"
GUESTS = "intoworkGuests"
_NAMESPACE = uuid.UUID("6f2b8c0e-4f0a-5d53-9a0b-7a1d0f6f4b11")
_LONGEST_PROPERTY = 1024
_UID_SUFFIX = "@google.com"
_ID = re.compile(r"[a-v0-9]{5,1024}")
_EVERYBODY = "*"
_REMINDERS = ({"method": "email", "minutes": 1440}, {"method": "popup", "minutes": 30})
_RESPONSES: Mapping[str, Response] = {"accepted": "accepted", "declined": "declined", "tentative": "tentative"}

Resource = Mapping[str, Any]

# Of each entry of a list, what `event_of` reads.
LISTED = (
    "kind,nextPageToken,items(id,iCalUID,status,etag,updated,start,end,htmlLink,hangoutLink,"
    "conferenceData(entryPoints(entryPointType,uri),createRequest/status),"
    "attendees(email,self,organizer,resource,responseStatus),extendedProperties/private)"
)


def event_id(key: str) -> str:
    """Hexadecimal digits are among those that Google allows (base32hex), and it takes an id once."""
    return uuid.uuid5(_NAMESPACE, key).hex


def ical_uid(identifier: str) -> str:
    """As Google makes it of an event's id."""
    return f"{identifier}{_UID_SUFFIX}"


def _told_id(uid: str) -> str:
    """The event's id of which Google makes this; empty for a number that it does not make."""
    found = uid.removesuffix(_UID_SUFFIX)
    return found if found != uid and _ID.fullmatch(found) else ""


def creation(event: InterviewEvent, key: str) -> bytes:
    reminders = {"useDefault": False, "overrides": list(_REMINDERS)}
    return _frozen({**_common(event, key), "id": _told_id(event.ical_uid) or event_id(key), "reminders": reminders})


def change(event: InterviewEvent, key: str) -> bytes:
    """Reminders are the organiser's own by then."""
    return _frozen(_common(event, key))


def loaded(body: bytes) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(body)
    return members


def patch(wanted: Resource, found: Resource) -> dict[str, Any]:
    """The change as it fits the event: a link that is there or on its way stays, and so do guests whom the organiser
    added and the answers that guests gave.
    """
    result = dict(wanted)
    guests = _merged_guests(wanted.get("attendees", ()), found)
    if guests is None:
        del result["attendees"]
    else:
        result["attendees"] = guests
    if link_of(found) or link_is_pending(found):
        result.pop("conferenceData", None)
    return result


def key_of(resource: Resource) -> str | None:
    key = _private(resource).get(KEY)
    return key if isinstance(key, str) else None


def is_cancelled(resource: Resource) -> bool:
    return resource.get("status") == "cancelled"


def event_of(resource: Resource, wanted: Resource | None = None) -> CalendarEvent | None:
    """wanted: what was sent, whose times stand in for those that a deleted event lacks. None without any."""
    times = [_instant(resource.get(name)) or _instant((wanted or {}).get(name)) for name in ("start", "end")]
    start, end = times
    if not isinstance(resource.get("id"), str) or start is None or end is None:
        return None
    link, pending = link_of(resource), link_is_pending(resource)
    return CalendarEvent(
        id=resource["id"],
        ical_uid=str(resource.get("iCalUID") or ical_uid(resource["id"])),
        start=start,
        end=end,
        address=str(resource.get("htmlLink") or ""),
        etag=str(resource.get("etag") or ""),
        cancelled=is_cancelled(resource),
        meeting_link=link,
        link_pending=pending,
        no_link="" if link or pending else _no_link(resource, wanted),
        responses=_responses(resource),
        organiser_response=_organiser_response(resource),
        key=key_of(resource),
        changed_at=_written(resource.get("updated")),
        whole_day=_is_day(resource.get("start")) or _is_day(resource.get("end")),
    )


def link_of(resource: Resource) -> str | None:
    """Where people meet by video, whoever added it."""
    conference = resource.get("conferenceData")
    entries = conference.get("entryPoints") if isinstance(conference, dict) else None
    links = [
        entry.get("uri")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("entryPointType") == "video"
    ]
    return next((link for link in (resource.get("hangoutLink"), *links) if isinstance(link, str) and link), None)


def link_is_pending(resource: Resource) -> bool:
    return not link_of(resource) and _conference_status(resource) == "pending"


def rfc3339(instant: datetime) -> str:
    """In UTC. Raises ValueError for a naive time."""
    if instant.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _frozen(members: Resource) -> bytes:
    """Equal bytes for equal members."""
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _common(event: InterviewEvent, key: str) -> dict[str, Any]:
    members: dict[str, Any] = {
        "summary": event.title,
        "description": _description(event.description),
        "location": event.location,
        "start": {"dateTime": rfc3339(event.start), "timeZone": event.zone},
        "end": {"dateTime": rfc3339(event.end), "timeZone": event.zone},
        "attendees": [_attendee(guest) for guest in _distinct(event.guests)],
        "guestsCanSeeOtherGuests": not event.hide_guests,
        "extendedProperties": {"private": _properties(event.guests, key)},
    }
    if event.page.startswith(("https://", "http://")):
        members["source"] = {"title": event.title, "url": event.page}
    if event.meeting:
        request = {"requestId": event_id(key), "conferenceSolutionKey": {"type": "hangoutsMeet"}}
        members["conferenceData"] = {"createRequest": request}
    return members


def _description(text: str) -> str:
    """Google shows a description as HTML and keeps its line feeds; programs of guests that show it as text then show
    lines, not tags.
    """
    return html.escape("\n".join(text.splitlines()), quote=False)


def _distinct(guests: tuple[Guest, ...]) -> list[Guest]:
    return list({guest.address.lower(): guest for guest in reversed(guests)}.values())[::-1]


def _attendee(guest: Guest) -> dict[str, str]:
    return {"email": guest.address, "displayName": guest.name} if guest.name else {"email": guest.address}


def _properties(guests: tuple[Guest, ...], key: str) -> dict[str, str]:
    """Whom we invited: who is not among them was invited by the organiser."""
    ours = ",".join(_mark(guest.address) for guest in guests)
    return {KEY: key, GUESTS: ours if len(ours) <= _LONGEST_PROPERTY else _EVERYBODY}


def _mark(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:10]


def _merged_guests(wanted: Any, found: Resource) -> list[Resource] | None:
    """None: nobody comes or goes. Google replaces the list as a whole."""
    if found.get("attendeesOmitted"):
        return None
    present = {_address(entry): entry for entry in _attendees(found)}
    asked = {_address(entry): entry for entry in wanted}
    ours = str(_private(found).get(GUESTS, _EVERYBODY))
    staying = {
        address: entry
        for address, entry in present.items()
        if address in asked or entry.get("self") or entry.get("organizer") or not _is_among(address, ours)
    }
    if set(present) == {*staying, *asked}:
        return None
    return list({**asked, **staying}.values())


def _is_among(address: str, ours: str) -> bool:
    return ours == _EVERYBODY or _mark(address) in ours.split(",")


def _private(resource: Resource) -> Resource:
    properties = resource.get("extendedProperties")
    private = properties.get("private") if isinstance(properties, dict) else None
    return private if isinstance(private, dict) else {}


def _attendees(resource: Resource) -> list[Resource]:
    entries = resource.get("attendees")
    found = entries if isinstance(entries, list) else []
    return [entry for entry in found if isinstance(entry, dict) and _address(entry)]


def _address(entry: Resource) -> str:
    return str(entry.get("email") or "").lower()


def _responses(resource: Resource) -> Mapping[str, Response]:
    return {
        _address(entry): _RESPONSES.get(str(entry.get("responseStatus")), "none")
        for entry in _attendees(resource)
        if not (entry.get("self") or entry.get("organizer") or entry.get("resource"))
    }


def _organiser_response(resource: Resource) -> Response:
    """The account's own; whoever organises without being a guest is there."""
    own = next((entry for entry in _attendees(resource) if entry.get("self")), None)
    return "accepted" if own is None else _RESPONSES.get(str(own.get("responseStatus")), "none")


def _no_link(resource: Resource, wanted: Resource | None) -> str:
    if _conference_status(resource) == "failure":
        return NO_LINK_MADE
    return NO_LINK_ALLOWED if "conferenceData" in (wanted or {}) else ""


def _conference_status(resource: Resource) -> Any:
    place: Any = resource
    for name in ("conferenceData", "createRequest", "status", "statusCode"):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _instant(end: Any) -> datetime | None:
    """The instant of a `start` or `end`; a whole day, which has no zone, begins at midnight UTC."""
    if not isinstance(end, dict):
        return None
    try:
        instant = datetime.fromisoformat(str(end.get("dateTime") or end.get("date")))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=_zone(end.get("timeZone")))


def _is_day(end: Any) -> bool:
    return isinstance(end, dict) and "date" in end and not end.get("dateTime")


def _written(value: Any) -> datetime | None:
    """Of a time with its offset; None where there is none to be read."""
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(str(name or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
