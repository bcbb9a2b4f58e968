"""Events of Graph: creating, reading, changing, ending, finding."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.unit.sandbox.emulators.microsoft.conftest import KEY, Outside, Person, event, guest, utc

IMMUTABLE = 'IdType="ImmutableId"'


def test_an_event_is_created_read_and_listed(person: Person) -> None:
    made = person.create(hideAttendees=True, reminderMinutesBeforeStart=30)
    read = person.graph("GET", f"/events/{made['id']}").body
    assert read["start"] == {"dateTime": "2027-01-15T13:00:00.0000000", "timeZone": "UTC"}
    assert (read["reminderMinutesBeforeStart"], read["isReminderOn"], read["hideAttendees"]) == (30, True, True)
    assert read["attendees"][0]["emailAddress"]["address"] == "awa@example.org"
    assert read["organizer"]["emailAddress"]["address"] == "rh@exemple.cm"
    assert read["isOnlineMeeting"]
    assert read["onlineMeetingProvider"] == "teamsForBusiness"
    assert read["onlineMeeting"]["joinUrl"].startswith("https://teams.microsoft.com/meet/")
    assert "?p=" in read["onlineMeeting"]["joinUrl"]
    assert read["onlineMeeting"]["joinUrl"] in read["body"]["content"]
    assert "transactionId" not in read
    assert [each["id"] for each in person.graph("GET", "/calendar/events").body["value"]] == [made["id"]]
    assert person.graph("GET", "/events", query={"$select": "subject"}).body["value"][0].keys() == {
        "@odata.etag",
        "id",
        "subject",
    }


def test_answers_come_in_the_zone_that_is_preferred(person: Person) -> None:
    paris = {"dateTime": "2027-07-09T14:00:00", "timeZone": "Europe/Paris"}
    later = {"dateTime": "2027-07-09T15:00:00.1234567", "timeZone": "Romance Standard Time"}
    made = person.create(start=paris, end=later)
    assert made["start"]["dateTime"] == "2027-07-09T12:00:00.0000000"
    assert made["end"]["dateTime"] == "2027-07-09T13:00:00.1234560"
    asked = 'outlook.timezone="W. Central Africa Standard Time", IdType="ImmutableId"'
    read = person.graph("GET", f"/events/{made['id']}", prefer=asked).body
    assert read["start"] == {"dateTime": "2027-07-09T13:00:00.0000000", "timeZone": "W. Central Africa Standard Time"}
    assert read["originalStartTimeZone"] == "Europe/Paris"


def test_immutable_ids_survive_a_move_and_ordinary_ones_do_not(outside: Outside, person: Person) -> None:
    made = person.create()
    lasting = person.graph("GET", f"/events/{made['id']}", prefer=IMMUTABLE).body["id"]
    assert lasting != made["id"]
    outside.steer("POST", f"events/{lasting}/behind", {"move_item": True})
    assert person.graph("GET", f"/events/{made['id']}").error == "ErrorItemNotFound"
    assert person.graph("GET", f"/events/{lasting}").status == 200
    assert person.graph("GET", f"/events/{lasting.swapcase()}").status == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": None}, "ErrorInvalidRequest"),
        ({"start": utc("2027-01-15T13:00:00Z")}, "ErrorInvalidRequest"),
        ({"start": utc("2027-01-15")}, "ErrorInvalidRequest"),
        ({"start": utc("2027-13-15T13:00:00")}, "ErrorInvalidRequest"),
        ({"start": {"dateTime": "2027-01-15T13:00:00", "timeZone": "Africa/Nowhere"}}, "TimeZoneNotSupportedException"),
        ({"end": utc("2027-01-15T12:00:00")}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ({"isAllDay": True}, "ErrorInvalidRequest"),
        ({"attendees": [guest(f"g{number}@example.org") for number in range(501)]}, "ErrorInvalidRequest"),
        ({"attendees": [guest("nobody")]}, "ErrorInvalidRecipients"),
        ({"attendees": [{**guest("a@example.org"), "type": "friend"}]}, "RequestBodyRead"),
        ({"body": {"contentType": "markdown", "content": "x"}}, "RequestBodyRead"),
        ({"sumary": "typo"}, "RequestBodyRead"),
        ({"isReminderOn": "yes"}, "RequestBodyRead"),
        ({"reminderMinutesBeforeStart": -1}, "RequestBodyRead"),
        ({"showAs": "away"}, "RequestBodyRead"),
        ({"singleValueExtendedProperties": [{"id": "interview", "value": "1"}]}, "ErrorInvalidRequest"),
    ],
)
def test_bad_events(person: Person, change: dict[str, Any], code: str) -> None:
    refused = person.graph("POST", "/events", event(**change))
    assert (refused.status, refused.error) == (400, code)
    assert person.graph("GET", "/events").body["value"] == []


def test_five_hundred_attendees_are_taken(person: Person) -> None:
    made = person.create(attendees=[guest(f"g{number}@example.org") for number in range(500)])
    assert len(made["attendees"]) == 500


def test_a_body_that_is_no_json_is_refused(person: Person) -> None:
    assert person.graph("POST", "/events", b"{").error == "RequestBodyRead"
    assert person.graph("POST", "/events", b"[]").error == "RequestBodyRead"


def test_only_windows_names_when_iana_names_are_switched_off(outside: Outside, person: Person) -> None:
    outside.faults(iana_zones=False)
    paris = {"dateTime": "2027-07-09T14:00:00", "timeZone": "Europe/Paris"}
    assert person.graph("POST", "/events", event(start=paris)).error == "TimeZoneNotSupportedException"
    romance = {name: {**paris, "timeZone": "Romance Standard Time"} for name in ("start", "end")}
    assert person.graph("POST", "/events", event(**romance)).status == 201


def test_the_same_transaction_makes_one_event(outside: Outside, person: Person) -> None:
    made = person.create(transactionId="t1")
    assert made["transactionId"] == "t1"
    assert person.create(transactionId="t1")["id"] == made["id"]
    assert len(person.graph("GET", "/events").body["value"]) == 1
    assert outside.steer("GET", "mails")["total"] == 1
    other = person.graph("POST", "/events", event(transactionId="t1", subject="Autre"))
    assert (other.status, other.error) == (400, "ErrorDuplicateTransactionId")
    existing = other.body["error"]["@event.existingEventId"]
    assert person.graph("GET", f"/events/{existing}").body["subject"] == "Entretien"
    outside.faults(duplicate_status=409, duplicate_names_event=False, replay_refused=True)
    again = person.graph("POST", "/events", event(transactionId="t1"))
    assert (again.status, again.error) == (409, "ErrorDuplicateTransactionId")
    assert "@event.existingEventId" not in again.body["error"]
    assert outside.person("personal").create(transactionId="t1")["id"] != made["id"]


def test_twenty_equal_creations_at_once_make_one_event(person: Person) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: person.create(transactionId="t1")["id"], range(20)))
    assert len(set(made)) == 1


@pytest.mark.parametrize("survives", [False, True])
def test_a_deleted_events_transaction_is_free_again_or_not(outside: Outside, person: Person, survives: bool) -> None:
    made = person.create(transactionId="t1")
    person.graph("DELETE", f"/events/{made['id']}")
    outside.faults(transaction_survives_deletion=survives)
    again = person.graph("POST", "/events", event(transactionId="t1"))
    assert again.status == (400 if survives else 201)
    assert len(person.graph("GET", "/events").body["value"]) == (0 if survives else 1)


def test_events_are_found_by_an_extended_property(outside: Outside, person: Person) -> None:
    outside.faults(found_after=1)
    made = person.create(singleValueExtendedProperties=[{"id": KEY, "value": "it's 7"}])
    person.create()
    assert "singleValueExtendedProperties" not in made
    assert person.find("it''s 7") == []
    assert [each["id"] for each in person.find("it''s 7")] == [made["id"]]
    assert person.find("8") == []
    expand = {"$expand": f"singleValueExtendedProperties($filter=id eq '{KEY}')"}
    read = person.graph("GET", f"/events/{made['id']}", query=expand).body
    assert read["singleValueExtendedProperties"] == [{"id": KEY, "value": "it's 7"}]
    outside.steer("POST", f"events/{made['id']}/behind", {"delete": True})
    assert person.find("it''s 7") == []
    assert person.graph("GET", "/events", query={"$filter": "subject eq 'x'"}).error == "ErrorInvalidUrlQueryFilter"


def test_a_patch_needs_the_version_that_was_read(person: Person) -> None:
    made = person.create()
    tag = made["@odata.etag"]
    changed = person.graph("PATCH", f"/events/{made['id']}", {"subject": "Autre"}, if_match=tag)
    assert (changed.status, changed.body["subject"]) == (200, "Autre")
    stale = person.graph("PATCH", f"/events/{made['id']}", {"subject": "Encore"}, if_match=tag)
    assert (stale.status, stale.error) == (412, "ErrorIrresolvableConflict")
    assert person.graph("DELETE", f"/events/{made['id']}", if_match=tag).status == 412
    assert person.graph("PATCH", f"/events/{made['id']}", {"subject": "Encore"}, if_match="*").status == 200
    assert person.graph("PATCH", f"/events/{made['id']}", {"transactionId": "t"}).status == 400


def test_a_meeting_once_online_stays_so(person: Person) -> None:
    made = person.create()
    changed = person.graph("PATCH", f"/events/{made['id']}", {"isOnlineMeeting": False, "subject": "Autre"}).body
    assert changed["onlineMeeting"] == made["onlineMeeting"]
    plain = person.create(isOnlineMeeting=False, onlineMeetingProvider=None)
    assert plain["onlineMeeting"] is None
    online = person.graph("PATCH", f"/events/{plain['id']}", {"isOnlineMeeting": True}).body
    assert online["onlineMeeting"]["joinUrl"]


def test_a_body_without_the_join_block_takes_the_meeting_away(outside: Outside, person: Person) -> None:
    made = person.create()
    kept = {"contentType": "html", "content": made["body"]["content"].replace("Bonjour", "Bonsoir")}
    changed = person.graph("PATCH", f"/events/{made['id']}", {"body": kept}).body
    assert changed["onlineMeeting"] == made["onlineMeeting"]
    assert changed["body"]["content"] == made["body"]["content"].replace("Bonjour", "Bonsoir")
    bare = person.graph("PATCH", f"/events/{made['id']}", {"body": {"contentType": "html", "content": "x"}}).body
    assert (bare["isOnlineMeeting"], bare["onlineMeetingProvider"], bare["onlineMeeting"]) == (False, "unknown", None)
    outside.faults(body_patch="new_link")
    other = person.create()
    text = {"body": {"contentType": "text", "content": "a < b\nc"}}
    renewed = person.graph("PATCH", f"/events/{other['id']}", text).body
    assert renewed["onlineMeeting"]["joinUrl"] != other["onlineMeeting"]["joinUrl"]
    assert "a &lt; b<br>\r\nc" in renewed["body"]["content"]


def test_the_link_comes_after_some_reads_and_in_two_forms(outside: Outside, person: Person) -> None:
    outside.faults(join_url_after_gets=2, join_url="long")
    made = person.create()
    assert made["isOnlineMeeting"]
    assert made["onlineMeeting"] is None
    reads = [person.graph("GET", f"/events/{made['id']}").body["onlineMeeting"] for _ in range(2)]
    assert reads[0] is None
    assert reads[1]["joinUrl"].startswith("https://teams.microsoft.com/l/meetup-join/19%3Ameeting_")


def test_a_personal_account_drops_teams_without_a_word(outside: Outside) -> None:
    made = outside.person("personal").create()
    assert (made["isOnlineMeeting"], made["onlineMeetingProvider"], made["onlineMeeting"]) == (False, "unknown", None)


def test_what_was_deleted_or_cancelled_is_found_no_more(person: Person) -> None:
    first, second = person.create(), person.create()
    assert person.graph("DELETE", f"/events/{first['id']}").status == 204
    assert person.graph("DELETE", f"/events/{first['id']}").error == "ErrorItemNotFound"
    assert person.graph("POST", f"/events/{second['id']}/cancel", {"comment": 7}).error == "RequestBodyRead"
    assert person.graph("POST", f"/events/{second['id']}/cancel", {"comment": "Empêchement"}).status == 202
    assert person.graph("POST", f"/events/{second['id']}/cancel", {}).status == 404
    assert person.graph("GET", f"/events/{second['id']}").status == 404
    assert person.graph("PATCH", f"/events/{second['id']}", {}).status == 404


def test_of_many_deletions_at_once_one_is_told(outside: Outside, person: Person) -> None:
    made = person.create()
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda _: person.graph("DELETE", f"/events/{made['id']}").status, range(16))
    assert sorted(answers) == [204] + [404] * 15
    assert [mail["kind"] for mail in outside.steer("GET", "mails")["mails"]] == ["invitation", "cancellation"]


def test_only_the_organiser_cancels(outside: Outside, person: Person) -> None:
    entry = {"start": "2027-01-15T10:00:00Z", "end": "2027-01-15T11:00:00Z", "response": "accepted"}
    outside.steer("PUT", "accounts/work", {"busy": [entry]})
    invited = person.graph("GET", "/events").body["value"][0]
    assert not invited["isOrganizer"]
    assert person.graph("POST", f"/events/{invited['id']}/cancel").status == 400
    assert person.graph("DELETE", f"/events/{invited['id']}").status == 204
    assert outside.steer("GET", "mails")["total"] == 0


def test_somebody_elses_event_is_not_found(outside: Outside, person: Person) -> None:
    made = person.create()
    assert outside.person("personal").graph("GET", f"/events/{made['id']}").status == 404


def test_a_window_comes_in_pages(person: Person) -> None:
    for hour in range(8, 13):
        person.create(start=utc(f"2027-01-15T{hour:02d}:00:00"), end=utc(f"2027-01-15T{hour:02d}:30:00"))
    window = {"startDateTime": "2027-01-15T08:30:00", "endDateTime": "2027-01-15T13:00:00+01:00", "$top": "2"}
    first = person.graph("GET", "/calendarView", query=window).body
    assert [each["start"]["dateTime"][11:13] for each in first["value"]] == ["09", "10"]
    following = urlsplit(first["@odata.nextLink"])
    assert (following.scheme, following.netloc) == ("http", "emulator")
    second = person.graph("GET", "/calendarView", query=dict(parse_qsl(following.query))).body
    assert [each["start"]["dateTime"][11:13] for each in second["value"]] == ["11"]
    assert "@odata.nextLink" not in second
    assert person.graph("GET", "/calendarView").status == 400
    assert person.graph("GET", "/calendarView", query={**window, "$top": "1000"}).status == 400
    assert person.graph("GET", "/calendarView", query={**window, "$top": "x"}).status == 400


def test_an_all_day_event_covers_the_day_of_whoever_asks(person: Person) -> None:
    days = {"start": utc("2027-01-16T00:00:00"), "end": utc("2027-01-17T00:00:00"), "isAllDay": True}
    person.create(**days)
    late = {"startDateTime": "2027-01-15T23:00:00Z", "endDateTime": "2027-01-15T23:30:00Z"}
    assert person.graph("GET", "/calendarView", query=late).body["value"] == []
    found = person.graph("GET", "/calendarView", query=late, prefer='outlook.timezone="Africa/Libreville"').body[
        "value"
    ]
    assert found[0]["start"] == {"dateTime": "2027-01-16T00:00:00.0000000", "timeZone": "Africa/Libreville"}
