"""Meet conferences of events."""

import time
from typing import Any

import pytest

from tests.unit.sandbox.emulators.google.application import HR, INTERVIEW, Application

ONLINE = {
    **INTERVIEW,
    "conferenceData": {"createRequest": {"requestId": "r1", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
}


def status_of(event: dict[str, Any]) -> str:
    status: str = event["conferenceData"]["createRequest"]["status"]["statusCode"]
    return status


def online(application: Application, **query: Any) -> dict[str, Any]:
    return application.made(ONLINE, conferenceDataVersion=1, **query)


def test_a_conference_is_there_at_once(connected: Application) -> None:
    event = online(connected)
    assert status_of(event) == "success"
    assert event["hangoutLink"] == event["conferenceData"]["entryPoints"][0]["uri"]
    assert event["conferenceData"]["conferenceId"] in event["hangoutLink"]


@pytest.mark.parametrize("query", [{}, {"conferenceDataVersion": 0}])
def test_without_the_version_nothing_is_made(connected: Application, query: dict[str, int]) -> None:
    assert not {"conferenceData", "hangoutLink"}.intersection(connected.made(ONLINE, **query))


def test_pending_until_it_was_read_often_enough(connected: Application) -> None:
    connected.faults(conference="pending", conference_gets=3)
    event = online(connected)
    assert "hangoutLink" not in event
    read = [connected.event("get", event["id"])[1] for _ in range(4)]
    assert [status_of(each) for each in read] == ["pending", "pending", "success", "success"]
    assert [each["etag"] == event["etag"] for each in read] == [True, True, False, False]
    assert read[3]["hangoutLink"].startswith("https://meet.google.com/")


def test_pending_for_some_seconds(connected: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    connected.faults(conference="pending", conference_gets=None, conference_seconds=5)
    event = online(connected)
    assert status_of(connected.event("get", event["id"])[1]) == "pending"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 6)
    assert status_of(connected.event("get", event["id"])[1]) == "success"


def test_pending_for_ever(connected: Application) -> None:
    connected.faults(conference="pending", conference_gets=None)
    event = online(connected)
    assert {status_of(connected.event("get", event["id"])[1]) for _ in range(10)} == {"pending"}


def test_a_conference_that_fails(connected: Application) -> None:
    connected.faults(conference="failure", conference_gets=1)
    event = online(connected)
    failed = connected.event("get", event["id"])[1]
    assert (status_of(failed), "hangoutLink" in failed) == ("failure", False)


def test_calendars_that_may_not_make_any(connected: Application) -> None:
    """The whole event is refused; without conference data it is taken."""
    connected.steer("PUT", f"accounts/{HR}", {"conference_types": []})
    assert connected.event("insert", body=ONLINE, conferenceDataVersion=1) == (400, "invalid")
    assert connected.steer("GET", "events")["total"] == 0
    connected.made(INTERVIEW, conferenceDataVersion=1)
    connected.steer("PUT", f"accounts/{HR}", {"conference_types": ["hangoutsMeet"]})
    connected.faults(conference="refused")
    response = connected.call("events.insert", "/calendars/primary/events", ONLINE, conferenceDataVersion=1)
    assert b'"message":"Invalid conference type value."' in response.body


@pytest.mark.parametrize(
    "data",
    [
        {"createRequest": {"conferenceSolutionKey": {"type": "hangoutsMeet"}}},
        {"createRequest": {"requestId": "r", "conferenceSolutionKey": {"type": "eventHangout"}}},
        {"entryPoints": [{"entryPointType": "video", "uri": "https://meet.google.com/aaa-bbbb-ccc"}]},
    ],
    ids=["without id", "old kind", "copied"],
)
def test_requests_that_are_refused(connected: Application, data: dict[str, Any]) -> None:
    status, _ = connected.event("insert", body={**INTERVIEW, "conferenceData": data}, conferenceDataVersion=1)
    assert status == 400


def test_the_same_request_changes_nothing_and_a_new_one_does(connected: Application) -> None:
    event = online(connected)
    again = {"conferenceData": ONLINE["conferenceData"]}
    same = connected.event("patch", event["id"], again, conferenceDataVersion=1)[1]
    assert (same["hangoutLink"], same["etag"]) == (event["hangoutLink"], event["etag"])
    written_back = connected.event("update", event["id"], event, conferenceDataVersion=1)[1]
    assert written_back["hangoutLink"] == event["hangoutLink"]
    new = {"conferenceData": {"createRequest": {"requestId": "r2"}}}
    other = connected.event("patch", event["id"], new, conferenceDataVersion=1)[1]
    assert other["hangoutLink"] != event["hangoutLink"]


def test_how_a_conference_stays_and_goes(connected: Application) -> None:
    event = online(connected)
    kept = connected.event("patch", event["id"], {"summary": "x"}, conferenceDataVersion=1)[1]
    assert kept["hangoutLink"] == event["hangoutLink"]
    ignored = connected.event("patch", event["id"], {"conferenceData": None})[1]
    assert ignored["hangoutLink"] == event["hangoutLink"]
    gone = connected.event("patch", event["id"], {"conferenceData": None}, conferenceDataVersion=1)[1]
    assert not {"conferenceData", "hangoutLink"}.intersection(gone)
    second = online(connected)
    lost = connected.event("update", second["id"], INTERVIEW, conferenceDataVersion=1)[1]
    assert "hangoutLink" not in lost
