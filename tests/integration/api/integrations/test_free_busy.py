"""Connected calendars are looked into before a time is proposed or taken; one that cannot be is named."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI

from tests.factories import main_web_app
from tests.factories.api import Answer, Api
from tests.integration.api.integrations.conftest import ACCOUNT, COLLEAGUE, FOREIGNER, RECRUITER, Connecting
from worker.kit.settings import Settings

URL = "/api/interviews"
ZONE = "Africa/Libreville"
ALWAYS_OPEN = {"days": [1, 2, 3, 4, 5, 6, 7], "skip_holidays": False, "notice_hours": 0, "pause_minutes": 0}


class Planning:
    """A recruiter who looks for a time for one application."""

    def __init__(self, connecting: Connecting) -> None:
        self.connecting = connecting
        job = connecting.app(lambda connection: main_web_app.insert_job(connection, "Comptable"))
        self.application = connecting.app(lambda connection: main_web_app.insert_application(connection, job, 1))
        answer = connecting.recruiter.call("PUT", f"{URL}/settings", json=ALWAYS_OPEN)
        assert answer.status_code == 200, answer.text

    def suggested(self, **query: Any) -> dict[str, Any]:
        return self._asked("suggestions", query)

    def met(self, start: datetime, **query: Any) -> dict[str, Any]:
        """What stands against an hour from this instant."""
        return self._asked("overlaps", {"scheduled_at": start.isoformat(), **query})

    def event(self, start: datetime) -> Answer:
        """An interview of an hour with its event in Google's calendar."""
        body = {
            "application_id": self.application,
            "title": "Entretien",
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(hours=1)).isoformat(),
            "attendees": [],
        }
        with self.connecting.working():
            return self.connecting.recruiter.post("/api/integrations/google-calendar/create-event", body)

    def _asked(self, what: str, query: dict[str, Any]) -> dict[str, Any]:
        values = {"application_id": self.application, "timezone": ZONE, **query}
        with self.connecting.working():
            answer = self.connecting.recruiter.get(f"{URL}/{what}", query_string=values)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


@pytest.fixture
def planning(connecting: Connecting) -> Planning:
    return Planning(connecting)


def hour(number: int, *, days: int = 2) -> datetime:
    """On the clock of Libreville, which is an hour ahead of UTC."""
    today = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return today.replace(hour=number - 1) + timedelta(days=days)


def busy(start: datetime, minutes: int = 60, **more: Any) -> dict[str, Any]:
    return {"start": start.isoformat(), "end": (start + timedelta(minutes=minutes)).isoformat(), **more}


def codes(found: dict[str, Any]) -> list[str]:
    return [each["code"] for each in found["warnings"]]


def starts(found: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(each["start"]) for each in found["suggestions"]]


def test_a_calendar_s_own_entries_are_no_free_times_and_shared_accounts_count_once(
    connecting: Connecting, planning: Planning
) -> None:
    connecting.connect()
    connecting.connect(user_id=COLLEAGUE)
    assert len(connecting.credentials()) == 2
    today, first = hour(1, days=0), hour(17, days=1)
    until_then = {"start": today.isoformat(), "end": first.isoformat()}
    connecting.google.steer("PUT", f"accounts/{ACCOUNT}", busy=[until_then, busy(hour(9))])
    before = connecting.google.counters().get("freebusy.query", 0)
    found = planning.suggested()
    assert found["unknown_calendars"] == []
    assert starts(found)[0] == first
    warned = planning.met(hour(9), user_ids=[COLLEAGUE])
    assert warned["warnings"] == [
        {
            "code": "calendar_busy",
            "message": f"Google Calendar ({ACCOUNT}) : occupé à cette heure.",
            "interview_id": None,
        }
    ]
    assert connecting.google.counters()["freebusy.query"] == before + 2
    assert planning.met(hour(11))["warnings"] == []
    made = [planning.event(hour(11)).json["event_id"] for _ in range(2)]
    assert [each["event"]["id"] for each in connecting.google.events(live=True)] == [made[0]] == [made[1]]


