"""Interviews as Google Calendar takes them, and its events as the platform reads them."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from worker.contracts.calendars import Guest, InterviewEvent
from worker.providers.google import payloads

KEY = "interview:7:create/0/1795000000000000"
MOVE = "interview:7:move/1/1795000000000000"
AWA, PAUL, JEANNE = "awa@example.org", "paul@exemple.cm", "jeanne@exemple.cm"


def interview(**changes: Any) -> InterviewEvent:
    members: dict[str, Any] = {
        "title": "Entretien — Comptable",
        "start": datetime(2027, 7, 9, 14, tzinfo=ZoneInfo("Europe/Paris")),
        "end": datetime(2027, 7, 9, 15, tzinfo=ZoneInfo("Europe/Paris")),
        "zone": "Europe/Paris",
        "description": "Ligne 1\n<b>x</b> & y",
        "location": "Douala",
        "guests": (Guest(AWA, "Awa Ndong"), Guest(PAUL)),
        "meeting": True,
        "page": "https://platform.example.org/interviews/7",
    }
    return InterviewEvent(**{**members, **changes})


def created(key: str = KEY, **changes: Any) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(payloads.creation(interview(**changes), key))
    return members


def changed(**changes: Any) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(payloads.change(interview(**changes), MOVE))
    return members


def resource(**changes: Any) -> dict[str, Any]:
    """What Google shows of the event that was created."""
    sent = created()
    shown = {name: value for name, value in sent.items() if name != "conferenceData"}
    shown |= {"etag": '"1"', "status": "confirmed", "iCalUID": f"{sent['id']}@google.com", "htmlLink": "https://g/e"}
    shown["attendees"] = [{**entry, "responseStatus": "needsAction"} for entry in sent["attendees"]]
    return {**shown, **changes}


def test_lines_stay_lines_and_no_tag_is_seen() -> None:
    description = created()["description"]
    assert not re.search(r"<[^>]*>", description)
    assert html.unescape(description).split("\n") == ["Ligne 1", "<b>x</b> & y"]


def test_line_ends_of_browsers_are_line_feeds() -> None:
    assert created(description="un\r\ndeux\rtrois")["description"] == "un\ndeux\ntrois"


@pytest.mark.parametrize(
    ("start", "zone", "instant"),
    [
        ("2027-07-09T14:00", "Europe/Paris", "2027-07-09T12:00:00Z"),
        ("2027-01-15T14:00", "Europe/Paris", "2027-01-15T13:00:00Z"),
        ("2027-07-09T14:00", "Africa/Libreville", "2027-07-09T13:00:00Z"),
        ("2027-10-31T02:30", "Europe/Paris", "2027-10-31T01:30:00Z"),
    ],
)
def test_times_are_instants_with_the_zone_in_which_people_read_them(start: str, zone: str, instant: str) -> None:
    """Of an hour that comes twice it is the second one here."""
    local = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone), fold=1)
    assert created(start=local, zone=zone)["start"] == {"dateTime": instant, "timeZone": zone}


@given(
    start=strategies.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - the zone is drawn apart
    host=strategies.timezone_keys(),
    guest=strategies.timezone_keys(),
    minutes=strategies.integers(15, 480),
    fold=strategies.integers(0, 1),
)
def test_an_interview_is_read_as_it_was_planned_to_the_second(
    start: datetime, host: str, guest: str, minutes: int, fold: int
) -> None:
    begin = start.replace(tzinfo=ZoneInfo(host), fold=fold, microsecond=0).astimezone(UTC)
    end = begin + timedelta(minutes=minutes)
    event = payloads.event_of(created(start=begin.astimezone(ZoneInfo(guest)), end=end, zone=guest))
    assert event is not None
    assert (event.start, event.end) == (begin, end)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no instant"):
        payloads.creation(interview(start=datetime.fromisoformat("2027-07-09T14:00")), KEY)


def test_equal_events_are_equal_bytes_and_keys_name_them() -> None:
    assert payloads.creation(interview(), KEY) == payloads.creation(interview(), KEY)
    one, other = created(), created("interview:7:create/1/1795000000000000")
    assert one["id"] != other["id"]
    assert re.fullmatch(r"[a-v0-9]{5,1024}", one["id"])
    assert one["conferenceData"]["createRequest"]["requestId"] == one["id"]
    assert payloads.key_of(one) == KEY


def test_reminders_are_a_mail_the_day_before_and_a_popup() -> None:
    assert created()["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "email", "minutes": 1440}, {"method": "popup", "minutes": 30}],
    }
    assert "reminders" not in changed(), "the organiser may have chosen others meanwhile"


@pytest.mark.parametrize("hidden", [True, False])
def test_guests_see_each_other_unless_that_is_not_wished(hidden: bool) -> None:
    assert created(hide_guests=hidden)["guestsCanSeeOtherGuests"] is not hidden


def test_an_address_is_invited_once() -> None:
    guests = (Guest("Awa@example.org", "Awa"), Guest(AWA), Guest(PAUL))
    assert created(guests=guests)["attendees"] == [{"email": "Awa@example.org", "displayName": "Awa"}, {"email": PAUL}]


def test_no_link_is_asked_for_where_people_meet_in_a_room() -> None:
    assert "conferenceData" not in created(meeting=False)


@pytest.mark.parametrize("page", ["", "javascript:alert(1)"])
def test_only_an_address_of_the_web_becomes_the_source(page: str) -> None:
    assert "source" not in created(page=page)


def test_an_event_is_read_as_it_stands() -> None:
    attendees = [
        {"email": "rh@exemple.cm", "self": True, "organizer": True, "responseStatus": "tentative"},
        {"email": "Awa@example.org", "responseStatus": "accepted"},
        {"email": PAUL, "responseStatus": "needsAction"},
        {"email": "salle@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
    ]
    event = payloads.event_of(resource(attendees=attendees, hangoutLink="https://meet.google.com/abc?x=1"))
    assert event is not None
    assert event.start == datetime(2027, 7, 9, 12, tzinfo=UTC)
    assert (event.address, event.etag, event.cancelled, event.key) == ("https://g/e", '"1"', False, KEY)
    assert (event.meeting_link, event.link_pending, event.no_link) == ("https://meet.google.com/abc?x=1", False, "")
    assert event.responses == {AWA: "accepted", PAUL: "none"}
    assert event.organiser_response == "tentative"
    assert event.ical_uid == f"{payloads.event_id(KEY)}@google.com"


def conference(status: str, **more: Any) -> dict[str, Any]:
    return {"conferenceData": {"createRequest": {"requestId": "r", "status": {"statusCode": status}}, **more}}


@pytest.mark.parametrize(
    ("members", "link", "pending", "no_link"),
    [
        (conference("pending"), None, True, ""),
        (conference("failure"), None, False, payloads.NO_LINK_MADE),
        ({}, None, False, payloads.NO_LINK_ALLOWED),
        (
            conference("success", entryPoints=[{"entryPointType": "phone", "uri": "tel:1"}]),
            None,
            False,
            payloads.NO_LINK_ALLOWED,
        ),
        (
            conference("success", entryPoints=[{"entryPointType": "video", "uri": "https://zoom.example/j/1?pwd=a"}]),
            "https://zoom.example/j/1?pwd=a",
            False,
            "",
        ),
    ],
)
def test_a_link_is_there_or_coming_or_a_sentence_says_why_not(
    members: dict[str, Any], link: str | None, pending: bool, no_link: str
) -> None:
    event = payloads.event_of(resource(**members), created())
    assert event is not None
    assert (event.meeting_link, event.link_pending, event.no_link) == (link, pending, no_link)


def test_where_no_link_was_asked_for_none_is_missed() -> None:
    event = payloads.event_of(resource(), created(meeting=False))
    assert event is not None
    assert event.no_link == ""


def test_of_a_deleted_event_only_the_id_may_be_left() -> None:
    left = {"id": payloads.event_id(KEY), "status": "cancelled"}
    assert payloads.event_of(left) is None
    event = payloads.event_of(left, created())
    assert event is not None
    assert event.cancelled
    assert event.start == datetime(2027, 7, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        ({"date": "2027-07-12"}, datetime(2027, 7, 12, tzinfo=UTC)),
        ({"dateTime": "2027-07-12T14:00:00+01:00"}, datetime(2027, 7, 12, 13, tzinfo=UTC)),
        ({"dateTime": "2027-07-12T14:00:00", "timeZone": "Europe/Paris"}, datetime(2027, 7, 12, 12, tzinfo=UTC)),
        ({"dateTime": "2027-07-12T14:00:00", "timeZone": "Nowhere/Else"}, datetime(2027, 7, 12, 14, tzinfo=UTC)),
    ],
)
def test_times_that_people_have_set_are_instants(start: dict[str, str], instant: datetime) -> None:
    event = payloads.event_of(resource(start=start))
    assert event is not None
    assert event.start == instant


@pytest.mark.parametrize("shown", [{}, {"id": 7}, {"id": "a", "start": "soon", "end": []}, {"id": "a", "start": {}}])
def test_what_is_no_event_is_none(shown: dict[str, Any]) -> None:
    assert payloads.event_of(shown) is None


def test_nothing_strange_in_an_event_stops_its_reading() -> None:
    strange = resource(attendees="x", conferenceData=[1], extendedProperties={"private": 7}, hangoutLink=3, etag=None)
    event = payloads.event_of(strange)
    assert event is not None
    assert (event.responses, event.meeting_link, event.key, event.etag) == ({}, None, None, "")


def test_a_change_without_new_guests_leaves_the_list_and_its_answers_alone() -> None:
    patch = payloads.patch(changed(title="Second entretien"), resource())
    assert "attendees" not in patch
    assert patch["summary"] == "Second entretien"
    assert payloads.key_of(patch) == MOVE


def test_guests_come_and_go_while_the_others_keep_their_answers() -> None:
    host = {"email": "rh@exemple.cm", "self": True, "organizer": True, "responseStatus": "accepted"}
    colleague = {"email": "colleague@exemple.cm", "responseStatus": "tentative"}
    awa = {"email": AWA, "displayName": "Awa Ndong", "responseStatus": "accepted", "comment": "Avec plaisir"}
    found = resource(attendees=[host, awa, {"email": PAUL, "responseStatus": "declined"}, colleague])
    patch = payloads.patch(changed(guests=(Guest(AWA, "Awa"), Guest(JEANNE, "Jeanne"))), found)
    entries = {entry["email"]: entry for entry in patch["attendees"]}
    assert set(entries) == {AWA, JEANNE, "rh@exemple.cm", "colleague@exemple.cm"}, "whom the organiser added stays"
    assert entries[AWA] == awa
    assert entries["colleague@exemple.cm"] == colleague
    assert "responseStatus" not in entries[JEANNE]


def test_of_an_event_that_does_not_say_whom_we_invited_all_guests_are_ours() -> None:
    found = resource(extendedProperties={"private": {}})
    patch = payloads.patch(changed(guests=(Guest(AWA),)), found)
    assert [entry["email"] for entry in patch["attendees"]] == [AWA]


def test_so_are_those_of_very_many() -> None:
    many = tuple(Guest(f"guest{number}@exemple.cm") for number in range(150))
    sent = created(guests=many)
    assert all(len(value) <= 1024 for value in sent["extendedProperties"]["private"].values())
    patch = payloads.patch(changed(guests=many[:100]), sent)
    assert len(patch["attendees"]) == 100


def test_a_list_that_was_not_shown_is_not_written_back() -> None:
    assert "attendees" not in payloads.patch(changed(guests=(Guest(JEANNE),)), resource(attendeesOmitted=True))


@pytest.mark.parametrize(
    ("members", "asked"),
    [
        ({"hangoutLink": "https://meet.google.com/abc"}, False),
        (conference("pending"), False),
        (conference("failure"), True),
        ({}, True),
    ],
)
def test_a_link_is_asked_for_only_where_there_is_none(members: dict[str, Any], asked: bool) -> None:
    patch = payloads.patch(changed(), resource(**members))
    assert ("conferenceData" in patch) is asked
