"""Who may call Graph, what it says when something is wrong, and when people are free."""

import base64
import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.sandbox.emulators.microsoft.conftest import Outside, Person, event, guest, utc

SHARED = {"scope": "User.Read Calendars.ReadWrite Calendars.Read.Shared"}


def window(day: str = "2027-01-15", start: str = "08:00", end: str = "12:00") -> dict[str, Any]:
    return {"startTime": utc(f"{day}T{start}:00"), "endTime": utc(f"{day}T{end}:00")}


def test_kinds_of_accounts_differ_in_what_they_offer(outside: Outside) -> None:
    work = outside.person("work")
    assert work.graph("GET", "/calendar").body["allowedOnlineMeetingProviders"] == ["teamsForBusiness"]
    assert work.graph("GET", "").body["mail"] == "rh@exemple.cm"
    personal = outside.person("personal")
    assert personal.graph("GET", "/calendar").body["allowedOnlineMeetingProviders"] == []
    assert personal.graph("POST", "/calendar/getSchedule", {"schedules": ["a@b.c"], **window()}).status == 403
    assert personal.graph("POST", "/findMeetingTimes", {}).error == "ErrorAccessDenied"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/calendar"), ("POST", "/events"), ("DELETE", "/events/x"), ("GET", "/calendarView")],
)
def test_a_guest_has_no_mailbox(outside: Outside, method: str, path: str) -> None:
    visitor = outside.person("guest")
    assert visitor.graph("GET", "").status == 200
    refused = visitor.graph(method, path, event())
    assert (refused.status, refused.error) == (404, "MailboxNotEnabledForRESTAPI")


def test_tokens_end_and_can_be_challenged(outside: Outside, person: Person) -> None:
    outside.faults(claims_challenge=1, times=1)
    challenged = person.graph("GET", "/calendar")
    assert (challenged.status, challenged.error) == (401, "InvalidAuthenticationToken")
    claims = challenged.headers["WWW-Authenticate"].partition('claims="')[2].rstrip('"')
    assert "access_token" in json.loads(base64.b64decode(claims))
    assert person.graph("GET", "/calendar").status == 200
    assert outside.steer("POST", "tokens/expire", {"account": "work"}) == {"expired": 1}
    expired = person.graph("GET", "/calendar")
    assert (expired.status, expired.error) == (401, "InvalidAuthenticationToken")
    assert "claims" not in expired.headers["WWW-Authenticate"]
    assert outside.call("GET", "/microsoft/graph/v1.0/me").status == 401


def test_a_revoked_grants_access_tokens_end_unless_they_are_spared(outside: Outside, person: Person) -> None:
    outside.steer("POST", "grants/work/revoke", {"access_tokens": False})
    assert person.graph("GET", "/calendar").status == 200
    fresh = outside.person()
    outside.steer("POST", "grants/work/revoke")
    assert fresh.graph("GET", "/calendar").status == 401


def test_scopes_are_enforced(outside: Outside) -> None:
    reader = outside.person(scopes=["User.Read", "Calendars.Read"])
    assert reader.graph("GET", "/events").status == 200
    assert reader.graph("POST", "/events", event()).error == "ErrorAccessDenied"
    assert outside.person(scopes=["User.Read"]).graph("GET", "/calendar").status == 403


@pytest.mark.parametrize(
    ("switch", "status", "created"),
    [
        ({"error_5xx": 1}, 503, 0),
        ({"error_5xx": 1, "error_status": 504}, 504, 0),
        ({"error_5xx_after": 1}, 503, 1),
        ({"rate_limit": 1}, 429, 0),
        ({"graph_error": {"status": 409}}, 409, 0),
        ({"graph_error": {"status": 410, "code": "ErrorGone", "headers": {"X-A": "b"}}}, 410, 0),
        ({"html_200": 1}, 200, 1),
    ],
)
def test_faults_befall_the_operation_that_is_named(
    outside: Outside, person: Person, switch: dict[str, Any], status: int, created: int
) -> None:
    outside.faults(**switch, only="events.create")
    assert person.graph("GET", "/calendar").status == 200
    assert person.graph("POST", "/events", event()).status == status
    assert outside.steer("GET", "events")["total"] == created
    assert outside.steer("GET", "counters")["events.create"] == 1
    assert outside.steer("GET", "counters/statuses")["events.create"] == {str(status): 1}


@pytest.mark.parametrize(("switch", "created"), [("drop_before", 0), ("drop_after", 1)])
def test_connections_break(outside: Outside, person: Person, switch: str, created: int) -> None:
    outside.faults(**{switch: 1}, only=["events.create"], times=1)
    assert person.graph("POST", "/events", event()).dropped
    assert outside.steer("GET", "events")["total"] == created
    assert person.graph("POST", "/events", event()).status == 201