def test_an_interview_never_stands_in_its_own_way(connecting: Connecting, planning: Planning) -> None:
    connecting.connect()
    made = planning.event(hour(9))
    assert made.status_code == 200, made.text
    half_past = hour(9) + timedelta(minutes=30)
    assert codes(planning.met(half_past)) == ["recruiter_busy", "candidate_busy"]
    own = {"interview_id": made.json["interview_id"]}
    assert planning.met(half_past, **own)["warnings"] == []
    assert len(starts(planning.suggested(**own))) == 3
    connecting.google.steer("PUT", f"accounts/{ACCOUNT}", busy=[busy(hour(10), 30)])
    assert codes(planning.met(half_past, **own)) == ["calendar_busy"]
    connecting.google.steer("PUT", f"accounts/{ACCOUNT}", busy=[])
    moved = connecting.recruiter.call(
        "PATCH", f"{URL}/{made.json['interview_id']}", json={"scheduled_at": hour(13).isoformat()}
    )
    assert moved.status_code == 200, moved.text
    assert [planning.met(start, **own)["warnings"] for start in (hour(9), hour(13))] == [[], []]
    query = {"application_id": planning.application, "scheduled_at": half_past.isoformat(), "interview_id": 9}
    assert connecting.recruiter.get(f"{URL}/overlaps", query_string=query).status_code == 404


def test_of_a_day_in_outlook_only_what_occupies_counts(connecting: Connecting, planning: Planning) -> None:
    connecting.microsoft.steer("PUT", f"accounts/{ACCOUNT}", kind="personal")
    connecting.connect("outlook")
    away = hour(1, days=3).replace(tzinfo=None)
    entries = [
        busy(hour(8), show_as="free"),
        busy(hour(9), show_as="tentative"),
        busy(hour(10), cancelled=True),
        busy(hour(11), response="declined"),
        busy(hour(12), show_as="workingElsewhere"),
        {
            "start": away.isoformat(),
            "end": (away + timedelta(days=1)).isoformat(),
            "show_as": "oof",
            "all_day": True,
        },
    ]
    connecting.microsoft.steer("PUT", f"accounts/{ACCOUNT}", busy=entries)
    assert {number: codes(planning.met(hour(number))) for number in range(8, 13)} == {
        8: [],
        9: ["calendar_tentative"],
        10: [],
        11: [],
        12: [],
    }
    assert "provisoire" in planning.met(hour(9))["warnings"][0]["message"]
    # Midnight of the day in Libreville, its last hour, and the hours around.
    first, last = hour(24, days=2), hour(23, days=3)
    assert [codes(planning.met(start)) for start in (first, last)] == [["calendar_out_of_office"]] * 2
    assert [codes(planning.met(start)) for start in (hour(23, days=2), hour(24, days=3))] == [[], []]


def test_who_did_not_grant_it_is_not_free_but_unknown(connecting: Connecting, planning: Planning) -> None:
    connecting.connect(scopes=["openid", "email", "https://www.googleapis.com/auth/calendar.events"])
    expected = {
        "provider": "google_calendar",
        "account": ACCOUNT,
        "reason": "L’accès aux disponibilités de Google Calendar n’a pas été accordé.",
    }
    assert connecting.status()["google_calendar"]["is_connected"] is True
    assert planning.event(hour(9)).status_code == 200
    found = planning.suggested()
    assert (len(found["suggestions"]), found["unknown_calendars"]) == (3, [expected])
    assert planning.met(hour(11)) == {"warnings": [], "unknown_calendars": [expected]}


def test_colleagues_without_a_calendar_are_asked_about_and_named_where_nobody_tells(
    connecting: Connecting, planning: Planning
) -> None:
    def nobody(email: str) -> dict[str, Any]:
        return {
            "provider": None,
            "account": email,
            "reason": "Aucun calendrier n’est connecté pour cette personne.",
        }

    mine, colleagues = nobody("awa.mba@example.org"), nobody("rose.mba@example.org")
    asked = {"user_ids": [COLLEAGUE, FOREIGNER]}
    assert planning.met(hour(9), **asked) == {"warnings": [], "unknown_calendars": [mine, colleagues]}
    found = planning.suggested()
    assert (len(found["suggestions"]), found["unknown_calendars"]) == (3, [mine])
    tasks = ["interviews.suggest_times", "interviews.check_time"]
    assert connecting.rows("select task from task_runs where task = any(%s)", tasks) == []

    connecting.microsoft.steer("PUT", "accounts/rose.mba@example.org", kind="work", busy=[busy(hour(9))])
    connecting.connect("outlook")
    found = planning.met(hour(9), **asked)
    assert found["unknown_calendars"] == []
    assert [each["message"] for each in found["warnings"]] == ["rose.mba@example.org : occupé à cette heure."]
    connecting.microsoft.steer("PUT", "accounts/rose.mba@example.org", mailbox=False)
    assert planning.met(hour(9), **asked) == {"warnings": [], "unknown_calendars": [colleagues]}
    connecting.microsoft.steer("PUT", f"accounts/{ACCOUNT}", mailbox=False)
    [own, other] = planning.met(hour(9), **asked)["unknown_calendars"]
    assert own["reason"] == "Ce compte n’a pas de boîte aux lettres, donc pas de calendrier."
    assert other == colleagues


