"""The emulator does what Google's own description of the API says."""

import json
from typing import Any

import pytest

from sandbox.emulators.google.access import SCOPES
from sandbox.emulators.google.grants import PREFIX
from sandbox.emulators.google.provider import API
from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.google.application import INTERVIEW, Application
from tests.unit.sandbox.emulators.google.discovery import method, validator

EVERYTHING = {
    **INTERVIEW,
    "description": "Ligne 1\n<b>x</b> & y",
    "location": "Douala",
    "colorId": "3",
    "status": "tentative",
    "visibility": "private",
    "transparency": "transparent",
    "guestsCanInviteOthers": False,
    "guestsCanModify": True,
    "guestsCanSeeOtherGuests": False,
    "attendees": [
        {"email": "a@example.org", "displayName": "A", "optional": True, "responseStatus": "declined", "comment": "no"}
    ],
    "reminders": {
        "useDefault": False,
        "overrides": [{"method": "email", "minutes": 1440}, {"method": "popup", "minutes": 30}],
    },
    "extendedProperties": {"private": {"key": "1"}, "shared": {"other": "2"}},
    "source": {"url": "https://app.example/interviews/1", "title": "Entretien"},
    "conferenceData": {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
}


@pytest.mark.parametrize("operation", SCOPES)
def test_scopes_are_those_of_the_description(operation: str) -> None:
    assert {PREFIX + name for name in SCOPES[operation]} == set(method(operation)["scopes"])


@pytest.mark.parametrize("operation", SCOPES)
def test_places_are_those_of_the_description(connected: Application, operation: str) -> None:
    """With a token every place answers something else than that there is no such place."""
    described = method(operation)
    path = described["path"].replace("{calendarId}", "primary").replace("{eventId}", "unknown")
    headers = {"authorization": f"Bearer {connected.tokens['rh@exemple.cm']}"}
    request = Request(described["httpMethod"], f"{API}/{path}", headers=headers, body=b"{}")
    connected.site.answer(request)
    assert connected.steer("GET", "counters").get(operation) == 1


@pytest.mark.parametrize("mode", ["success", "pending", "failure"])
def test_everything_that_can_be_said_about_an_event_is_kept(connected: Application, mode: str) -> None:
    connected.faults(conference=mode)
    event = connected.made(EVERYTHING, conferenceDataVersion=1)
    for name in set(EVERYTHING) - {"attendees", "start", "end", "conferenceData"}:
        assert event[name] == EVERYTHING[name], name
    assert event["attendees"] == EVERYTHING["attendees"]
    assert event["conferenceData"]["createRequest"]["status"]["statusCode"] == {"failure": "pending"}.get(mode, mode)


def test_the_check_finds_mistakes() -> None:
    """A wrong type, an unknown member, a time that is none."""
    good: dict[str, Any] = {"id": "a", "start": {"dateTime": "2027-07-09T12:00:00Z"}, "sequence": 0}
    wrong: list[dict[str, Any]] = [{"sequence": "0"}, {"surprise": 1}, {"start": {"dateTime": "noon"}}]
    assert validator("Event").is_valid(good)
    assert [validator("Event").is_valid({**good, **change}) for change in wrong] == [False, False, False]


def test_calendars_and_their_list(connected: Application) -> None:
    connected.steer(
        "PUT",
        "accounts/rh@exemple.cm",
        {"calendars": [{"id": "team@group.calendar.google.com", "summary": "Équipe"}], "time_zone": "Europe/Paris"},
    )
    primary = json.loads(connected.call("calendars.get", "/calendars/primary").body)
    assert (primary["id"], primary["timeZone"]) == ("rh@exemple.cm", "Europe/Paris")
    entry = json.loads(connected.call("calendarList.get", "/users/me/calendarList/primary").body)
    assert entry["primary"] is True
    assert entry["conferenceProperties"] == {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
    entries = json.loads(connected.call("calendarList.list", "/users/me/calendarList").body)["items"]
    assert [(each["summary"], each.get("primary", False)) for each in entries] == [
        ("rh@exemple.cm", True),
        ("Équipe", False),
    ]
    team = "/calendars/team@group.calendar.google.com/events"
    assert connected.call("events.insert", team, INTERVIEW).status == 200
    assert connected.event("list")[1]["items"] == []
