"""What people do with events in the calendar itself, read back by the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.enums import IntegrationProvider
from tests.factories import accounts, main_web_app
from tests.integration.services.interviews.agenda import ACCOUNT, SERVICES, Agenda
from worker.catalogue import interviews
from worker.contracts.providers import GOOGLE, MICROSOFT
from worker.kit.database import Row
from worker.services.interviews import following
from worker.services.interviews.following import Known

AWA = "awa@example.org"
LIST = {"google": "events.list", "microsoft": "calendar.view"}


@pytest.fixture
def start(ahead: datetime) -> datetime:
    return ahead


def made(agenda: Agenda) -> Agenda:
    """The event stands in the calendar, and that is a while ago."""
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.drain()
    return later(agenda)


def later(agenda: Agenda) -> Agenda:
    agenda.platform.change("update interview_schedules set event_checked_at = event_checked_at - interval '20 minutes'")
    agenda.platform.change("delete from rate_limits")
    return agenda


def read(agenda: Agenda) -> Row:
    """By the clock: what has to be read is read; the run of the account."""
    later(agenda).platform.enqueue(interviews.READ_CALENDARS, interviews.ReadCalendars())
    agenda.platform.drain()
    runs = agenda.platform.rows(
        "select * from task_runs where task = %s order by id desc", interviews.READ_CALENDAR.name
    )
    return runs[0] if runs else {}


def told(agenda: Agenda) -> Sequence[tuple[int, str, int]]:
    """Whom the bell tells what, and of which application."""
    rows = agenda.platform.rows("select user_id, title, related_application_id from notifications order by id")
    return [(row["user_id"], row["title"], row["related_application_id"]) for row in rows]


def titles(agenda: Agenda) -> list[str]:
    return [title for _, title, _ in told(agenda)]


def calls(agenda: Agenda) -> int:
    return sum(agenda.emulator.counters().values())


def hour(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@SERVICES
def test_what_was_deleted_in_the_calendar_is_canceled_and_the_recruiter_told_once(agenda: Agenda) -> None:
    """Nobody writes to the candidate, the event is not made anew, and cancelling afterwards asks no calendar."""
    agenda.emulator.behind(str(made(agenda).event_id), delete=True)
    assert read(agenda)["result"] == {"read": 1, "deleted": 1}
    row = agenda.row()
    assert (row["status"], row["canceled_by"], agenda.event_id) == ("CANCELED", "calendar", None)
    assert row["event_generation"] == row["generation"]
    assert told(agenda) == [(1, "Entretien annulé : Paul Ndong", row["application_id"])]
    assert agenda.mails("cancellation") == 0
    before = calls(agenda)
    read(agenda)
    assert agenda.tell(interviews.CANCEL_EVENT)["result"] == {"event": "none"}
    assert (calls(agenda), len(told(agenda)), agenda.live()) == (before, 1, [])


@SERVICES
def test_what_was_moved_in_the_calendar_moves_the_interview(agenda: Agenda) -> None:
    moved = made(agenda).start + timedelta(hours=2)
    agenda.emulator.behind(str(agenda.event_id), guest=AWA, response="accepted")
    agenda.emulator.behind(str(agenda.event_id), start=hour(moved))
    assert read(agenda)["result"] == {"read": 1, "moved": 1}
    row = agenda.row()
    assert (row["scheduled_at"], row["status"], row["moved_from"]) == (moved, "RESCHEDULED", agenda.start)
    assert (row["generation"], row["event_generation"], row["confirmation_received"]) == (1, 1, False)
    assert told(agenda) == [(1, "Entretien déplacé : Paul Ndong", row["application_id"])]
    agenda.platform.drain()
    assert agenda.mails("update") == 0
    assert read(agenda)["result"] == {"read": 1}
    assert len(told(agenda)) == 1


@SERVICES
def test_answers_of_the_candidate_confirm_and_take_back(agenda: Agenda) -> None:
    event = str(made(agenda).event_id)
    agenda.emulator.behind(event, guest=AWA, response="accepted")
    assert read(agenda)["result"] == {"read": 1, "accepted": 1}
    row = agenda.row()
    assert (row["status"], row["confirmation_received"], row["candidate_response"]) == ("CONFIRMED", True, "accepted")
    assert read(agenda)["result"] == {"read": 1}
    agenda.emulator.behind(event, guest=AWA, response="declined")
    assert read(agenda)["result"] == {"read": 1, "declined": 1}
    row = agenda.row()
    assert (row["status"], row["confirmation_received"], row["candidate_response"]) == ("SCHEDULED", False, "declined")
    assert titles(agenda) == ["Entretien confirmé : Paul Ndong", "Invitation déclinée : Paul Ndong"]
    assert len(agenda.live()) == 1
    assert row["generation"] == 0


@SERVICES
def test_a_move_of_ours_is_no_news_and_asks_for_the_candidates_word_anew(agenda: Agenda) -> None:
    event = str(made(agenda).event_id)
    agenda.emulator.behind(event, guest=AWA, response="accepted")
    moved = "scheduled_at = scheduled_at + interval '1 hour', status = 'RESCHEDULED', moved_at = now()"
    agenda.change(f"{moved}, candidate_response = null")
    assert read(agenda) == {}
    assert agenda.tell(interviews.UPDATE_EVENT)["state"] == "succeeded"
    assert read(agenda)["result"] == {"read": 1}
    row = agenda.row()
    assert (row["status"], row["candidate_response"], told(agenda)) == ("RESCHEDULED", "accepted", [])


@SERVICES
def test_one_list_tells_all_interviews_of_an_account(agenda: Agenda) -> None:
    made(agenda)
    others = [another(agenda, hours) for hours in (2, 5, 20)]
    before = agenda.emulator.counters()
    assert read(agenda)["result"] == {"read": 4}
    after = agenda.emulator.counters()
    assert {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)} == {
        LIST[agenda.service]: 1
    }
    checked = "select id from interview_schedules where event_checked_at > now() - interval '1 minute'"
    assert len(agenda.platform.rows(checked)) == len(others) + 1


def another(agenda: Agenda, hours: int) -> int:
    """One more interview of the account."""

    def insert(connection: Any) -> int:
        job = main_web_app.insert_job(connection, "Développeur")
        return main_web_app.insert_application(connection, job, 2)

    application = agenda.platform.app(insert)
    row = agenda.platform.row(
        """
        insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, candidate_email,
               status, calendar, credential_id, timezone, created_at)
        select %s, 1, 'Entretien', %s, 'lea@example.org', 'SCHEDULED', calendar, credential_id, 'Africa/Libreville',
               now()
          from interview_schedules where id = %s
        returning id
        """,
        application,
        datetime.now(UTC) + timedelta(hours=hours),
        agenda.interview,
    )
    agenda.platform.enqueue(interviews.CREATE_EVENT, interviews.ForInterview(interview_id=row["id"]))
    agenda.platform.drain()
    return int(row["id"])


def test_what_lies_further_ahead_or_is_over_is_not_read(agenda: Agenda) -> None:
    made(agenda)
    for sets in ("scheduled_at = now() + interval '49 hours'", "scheduled_at = now() - interval '1 minute'"):
        agenda.platform.change(f"update interview_schedules set {sets}")
        assert read(agenda) == {}
    agenda.platform.change("update interview_schedules set scheduled_at = %s, status = 'COMPLETED'", agenda.start)
    assert read(agenda) == {}


def test_a_moved_event_is_found_wherever_it_went(agenda: Agenda) -> None:
    far = made(agenda).start + timedelta(days=30)
    agenda.emulator.behind(str(agenda.event_id), start=hour(far))
    assert read(agenda)["result"] == {"read": 1, "moved": 1}
    assert agenda.row()["scheduled_at"] == far


def test_strange_answers_and_failures_change_nothing(agenda: Agenda) -> None:
    made(agenda)
    before = agenda.row()
    agenda.emulator.faults(html_503=1.0)
    assert read(agenda)["state"] == "queued"
    agenda.emulator.faults(refuse="accessNotConfigured", times=1)
    assert read(agenda)["gate"] == "provider:google"
    agenda.emulator.faults()
    agenda.platform.change("delete from park_gates")
    whole = {name: {"date": f"{agenda.start + day:%Y-%m-%d}", "dateTime": None} for name, day in DAYS.items()}
    agenda.emulator.behind(str(agenda.event_id), set=whole)
    assert read(agenda)["result"] == {"read": 1, "nothing": 1}
    after = agenda.row()
    for name in ("scheduled_at", "status", "generation", "google_event_id", "confirmation_received"):
        assert after[name] == before[name], name
    assert titles(agenda) == ["Événement à vérifier : Paul Ndong"]


DAYS = {"start": timedelta(0), "end": timedelta(days=1)}


@SERVICES
def test_a_lost_account_waits_and_is_read_once_it_is_connected_again(agenda: Agenda) -> None:
    agenda.emulator.behind(str(made(agenda).event_id), delete=True)
    agenda.emulator.revoke(ACCOUNT)
    agenda.emulator.expire()
    run = read(agenda)
    for _ in range(3):
        run = agenda.platform.step(run["id"])
    assert (run["state"], run["gate"]) == ("queued", f"{agenda.service}:account:{agenda.credential}")
    asked = calls(agenda)
    read(agenda)
    assert (calls(agenda), agenda.row()["status"]) == (asked, "SCHEDULED")
    provider = GOOGLE if agenda.service == "google" else MICROSOFT
    client = agenda.wiring.accounts(agenda.service)
    accounts.connect(agenda.platform.do, agenda.wiring.settings, provider, agenda.emulator, client, ACCOUNT)
    assert agenda.platform.step(run["id"])["result"] == {"read": 1, "deleted": 1}


def test_a_limit_that_is_reached_keeps_the_account_from_being_asked(agenda: Agenda) -> None:
    made(agenda)
    agenda.emulator.faults(rate_limit=1.0, retry_after=600)
    run = read(agenda)
    assert (run["state"], run["attempt"]) == ("queued", 0)
    asked = calls(agenda)
    agenda.emulator.faults()
    assert agenda.platform.step(run["id"])["state"] == "queued"
    assert calls(agenda) == asked
    agenda.platform.change("delete from rate_limits")
    agenda.platform.change("update task_runs set reserved_at = null")
    assert agenda.platform.step(run["id"])["result"] == {"read": 1}


def test_an_older_state_than_the_one_we_know_is_no_news(agenda: Agenda) -> None:
    """A list may come from a copy that lags behind."""
    moved = made(agenda).start + timedelta(hours=2)
    agenda.emulator.behind(str(agenda.event_id), start=hour(moved))
    agenda.platform.change("update interview_schedules set event_changed_at = now() + interval '1 hour'")
    assert read(agenda)["result"] == {"read": 1, "nothing": 1}
    assert agenda.row()["scheduled_at"] == agenda.start


def test_what_was_changed_while_the_calendar_was_read_is_newer_than_what_was_read(agenda: Agenda) -> None:
    row = made(agenda).row()
    known = Known(row["id"], row["google_event_id"], None, row["generation"], agenda.start, agenda.start)

    def followed(**older: Any) -> str:
        seen = replace(known, **older)
        kind = IntegrationProvider.GOOGLE_CALENDAR
        return agenda.platform.do(lambda connection: following.follow(connection, seen, None, kind))

    assert followed(generation=row["generation"] - 1) == "nothing"
    assert followed(event_id="another") == "nothing"
    agenda.platform.change("insert into interview_calls values (%s, 'update', 1, '')", row["id"])
    assert followed() == "nothing"
    agenda.platform.change("delete from interview_calls")
    agenda.platform.change("update interview_schedules set generation = generation + 1")
    assert followed(generation=row["generation"] + 1) == "nothing"
    assert agenda.row()["status"] == "SCHEDULED"
    agenda.platform.change("update interview_schedules set event_generation = generation")
    assert followed(generation=row["generation"] + 1) == "deleted"


@SERVICES
def test_whoever_changes_an_interview_whose_event_is_gone_wants_it_to_take_place(agenda: Agenda) -> None:
    agenda.emulator.behind(str(made(agenda).event_id), delete=True)
    agenda.change("scheduled_at = scheduled_at + interval '1 hour', status = 'RESCHEDULED'")
    agenda.tell(interviews.UPDATE_EVENT)
    agenda.platform.drain()
    [event] = agenda.live()
    assert (agenda.event_id, agenda.row()["status"]) == (event["id"], "RESCHEDULED")
    assert agenda.mails("invitation") == 2


def test_an_event_that_is_deleted_before_we_know_of_it_ends_the_interview(agenda: Agenda) -> None:
    agenda.emulator.faults(drop_after=1.0, times=1, only=["events.insert"])
    run = agenda.tell(interviews.CREATE_EVENT)
    agenda.emulator.behind(agenda.live()[0]["id"], delete=True)
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    row = agenda.row()
    assert (row["status"], row["canceled_by"], agenda.event_id, len(told(agenda))) == ("CANCELED", "calendar", None, 1)
    assert agenda.live() == []


@SERVICES
def test_what_the_candidate_answered_shortly_before_a_change_of_ours_is_news_still(agenda: Agenda) -> None:
    agenda.emulator.behind(str(made(agenda).event_id), guest=AWA, response="declined")
    agenda.change("title = 'Entretien final'")
    assert agenda.tell(interviews.UPDATE_EVENT)["state"] == "succeeded"
    assert read(agenda)["result"] == {"read": 1, "declined": 1}
    assert read(agenda)["result"] == {"read": 1}
    assert titles(agenda) == ["Invitation déclinée : Paul Ndong"]


@SERVICES
def test_who_declines_the_hour_that_an_event_was_moved_to_is_heard_with_the_move(agenda: Agenda) -> None:
    event = str(made(agenda).event_id)
    agenda.emulator.behind(event, start=hour(agenda.start + timedelta(hours=2)))
    agenda.emulator.behind(event, guest=AWA, response="declined")
    assert read(agenda)["result"] == {"read": 1, "moved": 1}
    assert read(agenda)["result"] == {"read": 1}
    assert titles(agenda) == ["Entretien déplacé : Paul Ndong", "Invitation déclinée : Paul Ndong"]


def test_an_event_that_cannot_be_read_keeps_no_other_from_being_followed(agenda: Agenda) -> None:
    agenda.emulator.behind(str(made(agenda).event_id), delete=True)
    other = another(agenda, 40)
    row = agenda.platform.row("select * from interview_schedules where id = %s", other)
    moved = row["scheduled_at"] - timedelta(hours=1)
    agenda.emulator.behind(row["google_event_id"], start=hour(moved))
    agenda.emulator.faults(html_503=1.0, only=["events.get"])
    assert read(agenda)["state"] == "queued"
    row = agenda.platform.row("select scheduled_at from interview_schedules where id = %s", other)
    assert (row["scheduled_at"], agenda.row()["status"]) == (moved.replace(microsecond=0), "SCHEDULED")


@pytest.mark.parametrize("away", [timedelta(days=-3), timedelta(days=3800), timedelta(hours=3)])
def test_an_event_that_stands_where_no_interview_can_be_is_told_once_and_read_on(
    agenda: Agenda, away: timedelta
) -> None:
    event, place = str(made(agenda).event_id), agenda.start + away
    if away == timedelta(hours=3):
        agenda.platform.change(
            """insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at,
                      candidate_email, status, calendar)
               select application_id, 1, 'Autre', %s, candidate_email, 'SCHEDULED', 'none' from interview_schedules""",
            place,
        )
    agenda.emulator.behind(event, start=hour(place))
    for _ in range(2):
        read(agenda)
        assert (agenda.row()["scheduled_at"], agenda.row()["status"]) == (agenda.start, "SCHEDULED")
        assert titles(agenda) == ["Événement à vérifier : Paul Ndong"]
    agenda.emulator.behind(event, start=hour(agenda.start))
    assert read(agenda)["result"] == {"read": 1, "nothing": 1}
    agenda.emulator.behind(event, start=hour(agenda.start + timedelta(hours=1)))
    assert read(agenda)["result"] == {"read": 1, "moved": 1}


@SERVICES
def test_what_another_account_does_not_have_was_not_deleted(agenda: Agenda) -> None:
    """A connection of the main web app's does not say whose account it was."""
    made(agenda).platform.change("update integration_credentials set account_id = null")
    provider = GOOGLE if agenda.service == "google" else MICROSOFT
    client = agenda.wiring.accounts(agenda.service)
    accounts.connect(agenda.platform.do, agenda.wiring.settings, provider, agenda.emulator, client, "autre@exemple.cm")
    read(agenda)
    assert (agenda.row()["status"], told(agenda)) == ("SCHEDULED", [])
    agenda.change("title = 'Entretien final'")
    agenda.tell(interviews.UPDATE_EVENT)
    agenda.platform.drain()
    assert (agenda.event_id, agenda.row()["status"]) == (agenda.live()[-1]["id"], "SCHEDULED")
    assert read(agenda)["result"] == {"read": 1}