WITH_COLLEAGUES = ["openid", "profile", "offline_access", "User.Read", "Calendars.ReadWrite", "Calendars.Read.Shared"]


def test_times_that_microsoft_proposes_to_an_organisation_come_first_and_its_refusal_changes_nothing(
    connecting: Connecting, planning: Planning
) -> None:
    microsoft = connecting.microsoft
    days = next(days for days in (1, 2, 3) if hour(8, days=days).isoweekday() <= 5)
    until_then = {"start": hour(1, days=0).isoformat(), "end": hour(8, days=days).isoformat()}
    # The mailbox is at work from ten on Libreville's clock, the company from eight.
    microsoft.steer("PUT", f"accounts/{ACCOUNT}", busy=[until_then], time_zone="Cape Verde Standard Time")
    microsoft.steer("PUT", "accounts/rose.mba@example.org", kind="work", busy=[busy(hour(11, days=days))])

    def suggested() -> list[float]:
        found = planning.suggested(user_ids=[COLLEAGUE])
        assert found["unknown_calendars"] == []
        return [1 + (start - hour(1, days=days)) / timedelta(hours=1) for start in starts(found)]

    def proposals() -> int:
        return microsoft.counters().get("calendar.find_times", 0)

    connecting.connect("outlook")
    assert (suggested(), proposals()) == ([8, 9, 10], 0)
    connecting.connect("outlook", scopes=WITH_COLLEAGUES)
    assert (suggested(), proposals()) == ([10, 12, 13], 1)
    opens_late = {**ALWAYS_OPEN, "opens_at": "15:30", "pause_minutes": 20}
    assert connecting.recruiter.call("PUT", f"{URL}/settings", json=opens_late).status_code == 200
    assert suggested()[0] == 15.5
    assert connecting.recruiter.call("PUT", f"{URL}/settings", json=ALWAYS_OPEN).status_code == 200
    notified = connecting.notifications()
    for number, status in enumerate((403, 401, 400, 503), start=3):
        microsoft.faults(only="calendar.find_times", graph_error={"status": status, "code": "ErrorAccessDenied"})
        assert (suggested(), proposals()) == ([8, 9, 10], number)
    assert connecting.status()["outlook_calendar"]["is_connected"] is True
    assert connecting.notifications() == notified
    [kept] = connecting.credentials()
    assert (kept["state"], kept["last_error"]) == ("connected", None)
    microsoft.faults()
    microsoft.steer("PUT", f"accounts/{ACCOUNT}", kind="personal")
    connecting.connect("outlook", scopes=WITH_COLLEAGUES)
    assert (planning.suggested()["unknown_calendars"], proposals()) == ([], 6)


def test_what_does_not_answer_is_said_to_be_unknown(
    connecting: Connecting, planning: Planning, make_app: Callable[[Settings], OpenAPI], settings: Settings
) -> None:
    connecting.connect()
    connecting.faults("google", only="freebusy.query", error_5xx=1.0)
    assert [each["reason"] for each in planning.met(hour(9))["unknown_calendars"]] == ["Ce calendrier n’a pas répondu."]
    connecting.google.expire()
    connecting.faults("google")
    assert planning.met(hour(9))["unknown_calendars"] == []

    app = make_app(settings.model_copy(update={"interactive_wait": 0.1}))
    alone = Api(app, app.test_client(), connecting.api.database, connecting.api.worker)
    query = {"application_id": planning.application, "scheduled_at": hour(9).isoformat(), "timezone": ZONE}
    alone.headers.update(connecting.user(RECRUITER).headers)
    for what in ("overlaps", "suggestions"):
        answer = alone.get(f"{URL}/{what}", query_string=query)
        assert answer.status_code == 200, answer.text
        assert [each["reason"] for each in answer.json["unknown_calendars"]] == ["Ce calendrier n’a pas répondu."]

    connecting.work()
    connecting.google.revoke(ACCOUNT)
    connecting.google.expire()
    asked = connecting.google.counters()
    for _ in range(2):
        [unknown] = planning.met(hour(9))["unknown_calendars"]
        assert unknown["reason"] == "Ce calendrier doit d’abord être reconnecté."
    assert connecting.google.counters()["freebusy.query"] == asked["freebusy.query"] + 1
