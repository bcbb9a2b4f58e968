"""What people do in their calendars while the application does not look."""

import json
from typing import Any

import pytest

from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.google.application import CANDIDATE, HR, Application


def behind(application: Application, identifier: str, **wishes: Any) -> dict[str, Any]:
    told: dict[str, Any] = application.steer("POST", f"events/{identifier}/behind", wishes)
    return told


@pytest.mark.parametrize(("notify", "mails"), [(False, []), (True, [("cancellation", CANDIDATE)])])
def test_a_deleted_event(connected: Application, *, notify: bool, mails: list[tuple[str, str]]) -> None:
    event = connected.made()
    assert behind(connected, event["id"], delete=True, notify=notify)["live"] is False
    assert connected.event("get", event["id"])[1]["status"] == "cancelled"
    assert connected.event("delete", event["id"]) == (410, "deleted")
    assert connected.mails() == mails


def test_a_moved_event_keeps_its_length(connected: Application) -> None:
    event = connected.made()
    behind(connected, event["id"], start="2027-07-09T14:00:00Z")
    moved = connected.event("get", event["id"])[1]
    assert moved["start"]["dateTime"] == "2027-07-09T15:00:00+01:00"
    assert moved["end"]["dateTime"] == "2027-07-09T16:00:00+01:00"
    assert (moved["sequence"], moved["etag"] != event["etag"]) == (1, True)
    behind(connected, event["id"], end="2027-07-09T16:00:00Z", notify=True)
    assert connected.mails() == [("update", CANDIDATE)]


def test_guests_answer_and_propose(connected: Application) -> None:
    event = connected.made()
    behind(connected, event["id"], guest=CANDIDATE.upper(), response="accepted", comment="Merci")
    guest = connected.event("get", event["id"])[1]["attendees"][0]
    assert (guest["responseStatus"], guest["comment"]) == ("accepted", "Merci")
    proposal = {"start": "2027-07-10T12:00:00Z", "end": "2027-07-10T13:00:00Z"}
    behind(connected, event["id"], guest=CANDIDATE, propose=proposal)
    guest = connected.event("get", event["id"])[1]["attendees"][0]
    assert guest["responseStatus"] == "tentative"
    assert proposal["start"] in guest["comment"]
    assert connected.mails() == [("response", HR), ("response", HR)]


def test_anything_else_that_an_organiser_may_change(connected: Application) -> None:
    event = connected.made()
    behind(connected, event["id"], set={"summary": "Autre", "attendees": []}, notify=True)
    assert connected.event("get", event["id"])[1]["summary"] == "Autre"
    assert connected.mails() == [("cancellation", CANDIDATE)]


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"surprise": 1},
        {"start": "noon"},
        {"guest": CANDIDATE},
        {"guest": CANDIDATE, "response": "maybe"},
        {"guest": "nobody@example.org", "response": "accepted"},
        {"set": {"start": None}},
    ],
)
def test_wishes_that_make_no_sense(connected: Application, wishes: dict[str, Any]) -> None:
    event = connected.made()
    path = f"/_emulator/google/events/{event['id']}/behind"
    assert connected.site.answer(Request("POST", path, body=json.dumps(wishes).encode())).status == 422


def test_events_that_no_calendar_holds(connected: Application) -> None:
    request = Request("POST", "/_emulator/google/events/unknown/behind", body=b'{"delete": true}')
    assert connected.site.answer(request).status == 422


@pytest.mark.parametrize(
    "members",
    [
        {"surprise": 1},
        {"kind": "robot"},
        {"time_zone": "Mars"},
        {"busy": [{"start": "2027-07-09T12:00:00Z"}]},
    ],
)
def test_accounts_that_make_no_sense(application: Application, members: dict[str, Any]) -> None:
    path = f"/_emulator/google/accounts/{HR}"
    assert application.site.answer(Request("PUT", path, body=json.dumps(members).encode())).status == 422
