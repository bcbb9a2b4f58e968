"""Events as Graph gives them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from worker.contracts.calendars import CalendarEvent
from worker.providers.microsoft.payloads import KEY_PROPERTY, quoted
from worker.providers.microsoft.reading import Answered, Flag, Instant, Text, Told, Written

EXPANDED = f"singleValueExtendedProperties($filter=id eq {quoted(KEY_PROPERTY)})"
VIEWED = (
    "id,iCalUId,start,end,isAllDay,lastModifiedDateTime,webLink,isCancelled,isOrganizer,isOnlineMeeting,onlineMeeting,"
    "attendees,responseStatus"
)
MEMBERS = f"{VIEWED},body"


class _Address(Told):
    address: Text = ""


class _Attendee(Told):
    email_address: _Address = _Address()
    status: Answered | None = None


class _Meeting(Told):
    join_url: str | None = None


class _Body(Told):
    content: Text = ""


class _Property(Told):
    id: str
    value: Text = ""


class _Made(Told):
    start: Instant
    end: Instant


class GraphEvent(Told):
    """The members that are asked for (MEMBERS, EXPANDED; in a list of many VIEWED alone)."""

    id: str = Field(min_length=1)
    ical_uid: Text = Field("", alias="iCalUId")
    etag: Text = Field("", alias="@odata.etag")
    start: Instant
    end: Instant
    is_all_day: Flag = False
    last_modified: Written = Field(None, alias="lastModifiedDateTime")
    web_link: Text = ""
    is_cancelled: Flag = False
    is_organizer: Flag = True
    is_online_meeting: Flag = False
    online_meeting: _Meeting | None = None
    attendees: Annotated[tuple[_Attendee, ...], BeforeValidator(lambda value: value or ())] = ()
    response_status: Answered | None = None
    body: _Body | None = None
    properties: Annotated[tuple[_Property, ...], BeforeValidator(lambda value: value or ())] = Field(
        (), alias="singleValueExtendedProperties"
    )

    @property
    def content(self) -> str:
        return self.body.content if self.body else ""

    @property
    def link(self) -> str | None:
        return (self.online_meeting.join_url or None) if self.online_meeting else None

    @property
    def key(self) -> str | None:
        named = (each.value for each in self.properties if each.id.lower() == KEY_PROPERTY.lower())
        return next(named, None) or None

    @property
    def guests(self) -> frozenset[str]:
        return frozenset(each.email_address.address.lower() for each in self.attendees)

    def ours(self, *, key: str | None = None, no_link: str = "") -> CalendarEvent:
        """key: where the answer does not repeat it."""
        answered = {each.email_address.address.lower(): each.status for each in self.attendees}
        return CalendarEvent(
            id=self.id,
            ical_uid=self.ical_uid,
            start=self.start,
            end=self.end,
            address=self.web_link,
            etag=self.etag,
            cancelled=self.is_cancelled,
            meeting_link=self.link,
            link_pending=self.is_online_meeting and self.link is None,
            no_link=no_link,
            responses={address: status.ours() if status else "none" for address, status in answered.items()},
            organiser_response="accepted" if self.is_organizer else (self.response_status or Answered()).ours(),
            key=key or self.key,
            changed_at=self.last_modified,
            whole_day=self.is_all_day,
        )


def taken_away(event_id: str, body: bytes, key: str) -> CalendarEvent:
    """An event of which nothing is known but what it was made of."""
    made = _Made.model_validate_json(body)
    return CalendarEvent(id=event_id, ical_uid="", start=made.start, end=made.end, cancelled=True, key=key)


def by_key(key: str) -> Mapping[str, str]:
    """The query of GET /me/events that finds what was made or changed under this key."""
    mine = f"ep/id eq {quoted(KEY_PROPERTY)} and ep/value eq {quoted(key)}"
    return {"$filter": f"singleValueExtendedProperties/Any(ep: {mine})", "$select": MEMBERS, "$expand": EXPANDED}


def by_id() -> Mapping[str, str]:
    return {"$select": MEMBERS, "$expand": EXPANDED}
