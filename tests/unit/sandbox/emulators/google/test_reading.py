"""events.list."""

from typing import Any

import pytest

from tests.unit.sandbox.emulators.google.application import COLLEAGUE, INTERVIEW, Application


def summaries(application: Application, **query: Any) -> list[str]:
    status, page = application.event("list", **query)
    assert status == 200, page
    return [event["summary"] for event in page["items"]]


@pytest.fixture
def three(connected: Application) -> Application:
    """Interviews of three days, made in another order; that of the 10th is deleted."""
    for day, key in (("11", "c"), ("09", "a"), ("10", "b")):
        times = {name: {"dateTime": f"2027-07-{day}T{hour}:00:00Z"} for name, hour in (("start", 12), ("end", 13))}
        event = connected.made({**INTERVIEW, **times, "summary": key, "extendedProperties": {"private": {"key": key}}})
        if key == "b":
            connected.event("delete", event["id"])
    return connected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "ca"),
        ({"showDeleted": "true"}, "cab"),
        ({"singleEvents": "true", "orderBy": "startTime", "showDeleted": "true"}, "abc"),
        ({"timeMin": "2027-07-09T13:00:00Z"}, "c"),
        ({"timeMin": "2027-07-09T12:59:00Z"}, "ca"),
        ({"timeMax": "2027-07-11T13:00:00+01:00"}, "a"),
        ({"privateExtendedProperty": "key=a"}, "a"),
        ({"privateExtendedProperty": ["key=a", "key=c"]}, "ca"),
        ({"privateExtendedProperty": "key=b"}, ""),
        ({"sharedExtendedProperty": "key=a"}, ""),
        ({"q": "candidate"}, "ca"),
        ({"q": "nothing"}, ""),
        ({"updatedMin": "2020-01-01T00:00:00Z"}, "cab"),
    ],
)
def test_filters(three: Application, query: dict[str, Any], found: str) -> None:
    assert "".join(summaries(three, **query)) == found


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"orderBy": "startTime"}, "invalid"),
        ({"orderBy": "summary"}, "invalidParameter"),
        ({"timeMin": "2027-07-09T13:00:00"}, "badRequest"),
        ({"maxResults": "0"}, "invalidParameter"),
        ({"pageToken": "px"}, "invalidParameter"),
        ({"timeZone": "Mars"}, "invalidParameter"),
        ({"maxAttendees": "0"}, "invalidParameter"),
    ],
)
def test_wrong_questions(three: Application, query: dict[str, str], why: str) -> None:
    assert three.event("list", **query) == (400, why)


def test_an_event_is_found_by_its_ical_uid(three: Application) -> None:
    event = three.event("list")[1]["items"][0]
    assert summaries(three, iCalUID=event["iCalUID"]) == [event["summary"]]


def test_pages(three: Application) -> None:
    _, first = three.event("list", maxResults=2, showDeleted="true")
    assert (len(first["items"]), "nextSyncToken" in first) == (2, False)
    second = three.event("list", maxResults=2, showDeleted="true", pageToken=first["nextPageToken"])[1]
    assert (len(second["items"]), "nextPageToken" in second) == (1, False)
    assert second["nextSyncToken"]


def test_only_what_changed_since(three: Application) -> None:
    token = three.event("list")[1]["nextSyncToken"]
    assert summaries(three, syncToken=token) == []
    event = three.event("list")[1]["items"][0]
    three.steer("POST", f"events/{event['id']}/behind", {"delete": True})
    _, page = three.event("list", syncToken=token)
    assert [(each["id"], each["status"]) for each in page["items"]] == [(event["id"], "cancelled")]
    assert three.event("list", syncToken=token, timeMin="2027-07-09T13:00:00Z") == (400, "invalid")
    assert three.event("list", syncToken="unknown") == (410, "fullSyncRequired")
    three.faults(sync_token_gone=True)
    assert three.event("list", syncToken=token) == (410, "fullSyncRequired")


def test_invitations_are_listed_too(connected: Application) -> None:
    event = connected.made({**INTERVIEW, "attendees": [{"email": COLLEAGUE}]})
    connected.connect(COLLEAGUE)
    assert summaries(connected, account=COLLEAGUE) == ["Entretien"]
    connected.event("patch", event["id"], {"attendees": []})
    assert summaries(connected, account=COLLEAGUE) == []


def test_a_list_shows_only_what_is_asked_for(three: Application) -> None:
    status, page = three.event("list", fields="kind,items(summary,start/dateTime,attendees(email))")
    assert status == 200
    assert set(page) == {"kind", "items"}
    assert set(page["items"][0]) == {"summary", "start", "attendees"}
    assert set(page["items"][0]["start"]) == {"dateTime"}
    assert {tuple(each) for each in page["items"][0]["attendees"]} == {("email",)}
    for wrong in ("items(id))", "items(id", "items(id,start(dateTime)", "items[id]", ""):
        assert three.event("list", fields=wrong)[0] == 400, wrong