def test_refusals_are_not_spoiled_further(outside: Outside, person: Person) -> None:
    outside.faults(drop_after=1)
    assert person.graph("POST", "/events", event(start=None)).status == 400


def test_a_mailbox_takes_four_calls_at_a_time_when_that_is_switched_on(outside: Outside, person: Person) -> None:
    outside.faults(concurrent_calls=4)
    other = outside.person("personal")
    with contextlib.ExitStack() as others:
        for _ in range(4):
            others.enter_context(outside.provider.mailboxes.inside("work"))
        refused = person.graph("GET", "/calendar")
        assert (refused.status, refused.error) == (429, "ApplicationThrottled")
        assert refused.headers["Retry-After"] == "1"
        assert other.graph("GET", "/calendar").status == 200
    assert person.graph("GET", "/calendar").status == 200
    assert outside.steer("GET", "counters/peak") == {"peak": 5}


def test_answers_can_come_late(outside: Outside, person: Person) -> None:
    outside.faults(slow_after_seconds=0.01)
    assert person.graph("POST", "/events", event()).status == 201


def test_ids_are_echoed(person: Person) -> None:
    refused = person.graph("GET", "/events/x", client_request_id="c1")
    assert refused.body["error"]["innerError"]["client-request-id"] == "c1"
    assert refused.headers["client-request-id"] == "c1"
    assert refused.headers["request-id"] == refused.body["error"]["innerError"]["request-id"]


def test_other_places_do_not_exist(outside: Outside, person: Person) -> None:
    assert person.graph("GET", "/messages").status == 404
    assert person.graph("PUT", "/events").status == 405
    assert outside.call("GET", "/microsoft").status == 404


def one_day(outside: Outside, account: str) -> None:
    day, following = "2027-01-15", "2027-01-16"
    shown = ("free", "tentative", "workingElsewhere")
    entries: list[dict[str, Any]] = [
        {"start": f"{day}T{8 + hour:02d}:00", "end": f"{day}T{9 + hour:02d}:00", "show_as": kind}
        for hour, kind in enumerate(shown)
    ]
    entries += [
        {"start": f"{day}T11:00", "end": f"{day}T12:00", "cancelled": True},
        {"start": f"{day}T12:00", "end": f"{day}T13:00", "response": "declined"},
        {"start": f"{following}T00:00", "end": "2027-01-17T00:00", "show_as": "oof", "all_day": True},
    ]
    entries = [{**entry, "time_zone": "Africa/Libreville"} for entry in entries]
    outside.steer("PUT", f"accounts/{account}", {"busy": entries})


def test_a_window_tells_how_each_entry_counts(outside: Outside) -> None:
    one_day(outside, "personal")
    query = {"startDateTime": "2027-01-14T23:00:00Z", "endDateTime": "2027-01-16T23:00:00Z"}
    asked = 'outlook.timezone="W. Central Africa Standard Time"'
    found = outside.person("personal").graph("GET", "/calendarView", query=query, prefer=asked).body["value"]
    shown = [
        (each["start"]["dateTime"][8:13], each["showAs"], each["isCancelled"], each["responseStatus"]["response"])
        for each in found
    ]
    assert shown == [
        ("15T08", "free", False, "organizer"),
        ("15T09", "tentative", False, "organizer"),
        ("15T10", "workingElsewhere", False, "organizer"),
        ("15T11", "busy", True, "organizer"),
        ("15T12", "busy", False, "declined"),
        ("16T00", "oof", False, "organizer"),
    ]
    assert [each["isAllDay"] for each in found] == [False] * 5 + [True]
    outside.steer("PUT", "accounts/personal", {"busy": []})
    assert outside.person("personal").graph("GET", "/events").body["value"] == []


def test_schedules_are_digits_and_items(outside: Outside, person: Person) -> None:
    one_day(outside, "work")
    wish = {"schedules": ["RH@exemple.cm", "nobody@elsewhere.example"], "availabilityViewInterval": 60, **window()}
    answer = person.graph("POST", "/calendar/getSchedule", {**wish, **window(start="07:00", end="13:00")})
    assert answer.status == 200
    own, unknown = answer.body["value"]
    assert own["availabilityView"] == "010000"
    assert [item["status"] for item in own["scheduleItems"]] == ["free", "tentative", "workingElsewhere"]
    assert own["workingHours"]["timeZone"] == {"name": "W. Central Africa Standard Time"}
    assert unknown["error"]["responseCode"] == "ErrorMailRecipientNotFound"
    away = person.graph("POST", "/calendar/getSchedule", {**wish, **window("2027-01-16")}).body["value"][0]
    assert away["availabilityView"] == "3333"


