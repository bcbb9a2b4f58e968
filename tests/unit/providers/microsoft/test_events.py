from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from worker.providers.microsoft.events import GraphEvent, by_key
from worker.providers.microsoft.payloads import KEY_PROPERTY


def told(**members: Any) -> dict[str, Any]:
    return {
        "@odata.etag": 'W/"abc="',
        "id": "AAkALg=",
        "iCalUId": "040000008200E0",
        "webLink": "https://outlook.office365.com/owa/?itemid=AAkALg",
        "start": {"dateTime": "2026-12-03T09:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-03T10:00:00.1234567", "timeZone": "UTC"},
        "isOrganizer": True,
        **members,
    }


def test_an_event_is_read() -> None:
    event = GraphEvent.model_validate(told()).ours()
    assert (event.id, event.ical_uid, event.etag) == ("AAkALg=", "040000008200E0", 'W/"abc="')
    assert event.address == "https://outlook.office365.com/owa/?itemid=AAkALg"
    assert event.start == datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert event.end == datetime(2026, 12, 3, 10, 0, 0, 123_456, tzinfo=UTC)
    assert (event.cancelled, event.meeting_link, event.link_pending, event.key) == (False, None, False, None)
    assert event.organiser_response == "accepted"


@pytest.mark.parametrize(
    "link",
    ["https://teams.microsoft.com/meet/123?p=abc", "https://teams.microsoft.com/l/meetup-join/19%3am/0?context=1"],
)
def test_a_link_is_kept_as_it_is(link: str) -> None:
    event = GraphEvent.model_validate(told(isOnlineMeeting=True, onlineMeeting={"joinUrl": link})).ours()
    assert (event.meeting_link, event.link_pending) == (link, False)


@pytest.mark.parametrize("meeting", [None, {}, {"joinUrl": None}, {"joinUrl": ""}])
def test_a_link_that_is_not_there_yet_is_awaited(meeting: Any) -> None:
    event = GraphEvent.model_validate(told(isOnlineMeeting=True, onlineMeeting=meeting)).ours()
    assert (event.meeting_link, event.link_pending) == (None, True)


def test_what_guests_answered_is_read_by_address() -> None:
    answers = {"A@x.ga": "accepted", "b@x.ga": "declined", "c@x.ga": "tentativelyAccepted", "d@x.ga": "notResponded"}
    attendees = [
        {"emailAddress": {"address": address, "name": None}, "status": {"response": answer}}
        for address, answer in answers.items()
    ]
    attendees.append({"emailAddress": {"address": "e@x.ga"}, "status": None})
    event = GraphEvent.model_validate(told(attendees=attendees))
    assert event.ours().responses == {
        "a@x.ga": "accepted",
        "b@x.ga": "declined",
        "c@x.ga": "tentative",
        "d@x.ga": "none",
        "e@x.ga": "none",
    }
    assert event.guests == {"a@x.ga", "b@x.ga", "c@x.ga", "d@x.ga", "e@x.ga"}


def test_an_account_that_is_only_a_guest_has_answered_too() -> None:
    members = told(isOrganizer=False, responseStatus={"response": "declined"})
    assert GraphEvent.model_validate(members).ours().organiser_response == "declined"


def test_the_key_is_ours_alone() -> None:
    properties = [
        {"id": "String {00020329-0000-0000-c000-000000000046} Name other", "value": "theirs"},
        {"id": KEY_PROPERTY.upper(), "value": "interview:7:move/2/99"},
    ]
    event = GraphEvent.model_validate(told(singleValueExtendedProperties=properties))
    assert event.ours().key == "interview:7:move/2/99"
    assert event.ours(key="newer").key == "newer"


def test_members_that_are_null_say_nothing() -> None:
    names = ("iCalUId", "webLink", "isCancelled", "isOnlineMeeting", "onlineMeeting", "attendees", "responseStatus")
    members = told(body=None, singleValueExtendedProperties=None, **dict.fromkeys(names))
    event = GraphEvent.model_validate(members)
    assert (event.content, event.link, event.guests, event.key) == ("", None, frozenset(), None)


@pytest.mark.parametrize(
    "time",
    [
        None,
        {},
        {"dateTime": "2026-12-03", "timeZone": "UTC"},
        {"dateTime": "2026-13-03T09:00:00", "timeZone": "UTC"},
        {"dateTime": "2026-12-03T09:00:00", "timeZone": "Mars/Olympus"},
        {"dateTime": "2026-12-03T09:00:00", "timeZone": "../etc/passwd"},
    ],
)
def test_a_time_that_cannot_be_read_is_no_event(time: Any) -> None:
    with pytest.raises(ValidationError):
        GraphEvent.model_validate(told(start=time))


def test_a_time_in_another_zone_is_taken_over() -> None:
    event = GraphEvent.model_validate(
        told(start={"dateTime": "2026-12-03T09:00:00.0000000", "timeZone": "Africa/Libreville"})
    )
    assert event.start == datetime(2026, 12, 3, 8, tzinfo=UTC)


def test_an_event_is_looked_for_by_its_key() -> None:
    assert by_key("l'un")["$filter"] == (
        "singleValueExtendedProperties/Any(ep: ep/id eq "
        "'String {b0c7b1f4-53c9-4f3c-9d0e-6a7f3e7e51d2} Name IntoWorkKey' and ep/value eq 'l''un')"
    )
