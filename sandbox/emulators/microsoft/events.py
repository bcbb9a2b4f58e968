"""An event, and how Graph shows it."""

import html
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote

from sandbox.emulators.microsoft.accounts import Account
from sandbox.emulators.microsoft.zones import digits, written

_PLAIN: Mapping[str, Any] = {
    "categories": [],
    "reminderMinutesBeforeStart": 15,
    "isReminderOn": True,
    "importance": "normal",
    "sensitivity": "normal",
    "responseRequested": True,
    "allowNewTimeProposals": True,
    "hideAttendees": False,
    "showAs": "busy",
    "location": {"displayName": ""},
}
_NEVER = "0001-01-01T00:00:00Z"
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


def new_ordinary_id() -> str:
    return f"AAMk{secrets.token_urlsafe(85)}AAA="


@dataclass(slots=True)
class Guest:
    address: str
    name: str
    type: str = "required"
    response: str = "none"
    responded: str = _NEVER

    def told(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "status": {"response": self.response, "time": self.responded},
            "emailAddress": {"name": self.name, "address": self.address},
        }


@dataclass(slots=True)
class Meeting:
    """url: the link; hidden_gets: how many more reads of the event do not show it yet."""

    url: str
    number: str
    hidden_gets: int = 0


@dataclass(slots=True)
class Event:
    """Times are UTC; those of an all-day event are midnights that belong to no zone. content: HTML, no join block.

    ordinary_id changes when the item is moved, immutable_id does not. state: live, cancelled or deleted.
    """

    owner: Account
    start: datetime
    end: datetime
    zone: str
    subject: str = ""
    content: str = ""
    sent_content: str = ""
    all_day: bool = False
    plain: dict[str, Any] = field(default_factory=lambda: dict(_PLAIN))
    guests: list[Guest] = field(default_factory=list)
    meeting: Meeting | None = None
    organiser: Guest | None = None
    response: str = "organizer"
    is_cancelled: bool = False
    state: str = "live"
    seeded: bool = False
    transaction_id: str | None = None
    digest: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    hidden_finds: int = 0
    version: int = 1
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))
    ordinary_id: str = field(default_factory=new_ordinary_id)
    immutable_id: str = field(default_factory=lambda: f"AAkALg{secrets.token_urlsafe(60)}AAA=")
    uid: str = field(default_factory=lambda: f"040000008200E00074C5B7101A82E008{secrets.token_hex(44).upper()}")

    @property
    def change_key(self) -> str:
        return f"{self.uid[32:48]}{self.version:04d}AAA="

    @property
    def etag(self) -> str:
        return f'W/"{self.change_key}"'

    @property
    def organised_here(self) -> bool:
        return self.organiser is None

    @property
    def shown_link(self) -> str | None:
        return self.meeting.url if self.meeting and not self.meeting.hidden_gets else None

    def span(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The instants it covers for somebody in the zone."""
        if not self.all_day:
            return self.start, self.end
        return self.start.replace(tzinfo=zone).astimezone(UTC), self.end.replace(tzinfo=zone).astimezone(UTC)

    def overlaps(self, start: datetime, end: datetime, zone: tzinfo) -> bool:
        first, last = self.span(zone)
        return first < end and last > start

    def change(self) -> None:
        self.version += 1
        self.changed = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class View:
    """How a client wants to see events: zone of times, kind of ids, extended properties asked for."""

    zone_name: str
    zone: tzinfo
    immutable: bool
    expanded: Sequence[str] = ()

    def time(self, instant: datetime, *, all_day: bool) -> dict[str, str]:
        if all_day:
            return {"dateTime": digits(instant), "timeZone": self.zone_name}
        return written(instant, self.zone_name, self.zone)


def resource(event: Event, view: View) -> dict[str, Any]:
    body = shown_body(event)
    return {
        "@odata.etag": event.etag,
        "id": event.immutable_id if view.immutable else event.ordinary_id,
        "createdDateTime": _instant(event.created),
        "lastModifiedDateTime": _instant(event.changed),
        "changeKey": event.change_key,
        **({"transactionId": event.transaction_id} if event.transaction_id else {}),
        "originalStartTimeZone": event.zone,
        "originalEndTimeZone": event.zone,
        "iCalUId": event.uid,
        "hasAttachments": False,
        "subject": event.subject,
        "bodyPreview": html.unescape(_TAG.sub("", body)).strip()[:255],
        "isAllDay": event.all_day,
        "isCancelled": event.is_cancelled,
        "isOrganizer": event.organised_here,
        "seriesMasterId": None,
        "type": "singleInstance",
        "webLink": f"https://outlook.office365.com/owa/?itemid={quote(event.ordinary_id)}&exvsurl=1&path=/calendar/item",
        "recurrence": None,
        "responseStatus": {"response": event.response, "time": _NEVER},
        "body": {"contentType": "html", "content": body},
        "start": view.time(event.start, all_day=event.all_day),
        "end": view.time(event.end, all_day=event.all_day),
        **event.plain,
        "locations": [event.plain["location"]] if event.plain["location"].get("displayName") else [],
        "attendees": [guest.told() for guest in event.guests],
        "organizer": {"emailAddress": _organiser(event)},
        **_online(event),
        **_expanded(event, view),
    }


def _online(event: Event) -> dict[str, Any]:
    link, meeting = event.shown_link, event.meeting
    return {
        "isOnlineMeeting": meeting is not None,
        "onlineMeetingProvider": "teamsForBusiness" if meeting else "unknown",
        "onlineMeetingUrl": None,
        "onlineMeeting": {"joinUrl": link, "conferenceId": meeting.number} if meeting and link else None,
    }


def _expanded(event: Event, view: View) -> dict[str, Any]:
    """Extended properties are shown only when they are asked for."""
    wanted = {name.casefold() for name in view.expanded}
    found = [{"id": name, "value": text} for name, text in event.properties.items() if name.casefold() in wanted]
    return {"singleValueExtendedProperties": found} if found else {}


def _organiser(event: Event) -> dict[str, str]:
    if event.organiser is not None:
        return {"name": event.organiser.name, "address": event.organiser.address}
    return {"name": event.owner.name, "address": event.owner.address}


def shown_body(event: Event) -> str:
    link = event.shown_link
    block = join_block(link) if link and link not in html.unescape(event.content) else ""
    if not event.content and not block:
        return ""
    head = '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head>'
    return f"{head}<body>\r\n{event.content}{block}\r\n</body></html>"


def join_block(link: str) -> str:
    return f'<br><div class="me-email-text"><a href="{html.escape(link)}">Join the meeting now</a></div>'


def html_of(kind: str, content: str) -> str:
    """What a body of either type is kept as."""
    if kind == "text":
        return html.escape(content, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    inner = _BODY.search(content)
    return (inner[1] if inner else content).strip()


def new_meeting(owner: Account, form: str, hidden_gets: int) -> Meeting:
    """form: `short` or `long`; neither may be recognised by its pattern."""
    number = str(secrets.randbelow(9 * 10**12) + 10**12)
    if form == "short":
        return Meeting(f"https://teams.microsoft.com/meet/{number}?p={secrets.token_hex(9)}", number, hidden_gets)
    thread = quote(f"19:meeting_{secrets.token_urlsafe(36)}@thread.v2", safe="")
    context = quote(f'{{"Tid":"{owner.tenant}","Oid":"{owner.oid}"}}', safe="")
    return Meeting(f"https://teams.microsoft.com/l/meetup-join/{thread}/0?context={context}", number, hidden_gets)


def _instant(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
