"""When calendars are busy."""

import json
from typing import Any

import pytest

from tests.unit.sandbox.emulators.google.application import CANDIDATE, COLLEAGUE, HR, INTERVIEW, Application, reason

DAY = {"timeMin": "2027-07-09T00:00:00Z", "timeMax": "2027-07-10T00:00:00Z"}


def ask(application: Application, *identifiers: str, **members: Any) -> dict[str, Any]:
    items = [{"id": identifier} for identifier in identifiers or ("primary",)]
    response = application.call("freebusy.query", "/freeBusy", {**DAY, "items": items, **members})
    assert response.status == 200, response.body
    found: dict[str, Any] = json.loads(response.body)["calendars"]
    return found


def at(hour: str, until: str) -> dict[str, Any]:
    times = {name: {"dateTime": f"2027-07-09T{time}:00Z"} for name, time in (("start", hour), ("end", until))}
    return {**INTERVIEW, **times}


def test_busy_times_are_joined_and_cut(connected: Application) -> None:
    for hour, until in (("09:00", "10:00"), ("10:00", "10:30"), ("14:00", "15:00")):
        connected.made(at(hour, until))
    connected.steer(
        "PUT",
        f"accounts/{HR}",
        {"busy": [{"start": "2027-07-09T23:30:00Z", "end": "2027-07-10T08:00:00Z"}]},
    )
    assert ask(connected)["primary"]["busy"] == [
        {"start": "2027-07-09T09:00:00Z", "end": "2027-07-09T10:30:00Z"},
        {"start": "2027-07-09T14:00:00Z", "end": "2027-07-09T15:00:00Z"},
        {"start": "2027-07-09T23:30:00Z", "end": "2027-07-10T00:00:00Z"},
    ]
    paris = ask(connected, HR, timeZone="Europe/Paris")[HR]["busy"]
    assert paris[0] == {"start": "2027-07-09T11:00:00+02:00", "end": "2027-07-09T12:30:00+02:00"}


def test_what_does_not_block(connected: Application) -> None:
    connected.made({**at("09:00", "10:00"), "transparency": "transparent"})
    connected.event("delete", connected.made(at("11:00", "12:00"))["id"])
    declined = {"attendees": [{"email": HR, "responseStatus": "declined"}, {"email": CANDIDATE}]}
    connected.made({**at("13:00", "14:00"), **declined})
    assert ask(connected)["primary"]["busy"] == []


def test_a_whole_day_is_that_of_the_calendars_zone(connected: Application) -> None:
    connected.made({"start": {"date": "2027-07-09"}, "end": {"date": "2027-07-10"}})
    busy = ask(connected, timeMin="2027-07-08T00:00:00Z", timeMax="2027-07-11T00:00:00Z")["primary"]["busy"]
    assert busy == [{"start": "2027-07-08T23:00:00Z", "end": "2027-07-09T23:00:00Z"}]


def test_invitations_block_the_guests(connected: Application) -> None:
    event = connected.made({**at("09:00", "10:00"), "attendees": [{"email": COLLEAGUE}]})
    assert len(ask(connected, COLLEAGUE)[COLLEAGUE]["busy"]) == 1
    connected.steer("POST", f"events/{event['id']}/behind", {"guest": COLLEAGUE, "response": "declined"})
    assert ask(connected, COLLEAGUE)[COLLEAGUE]["busy"] == []


def test_what_cannot_be_seen_is_not_free(connected: Application) -> None:
    connected.steer("PUT", f"accounts/{COLLEAGUE}", {"freebusy_error": "internalError"})
    found = ask(connected, "primary", "perso@gmail.com", "nobody@exemple.cm", COLLEAGUE)
    reasons = {calendar: [error["reason"] for error in told.get("errors", [])] for calendar, told in found.items()}
    assert reasons == {
        "primary": [],
        "perso@gmail.com": ["notFound"],
        "nobody@exemple.cm": ["notFound"],
        COLLEAGUE: ["internalError"],
    }


def test_too_many_calendars_at_once(connected: Application) -> None:
    found = ask(connected, "primary", COLLEAGUE, calendarExpansionMax=1)
    assert found["primary"]["errors"][0]["reason"] == "tooManyCalendarsRequested"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMin": "2027-07-09T00:00:00"}, "badRequest"),
        ({"timeMax": DAY["timeMin"]}, "timeRangeEmpty"),
        ({"timeMax": "2027-12-31T00:00:00Z"}, "timeRangeTooLong"),
        ({"timeZone": "Mars"}, "invalid"),
        ({"items": None}, "required"),
        ({"calendarExpansionMax": 51}, "invalid"),
        ({"calendarExpansionMax": "many"}, "invalid"),
        ({"timeMin": "0001-01-01T00:00:00+14:00"}, "badRequest"),
    ],
)
def test_wrong_questions(connected: Application, change: dict[str, Any], why: str) -> None:
    body = {**DAY, "items": [{"id": "primary"}], **change}
    response = connected.call("freebusy.query", "/freeBusy", body)
    assert (response.status, reason(response)) == (400, why)
