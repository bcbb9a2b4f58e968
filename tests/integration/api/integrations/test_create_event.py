"""The dialog's one call: an interview, its event, and its link, for whoever waits; once, however often it is asked
for.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.factories.api import Answer
from tests.integration.api.integrations.conftest import CANDIDATE, FOREIGNER, RECRUITER, URL, Connecting

SLUGS = pytest.mark.parametrize("slug", ["google-calendar", "outlook"])
LINK = {"google-calendar": "meet_link", "outlook": "teams_link"}


def body(connecting: Connecting, **members: Any) -> dict[str, Any]:
    """As the front-end sends it: instants with Z, the candidate's address among the guests."""
    job = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable"))
    number = connecting.app(lambda connection: main_web_app.insert_application(connection, job, 1))
    start = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    return {
        "application_id": number,
        "title": "Entretien",
        "description": "Bonjour",
        "start_time": start.isoformat().replace("+00:00", "Z"),
        "end_time": (start + timedelta(minutes=45)).isoformat().replace("+00:00", "Z"),
        "attendees": ["collegue@exemple.cm"],
        "create_meeting_link": True,
        "timezone": "Africa/Libreville",
        **members,
    }


def ask(connecting: Connecting, slug: str, asked: Mapping[str, Any], **headers: str) -> Answer:
    with connecting.working():
        return connecting.recruiter.post(f"{URL}/{slug}/create-event", dict(asked), headers=headers)


def events(connecting: Connecting, slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = connecting.emulator(slug).events(live=True)  # type: ignore[attr-defined]
    return found


@SLUGS
def test_an_event_is_answered_with_its_address_and_its_link(connecting: Connecting, slug: str) -> None:
    connecting.connect(slug)
    asked = body(connecting)
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
    asked = body(connecting)
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
    answer = ask(connecting, slug, body(connecting))
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
    answer = connecting.recruiter.post(f"{URL}/google-calendar/create-event", body(connecting, **wrong))
    assert answer.status_code == 422, answer.text
    assert isinstance(answer.json["detail"], str)


def test_another_companys_application_is_forbidden(connecting: Connecting) -> None:
    connecting.connect(user_id=FOREIGNER)
    asked = body(connecting)
    assert connecting.user(FOREIGNER).post(f"{URL}/google-calendar/create-event", asked).status_code == 403
    assert connecting.user(CANDIDATE).post(f"{URL}/google-calendar/create-event", asked).status_code == 403
    assert (
        connecting.user(RECRUITER)
        .post(f"{URL}/google-calendar/create-event", {**asked, "application_id": 99})
        .status_code
        == 404
    )
