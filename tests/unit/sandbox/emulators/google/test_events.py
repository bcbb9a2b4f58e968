"""Events: made once, changed, deleted, and what is refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.emulators.google.event_rules import WRITABLE
from tests.unit.sandbox.emulators.google.application import (
    CANDIDATE,
    COLLEAGUE,
    HR,
    INTERVIEW,
    NOON,
    ONE,
    Application,
    reason,
)

ID = "abcdef0123456789"
NESTED = {
    "comment",
    "conferenceSolutionKey",
    "createRequest",
    "date",
    "dateTime",
    "email",
    "method",
    "minutes",
    "optional",
}
NESTED |= {
    "optional",
    "overrides",
    "private",
    "requestId",
    "responseStatus",
    "timeZone",
    "title",
    "type",
    "url",
    "useDefault",
}
MEMBERS = st.sampled_from(sorted({"id", "iCalUID", "sequence", *NESTED, *WRITABLE}))


def test_an_event_has_what_google_adds(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "id": ID})
    assert event["kind"] == "calendar#event"
    assert (event["id"], event["iCalUID"], event["sequence"]) == (ID, f"{ID}@google.com", 0)
    assert event["organizer"] == event["creator"] == {"email": HR, "self": True}
    assert (event["status"], event["eventType"], event["reminders"]) == ("confirmed", "default", {"useDefault": True})
    assert event["attendees"] == [{"email": CANDIDATE, "responseStatus": "needsAction"}]
    # Defaults are not shown.
    assert not {"visibility", "transparency", "guestsCanModify", "hangoutLink"}.intersection(event)


def test_times_are_shown_in_the_calendars_zone(connected: Application) -> None:
    start = {"dateTime": "2027-07-09T14:00:00", "timeZone": "Europe/Paris"}
    event = connected.made({**INTERVIEW, "start": start, "end": ONE})
    assert event["start"] == {"dateTime": "2027-07-09T13:00:00+01:00", "timeZone": "Europe/Paris"}
    assert event["end"] == {"dateTime": "2027-07-09T14:00:00+01:00", "timeZone": "Africa/Douala"}
    _, other = connected.event("get", event["id"], timeZone="UTC")
    assert other["start"]["dateTime"] == "2027-07-09T12:00:00Z"
    assert connected.event("get", event["id"], timeZone="Mars")[0] == 400


def test_an_event_of_a_whole_day(connected: Application) -> None:
    day = {"summary": "Congé", "start": {"date": "2027-07-09"}, "end": {"date": "2027-07-10"}}
    assert connected.made(day)["start"] == {"date": "2027-07-09"}


def test_an_id_is_good_once_for_ever(connected: Application) -> None:
    connected.made({**INTERVIEW, "id": ID})
    assert connected.event("insert", body={**INTERVIEW, "id": ID}) == (409, "duplicate")
    assert connected.event("delete", ID) == (204, None)
    assert connected.event("insert", body={**INTERVIEW, "id": ID}) == (409, "duplicate")
    status, event = connected.event("get", ID)
    assert (status, event["status"], event["sequence"]) == (200, "cancelled", 1)
    assert connected.event("delete", ID) == (410, "deleted")
    connected.faults(forget_deleted=True)
    assert connected.event("get", ID) == (404, "notFound")


def test_other_calendars_have_their_own_ids(connected: Application) -> None:
    connected.made({**INTERVIEW, "id": ID})
    connected.connect(COLLEAGUE)
    connected.made({**INTERVIEW, "id": ID}, account=COLLEAGUE)


@pytest.mark.parametrize("identifier", ["abcd", "ABCDEF", "abcdez", "abc-def", "a" * 1025, 12345])
def test_ids_are_base32hex(connected: Application, identifier: Any) -> None:
    assert connected.event("insert", body={**INTERVIEW, "id": identifier}) == (400, "invalid")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"start": None}, "required"),
        ({"end": {}}, "required"),
        ({"start": {"dateTime": "2027-07-09T12:00:00"}}, "required"),
        ({"start": {"dateTime": "noon"}}, "invalid"),
        ({"start": {**NOON, "timeZone": "W. Europe Standard Time"}}, "invalid"),
        ({"start": {**NOON, "date": "2027-07-09"}}, "invalid"),
        ({"start": {"date": "2027-07-09"}}, "invalid"),
        ({"start": {"date": "9 July"}}, "invalid"),
        ({"start": ONE, "end": NOON}, "timeRangeEmpty"),
        ({"summary": 7}, "invalid"),
        ({"status": "maybe"}, "invalid"),
        ({"guestsCanModify": "no"}, "invalid"),
        ({"attendees": {}}, "invalid"),
        ({"attendees": [{"displayName": "x"}]}, "required"),
        ({"attendees": [{"email": "nobody"}]}, "invalid"),
        ({"attendees": [{"email": CANDIDATE, "responseStatus": "yes"}]}, "invalid"),
        ({"reminders": "none"}, "invalid"),
        (
            {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 5}]}},
            "cannotUseDefaultRemindersAndSpecifyOverride",
        ),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40_321}]}}, "invalid"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "sms", "minutes": 5}]}}, "invalid"),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}] * 6}}, "invalid"),
        ({"extendedProperties": {"private": {"key": 1}}}, "invalid"),
        ({"source": {"url": "ftp://x"}}, "invalid"),
        ({"id": ID, "iCalUID": "x@y"}, "invalid"),
        ({"sequence": -1}, "invalid"),
    ],
)
def test_what_is_refused(connected: Application, change: dict[str, Any], why: str) -> None:
    assert connected.event("insert", body={**INTERVIEW, **change}) == (400, why)
    assert connected.steer("GET", "events")["total"] == 0


def test_reminders_have_bounds(connected: Application) -> None:
    overrides = [{"method": "email", "minutes": 40_320}, *[{"method": "popup", "minutes": 0}] * 4]
    event = connected.made({**INTERVIEW, "reminders": {"useDefault": False, "overrides": overrides}})
    assert event["reminders"] == {"useDefault": False, "overrides": overrides}


@pytest.mark.parametrize(
    ("query", "why"),
    [({"sendUpdates": "everybody"}, "invalidParameter"), ({"conferenceDataVersion": "2"}, "invalidParameter")],
)
def test_parameters_are_checked(connected: Application, query: dict[str, str], why: str) -> None:
    assert connected.event("insert", body=INTERVIEW, **query) == (400, why)


def test_a_body_that_is_no_json(connected: Application) -> None:
    assert connected.event("insert", body=b"{") == (400, "parseError")
    assert connected.event("insert", body=b"[]") == (400, "parseError")


def test_a_patch_changes_what_it_names(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "extendedProperties": {"private": {"key": "1", "old": "2"}}})
    changes = {
        "start": {"dateTime": "2027-07-09T12:30:00Z"},
        "location": "Douala",
        "extendedProperties": {"private": {"old": None, "new": "3"}},
        "attendees": [{"email": COLLEAGUE}],
    }
    status, patched = connected.event("patch", event["id"], changes)
    assert status == 200
    assert patched["summary"] == "Entretien"
    assert patched["start"]["dateTime"] == "2027-07-09T13:30:00+01:00"
    assert patched["end"] == event["end"]
    assert patched["extendedProperties"] == {"private": {"key": "1", "new": "3"}}
    assert [entry["email"] for entry in patched["attendees"]] == [COLLEAGUE]
    assert patched["sequence"] == 1
    assert patched["etag"] != event["etag"]
    assert patched["updated"] >= event["updated"]
    assert "location" not in connected.event("patch", event["id"], {"location": None})[1]


def test_an_update_loses_what_it_does_not_name(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "location": "Douala"})
    status, updated = connected.event("update", event["id"], {"start": NOON, "end": ONE})
    assert status == 200
    assert not {"summary", "location", "attendees"}.intersection(updated)
    assert (updated["iCalUID"], updated["created"]) == (event["iCalUID"], event["created"])
    assert connected.event("update", event["id"], {"summary": "x"}) == (400, "required")


def test_an_omitted_list_of_attendees_is_not_written_back(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "attendees": [{"email": CANDIDATE}, {"email": COLLEAGUE}]})
    status, shortened = connected.event("get", event["id"], maxAttendees=1)
    assert (shortened["attendeesOmitted"], shortened["attendees"]) == (True, [])
    for operation in ("patch", "update"):
        status, written = connected.event(operation, event["id"], shortened)
        assert (status, len(written["attendees"])) == (200, 2)


def test_a_changed_event_is_not_overwritten(connected: Application) -> None:
    event = connected.made()
    first = {"if-match": event["etag"]}
    assert connected.event("patch", event["id"], {"summary": "a"}, headers=first)[0] == 200
    for operation, body in (("patch", {"summary": "b"}), ("update", INTERVIEW), ("delete", None)):
        assert connected.event(operation, event["id"], body, headers=first) == (412, "conditionNotMet")
    assert connected.event("delete", event["id"], headers={"if-match": "*"})[0] == 204


def test_a_guests_answer_changes_the_etag(connected: Application) -> None:
    event = connected.made()
    connected.steer("POST", f"events/{event['id']}/behind", {"guest": CANDIDATE, "response": "accepted"})
    headers = {"if-match": event["etag"]}
    assert connected.event("patch", event["id"], {"summary": "a"}, headers=headers)[0] == 412


def test_reminders_do_not_move_updated(connected: Application) -> None:
    event = connected.made()
    _, patched = connected.event("patch", event["id"], {"reminders": {"useDefault": False}})
    assert (patched["updated"], patched["sequence"]) == (event["updated"], 0)
    assert patched["etag"] != event["etag"]


def test_a_sequence_does_not_go_back(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "sequence": 3})
    assert connected.event("patch", event["id"], {"sequence": 2}) == (400, "invalid")
    assert connected.event("patch", event["id"], {"sequence": 7})[1]["sequence"] == 7


@pytest.mark.parametrize("operation", ["get", "patch", "update", "delete"])
def test_events_that_never_were(connected: Application, operation: str) -> None:
    assert connected.event(operation, "unknown", INTERVIEW) == (404, "notFound")


def test_calendars_of_others_are_not_found(connected: Application) -> None:
    response = connected.call("events.insert", f"/calendars/{COLLEAGUE}/events", INTERVIEW)
    assert (response.status, reason(response)) == (404, "notFound")
    own = connected.call("events.insert", f"/calendars/{HR}/events", INTERVIEW)
    assert own.status == 200


def test_a_deleted_event_stays_deleted_unless_it_is_confirmed_again(connected: Application) -> None:
    event = connected.made()
    connected.event("delete", event["id"])
    assert connected.event("patch", event["id"], {"summary": "x"})[1]["status"] == "cancelled"
    connected.faults(deleted_writes="gone")
    assert connected.event("patch", event["id"], {"summary": "y"}) == (410, "deleted")
    connected.faults(revive=False)
    assert connected.event("update", event["id"], INTERVIEW) == (403, "forbidden")
    connected.faults()
    assert connected.event("update", event["id"], INTERVIEW)[1]["status"] == "confirmed"


def test_guests_see_the_event_and_change_their_answer_only(connected: Application) -> None:
    private = {"extendedProperties": {"private": {"key": "1"}, "shared": {"s": "2"}}}
    event = connected.made({**INTERVIEW, **private, "attendees": [{"email": COLLEAGUE}, {"email": CANDIDATE}]})
    connected.connect(COLLEAGUE)
    status, seen = connected.event("get", event["id"], account=COLLEAGUE)
    assert (status, seen["iCalUID"], seen["organizer"]) == (200, event["iCalUID"], {"email": HR})
    assert seen["attendees"][0]["self"] is True
    assert seen["extendedProperties"] == {"shared": {"s": "2"}}
    refused = connected.event("patch", event["id"], {"summary": "mine"}, account=COLLEAGUE)
    assert refused == (403, "forbiddenForNonOrganizer")
    assert connected.event("update", event["id"], INTERVIEW, account=COLLEAGUE)[0] == 403
    answer = {"attendees": [{"email": COLLEAGUE, "responseStatus": "accepted"}]}
    assert connected.event("patch", event["id"], answer, account=COLLEAGUE)[0] == 200
    assert connected.event("get", event["id"])[1]["attendees"][0]["responseStatus"] == "accepted"
    assert connected.event("delete", event["id"], account=COLLEAGUE)[0] == 204
    assert connected.event("get", event["id"])[1]["attendees"][0]["responseStatus"] == "declined"


def test_an_event_tells_its_history(connected: Application) -> None:
    event = connected.made()
    connected.event("patch", event["id"], {"summary": "x"})
    connected.event("delete", event["id"])
    told = connected.steer("GET", f"events/{event['id']}")
    assert [(entry["by"], entry["changed"]) for entry in told["history"]][1:] == [
        ("events.patch", ["summary"]),
        ("events.delete", ["status"]),
    ]
    assert told["live"] is False
    assert connected.steer("GET", "events", live="true")["total"] == 0
    assert connected.steer("GET", "events", account=HR)["total"] == 1


def test_what_is_null_is_not_there(connected: Application) -> None:
    nothing = dict.fromkeys(["location", "status", "visibility", "guestsCanModify", "reminders", "attendees", "source"])
    event = connected.made({**INTERVIEW, **nothing, "summary": None})
    assert not {"summary", "location", "attendees", "source"}.intersection(event)
    patch = {"extendedProperties": {"private": {"never": None}}, "attendees": [{"email": CANDIDATE, "comment": None}]}
    assert connected.event("patch", event["id"], patch)[0] == 200


KINDS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
ANYTHING = st.recursive(KINDS, lambda kind: st.lists(kind, max_size=3) | st.dictionaries(MEMBERS, kind, max_size=3))


@given(changes=st.dictionaries(MEMBERS, ANYTHING, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_taken_or_refused(connected: Application, changes: dict[str, Any]) -> None:
    for query in ({}, {"conferenceDataVersion": "1"}):
        status, event = connected.event("insert", body={**INTERVIEW, **changes}, **query)
        assert status in (200, 400, 409)
        identifier = event["id"] if status == 200 else connected.made()["id"]
        assert connected.event("patch", identifier, {**changes, "id": identifier}, **query)[0] in (200, 400)