@pytest.mark.parametrize(
    "change",
    [
        {"startTime": utc("2027-01-15")},
        {"startTime": utc("2027-01-15T08:00:00Z")},
        {"endTime": utc("2027-01-15T08:00:00")},
        {"schedules": []},
        {"availabilityViewInterval": 4},
    ],
)
def test_bad_questions_about_schedules(person: Person, change: dict[str, Any]) -> None:
    body = {"schedules": ["rh@exemple.cm"], **window(), **change}
    refused = person.graph("POST", "/calendar/getSchedule", body)
    assert (refused.status, refused.error) == (400, "ErrorInvalidRequest")


def meeting(**changes: Any) -> dict[str, Any]:
    slot = {"start": utc("2027-01-15T06:00:00"), "end": utc("2027-01-15T18:00:00")}
    return {
        "attendees": [guest("paul@exemple.cm")],
        "meetingDuration": "PT1H",
        "timeConstraint": {"activityDomain": "work", "timeSlots": [slot]},
        **changes,
    }


def hours(answer: Any) -> list[str]:
    return sorted(each["meetingTimeSlot"]["start"]["dateTime"][11:16] for each in answer["meetingTimeSuggestions"])


def test_meeting_times_need_the_shared_scope_unless_switched_off(outside: Outside, person: Person) -> None:
    assert person.graph("POST", "/findMeetingTimes", meeting()).error == "ErrorAccessDenied"
    outside.faults(find_times_needs_shared=False)
    assert person.graph("POST", "/findMeetingTimes", meeting()).status == 200


@pytest.fixture
def ask(outside: Outside) -> Callable[..., Any]:
    """findMeetingTimes, by somebody who may."""
    outside.steer("PUT", "accounts/paul@exemple.cm", {"busy": []})
    person = outside.person(query=SHARED)

    def asked(**changes: Any) -> Any:
        answer = person.graph("POST", "/findMeetingTimes", meeting(**changes))
        assert answer.status == 200, answer.body
        return answer.body

    return asked


def test_meeting_times_lie_in_working_hours_where_everybody_is_free(outside: Outside, ask: Callable[..., Any]) -> None:
    assert (hours(ask())[0], hours(ask())[-1], len(hours(ask()))) == ("07:00", "15:00", 17)
    free = {"timeConstraint": {**meeting()["timeConstraint"], "activityDomain": "unrestricted"}, "maxCandidates": 50}
    assert (hours(ask(**free))[0], hours(ask(**free))[-1]) == ("06:00", "17:00")
    entry = {"start": "2027-01-15T07:00:00Z", "end": "2027-01-15T15:00:00Z"}
    outside.steer("PUT", "accounts/paul@exemple.cm", {"busy": [entry]})
    assert hours(ask(minimumAttendeePercentage=100)) == ["15:00"]
    outside.steer("PUT", "accounts/work", {"busy": [entry]})
    assert hours(ask()) == ["15:00"]
    found = ask()["meetingTimeSuggestions"][0]
    assert (found["confidence"], found["order"], found["organizerAvailability"]) == (100.0, 1, "free")
    assert len(hours(ask(isOrganizerOptional=True, minimumAttendeePercentage=0))) == 17


def test_strangers_are_unknown_and_nothing_found_has_a_reason(outside: Outside, ask: Callable[..., Any]) -> None:
    stranger = [guest("nobody@elsewhere.example")]
    assert ask(attendees=stranger)["emptySuggestionsReason"] == "attendeesUnavailableOrUnknown"
    known = ask(attendees=stranger, minimumAttendeePercentage=40, maxCandidates=2)["meetingTimeSuggestions"]
    assert [each["confidence"] for each in known] == [49.0, 49.0]
    assert ask(timeConstraint={"timeSlots": []}, attendees=[])["emptySuggestionsReason"] == "organizerUnavailable"
    assert ask(timeConstraint=None)["emptySuggestionsReason"] == ""


def test_bad_questions_about_meeting_times(outside: Outside) -> None:
    person = outside.person(query=SHARED)
    assert person.graph("POST", "/findMeetingTimes", meeting(meetingDuration="1h")).status == 400
    assert person.graph("POST", "/findMeetingTimes", meeting(attendees=["x"])).error == "ErrorInvalidRecipients"


def test_any_address_can_sign_in(outside: Outside) -> None:
    outside.person("new@societe.example").create()
    assert outside.person("someone@outlook.com").create()["onlineMeeting"] is None
    accounts = {each["address"]: each for each in outside.steer("GET", "accounts")["accounts"]}
    assert (accounts["new@societe.example"]["kind"], accounts["someone@outlook.com"]["kind"]) == ("work", "personal")
    changed = outside.steer("PUT", "accounts/new@societe.example", {"teams": False, "mailbox": False})
    assert (changed["teams"], changed["mailbox"], changed["kind"]) == (False, False, "work")
    moved = outside.steer("PUT", "accounts/guest", {"tenant": "ministere.example", "user_consent": True})
    assert moved["kind"] == "guest"
    assert moved["tenant"] == accounts["rh@ministere.example"]["tenant"]
    assert "code" in outside.decide("managed")
