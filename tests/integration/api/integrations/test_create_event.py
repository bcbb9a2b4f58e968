"""The dialog's one call: an interview, its event, and its link, for whoever waits; once, however often it is asked
for.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.api import Answer
from tests.integration.api.integrations.conftest import (
    ACCOUNT,
    CANDIDATE,
    FOREIGNER,
    RECRUITER,
    URL,
    Connecting,
    new_event,
)
from worker.catalogue.interviews import CANCEL_EVENT, READ_CALENDARS, ReadCalendars
from worker.kit.database import execute
from worker.ledger.enqueue import enqueue

SLUGS = pytest.mark.parametrize("slug", ["google-calendar", "outlook"])
LINK = {"google-calendar": "meet_link", "outlook": "teams_link"}


def ask(connecting: Connecting, slug: str, asked: Mapping[str, Any], **headers: str) -> Answer:
    with connecting.working():
        return connecting.recruiter.post(f"{URL}/{slug}/create-event", dict(asked), headers=headers)


def events(connecting: Connecting, slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connecting.emulator(slug).events(live=True)  # type: ignore[attr-defined]
    return found


def patch(connecting: Connecting, path: str, **members: Any) -> Answer:
    return connecting.recruiter.call("PATCH", path, json=members)


@SLUGS
def test_an_event_is_answered_with_its_address_and_its_link(connecting: Connecting, slug: str) -> None:
    connecting.connect(slug)
    asked = new_event(connecting)
    answer = ask(connecting, slug, asked)
    assert answer.status_code == 200, answer.text
    assert answer.json["event_id"]
    assert answer.json["event_url"].startswith("http")
    [row] = connecting.rows("select * from interview_schedules where calendar is not null")
    assert (row["id"], row["duration_minutes"], row["status"]) == (answer.json["interview_id"], 45, "SCHEDULED")
    assert row["meeting_link"] == answer.json[LINK[slug]]
    assert len(events(connecting, slug)) == 1


@SLUGS
def test_asked_again_it_is_the_same_event(connecting: Connecting, slug: str) -> None:
    connecting.connect(slug)
    asked = new_event(connecting)
    first = ask(connecting, slug, asked)
    again = ask(connecting, slug, asked)
    assert (again.status_code, again.json["event_id"]) == (200, first.json["event_id"])
    keyed = {"Idempotency-Key": "a click"}
    assert ask(connecting, slug, asked, **keyed).json["event_id"] == first.json["event_id"]
    assert ask(connecting, slug, asked, **keyed).status_code == 200
    assert ask(connecting, slug, {**asked, "title": "Autre"}, **keyed).status_code == 409
    assert len(events(connecting, slug)) == 1


@SLUGS
def test_without_a_connection_nothing_is_planned(connecting: Connecting, slug: str) -> None:
    answer = ask(connecting, slug, new_event(connecting))
    assert answer.status_code == 400
    assert "connecté" in answer.json["detail"]
    assert connecting.rows("select 1 from interview_schedules where calendar is not null") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"end_time": "2027-07-09T09:00:00Z", "start_time": "2027-07-09T10:00:00Z"},
        {"start_time": "2020-01-01T10:00:00Z", "end_time": "2020-01-01T11:00:00Z"},
        {"start_time": "2027-07-09T09:00:00Z", "end_time": "2027-07-10T09:00:00Z"},
        {"timezone": "Mars/Olympus"},
        {"attendees": ["nobody"]},
        {"title": " "},
    ],
)
def test_what_makes_no_sense_is_refused(connecting: Connecting, wrong: dict[str, Any]) -> None:
    connecting.connect()
    answer = connecting.recruiter.post(f"{URL}/google-calendar/create-event", new_event(connecting, **wrong))
    assert answer.status_code == 422, answer.text
    assert isinstance(answer.json["detail"], str)


def test_another_companys_application_is_forbidden(connecting: Connecting) -> None:
    connecting.connect(user_id=FOREIGNER)
    asked = new_event(connecting)
    assert connecting.user(FOREIGNER).post(f"{URL}/google-calendar/create-event", asked).status_code == 403
    assert connecting.user(CANDIDATE).post(f"{URL}/google-calendar/create-event", asked).status_code == 403
    assert (
        connecting.user(RECRUITER)
        .post(f"{URL}/google-calendar/create-event", {**asked, "application_id": 99})
        .status_code
        == 404
    )


def test_what_was_made_with_another_account_is_changed_there_until_it_is_connected_again(
    connecting: Connecting,
) -> None:
    """It keeps its link, and nothing of it is written to the new account's calendar."""
    connecting.connect()
    made = ask(connecting, "google-calendar", new_event(connecting))
    address = f"/api/interviews/{made.json['interview_id']}"
    connecting.connect(account="perso@exemple.cm")
    shown = connecting.recruiter.get(address).json
    assert (shown["lost_account"], shown["meeting_link"]) == (ACCOUNT, made.json["meet_link"])
    assert "lost_account" not in connecting.user(CANDIDATE).get(address).json
    refused = patch(connecting, address, title="Autre")
    assert refused.status_code == 409
    assert ACCOUNT in refused.json["detail"]
    assert patch(connecting, address, title=shown["title"], round=2).json["round"] == 2
    [event] = events(connecting, "google-calendar")
    connecting.connect()
    assert connecting.recruiter.get(address).json["lost_account"] is None
    changed = patch(connecting, address, title="Autre")
    assert (changed.status_code, events(connecting, "google-calendar")) == (200, [event])
    [run] = connecting.rows("select payload from task_runs where task = 'interviews.update_event'")
    assert run["payload"] == {"interview_id": made.json["interview_id"]}


@pytest.mark.parametrize("known", [False, True], ids=["before it is read back", "after"])
def test_what_was_deleted_in_the_calendar_is_canceled_here_without_ado(connecting: Connecting, *, known: bool) -> None:
    """The time is free again, and the calendar is asked once at most."""
    connecting.connect()
    asked = new_event(connecting)
    start = (datetime.now(UTC) + timedelta(hours=30)).replace(microsecond=0)
    asked |= {"start_time": start.isoformat(), "end_time": (start + timedelta(hours=1)).isoformat()}
    made = ask(connecting, "google-calendar", asked).json
    connecting.google.behind(made["event_id"], delete=True)
    if known:
        read_back(connecting)
    counted = connecting.google.counters()
    answer = patch(connecting, f"/api/interviews/{made['interview_id']}/status", status="canceled")
    assert (answer.status_code, answer.json["status"]) == (200, "canceled")
    connecting.work()
    after = connecting.google.counters()
    assert sum(after.values()) - sum(counted.values()) == (0 if known else 1)
    open_runs = "select 1 from task_runs where state in ('queued', 'running', 'failed') and task = %s"
    assert connecting.rows(open_runs, CANCEL_EVENT.name) == []
    told = [each["title"] for each in connecting.notifications() if "Entretien" in each["title"]]
    assert told == ["Entretien annulé : Paul Ndong"] * known
    assert {mail["kind"] for mail in connecting.google.mails()} == {"invitation"}
    again = ask(connecting, "google-calendar", asked).json
    assert again["interview_id"] != made["interview_id"]
    assert len(events(connecting, "google-calendar")) == 1


def read_back(connecting: Connecting) -> None:
    """A quarter of an hour later."""
    with connecting.api.database.transaction() as connection:
        execute(connection, "update interview_schedules set event_checked_at = now() - interval '15 minutes'")
        enqueue(connection, READ_CALENDARS, ReadCalendars())
    connecting.work()
