"""Interviews in calendars: made, moved and taken away at the emulated providers, once each, whatever goes wrong."""

import base64
import json
from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.factories import accounts, main_web_app
from tests.integration.services.interviews.agenda import ACCOUNT, SERVICES, START, Agenda
from worker.catalogue import interviews
from worker.contracts.providers import GOOGLE, MICROSOFT
from worker.kit.tasks import TaskDefinition
from worker.services.interviews import settings
from worker.services.interviews.settings import InterviewSettings


@SERVICES
def test_an_interview_becomes_an_event_with_a_link_and_one_invitation(agenda: Agenda) -> None:
    run = agenda.tell(interviews.CREATE_EVENT)
    assert run["state"] == "succeeded", agenda.platform.rows("select traceback from task_attempts")
    [event] = agenda.live()
    row = agenda.row()
    assert agenda.event_id == event["id"] == run["result"]["event_id"]
    assert (row["event_generation"], row["ical_uid"] != "") == (0, True)
    assert agenda.mails("invitation") == 1
    agenda.platform.change("update task_runs set run_at = now() where task = %s", interviews.REFRESH_LINK.name)
    agenda.platform.drain()
    row = agenda.row()
    assert row["link_state"] == "made"
    assert row["meeting_link"].startswith("https://")
    assert agenda.platform.rows("select * from interview_calls") == []
    again = agenda.tell(interviews.CREATE_EVENT)
    assert again["result"]["event_id"] == agenda.event_id
    assert len(agenda.live()) == 1


@SERVICES
def test_a_move_and_a_cancellation_reach_guests_once_each(agenda: Agenda) -> None:
    agenda.tell(interviews.CREATE_EVENT)
    agenda.change("scheduled_at = scheduled_at + interval '1 day', status = 'RESCHEDULED'")
    assert agenda.tell(interviews.UPDATE_EVENT)["state"] == "succeeded"
    [event] = agenda.live()
    assert (START + timedelta(days=1)).strftime("%Y-%m-%d") in str(event)
    assert (agenda.mails("update"), agenda.row()["event_generation"]) == (1, 1)
    agenda.tell(interviews.UPDATE_EVENT)
    agenda.change("status = 'CANCELED', cancel_reason = 'Poste pourvu'")
    assert agenda.tell(interviews.CANCEL_EVENT)["state"] == "succeeded"
    assert agenda.live() == []
    assert (agenda.mails("cancellation"), agenda.event_id) == (1, None)
    assert agenda.tell(interviews.CANCEL_EVENT)["result"] == {"event": "none"}
    assert agenda.mails("cancellation") == 1


@SERVICES
@pytest.mark.parametrize("task", [interviews.CREATE_EVENT, interviews.UPDATE_EVENT, interviews.CANCEL_EVENT])
def test_an_answer_that_is_lost_doubles_nothing(agenda: Agenda, task: TaskDefinition) -> None:
    """The provider carries it out, the answer never comes: one event, one mail."""
    if task is not interviews.CREATE_EVENT:
        agenda.tell(interviews.CREATE_EVENT)
        agenda.change("scheduled_at = scheduled_at + interval '1 day'")
    if task is interviews.CANCEL_EVENT:
        agenda.change("status = 'CANCELED'")
    agenda.emulator.faults(drop_after=1.0, times=1, only=["events.*"])
    run = agenda.tell(task)
    assert run["state"] == "queued"
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    kind = {interviews.CREATE_EVENT: "invitation", interviews.UPDATE_EVENT: "update"}.get(task, "cancellation")
    assert agenda.mails(kind) == 1
    assert len(agenda.live()) == (0 if task is interviews.CANCEL_EVENT else 1)


@SERVICES
def test_what_changes_while_a_call_is_in_doubt_is_told_after_it(agenda: Agenda) -> None:
    agenda.emulator.faults(drop_after=1.0, times=1, only=["events.*"])
    created = agenda.tell(interviews.CREATE_EVENT)
    agenda.change("scheduled_at = scheduled_at + interval '2 days'")
    moved = agenda.tell(interviews.UPDATE_EVENT)
    assert moved["state"] in ("queued", "succeeded")
    assert agenda.platform.step(created["id"])["state"] == "succeeded"
    moved = agenda.tell(interviews.UPDATE_EVENT)
    assert moved["state"] == "succeeded"
    [event] = agenda.live()
    assert "2027-07-11" in str(event)
    assert agenda.row()["event_generation"] == 1
    assert agenda.mails("invitation") == 1


@SERVICES
def test_a_canceled_interview_gets_no_event(agenda: Agenda) -> None:
    agenda.change("status = 'CANCELED'")
    assert agenda.tell(interviews.CREATE_EVENT)["state"] == "cancelled"
    assert agenda.live() == []


@SERVICES
def test_a_withdrawn_grant_parks_and_the_event_is_made_after_the_reconnection(agenda: Agenda) -> None:
    agenda.emulator.revoke(ACCOUNT)
    agenda.emulator.expire()
    run = agenda.tell(interviews.CREATE_EVENT, attempts=4)
    assert run["gate"] == f"{agenda.service}:account:{agenda.credential}"
    provider = GOOGLE if agenda.service == "google" else MICROSOFT
    client = agenda.wiring.accounts(agenda.service)
    accounts.connect(agenda.platform.do, agenda.wiring.settings, provider, agenda.emulator, client, ACCOUNT)
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    assert len(agenda.live()) == 1


def test_a_calendar_without_meet_gets_the_event_without_a_link_and_says_why(agenda: Agenda) -> None:
    agenda.emulator.faults(conference="refused")
    assert agenda.tell(interviews.CREATE_EVENT)["state"] == "succeeded"
    row = agenda.row()
    assert (row["link_state"], row["meeting_link"]) == ("refused", None)
    assert row["link_reason"]
    assert len(agenda.live()) == 1


def test_a_used_up_quota_leaves_the_calendar_alone_for_an_hour(agenda: Agenda) -> None:
    agenda.emulator.faults(refuse="quotaExceeded")
    run = agenda.tell(interviews.CREATE_EVENT)
    assert (run["state"], run["attempt"]) == ("queued", 0)
    assert run["ahead"] >= 3500
    agenda.emulator.faults()
    agenda.platform.change("update rate_limits set next_at = now()")
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    assert (len(agenda.live()), agenda.mails("invitation")) == (1, 1)


def test_the_evidence_names_nobody(agenda: Agenda) -> None:
    agenda.tell(interviews.CREATE_EVENT)
    [effect] = agenda.platform.rows("select encode(request, 'escape') as request, reference::text from effects")
    assert "awa@" not in effect["request"] + effect["reference"]
    assert "sha256" in effect["request"]


@SERVICES
def test_a_change_before_the_event_is_made_is_told_after_it(agenda: Agenda) -> None:
    """Whoever makes the event sees that it is of an older state."""
    agenda.emulator.faults(drop_after=1.0, times=1, only=["events.*"])
    created = agenda.tell(interviews.CREATE_EVENT)
    agenda.change("scheduled_at = scheduled_at + interval '2 days'")
    agenda.platform.step(created["id"])
    agenda.platform.drain()
    [event] = agenda.live()
    assert "2027-07-11" in str(event)
    assert (agenda.mails("invitation"), agenda.mails("update")) == (1, 1)


@SERVICES
def test_the_event_of_a_deleted_interview_leaves_the_calendar(agenda: Agenda) -> None:
    """Also when the main web app deletes the application, of which the database takes the interview along."""
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.change("delete from task_runs")
    application = agenda.row()["application_id"]
    agenda.platform.app(lambda connection: main_web_app.withdraw_application(connection, application))
    assert agenda.platform.rows("select * from interview_schedules where id = %s", agenda.interview) == []
    agenda.platform.enqueue(interviews.REMOVE_EVENTS, interviews.RemoveEvents())
    agenda.platform.drain()
    assert agenda.live() == []
    assert agenda.mails("cancellation") == 1
    assert agenda.platform.rows("select state from task_runs where state <> 'succeeded'") == []


def test_a_removal_whose_answer_is_lost_is_told_once(agenda: Agenda) -> None:
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.change("delete from interview_schedules")
    agenda.platform.enqueue(interviews.REMOVE_EVENTS, interviews.RemoveEvents())
    agenda.emulator.faults(drop_after=1.0, times=1, only=["events.*"])
    agenda.platform.drain()
    [run] = agenda.platform.rows("select id, state from task_runs where task = %s", interviews.REMOVE_EVENT.name)
    assert run["state"] == "queued"
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    assert (agenda.live(), agenda.mails("cancellation")) == ([], 1)


@SERVICES
def test_guests_see_each_other_unless_the_company_hides_several_interviewers(agenda: Agenda) -> None:
    one = {"name": "Jean Obiang", "email": "jean@exemple.cm"}
    several = [one, {"name": "Léa Mba", "email": "lea@exemple.cm"}]
    agenda.change(f"interviewers = '{json.dumps(several)}'")
    agenda.tell(interviews.CREATE_EVENT)
    assert agenda.seen_by_candidate() == ["awa@example.org", "jean@exemple.cm", "lea@exemple.cm"]
    agenda.platform.do(lambda connection: settings.write(connection, 1, InterviewSettings(hide_guests=True)))
    agenda.change("title = 'Entretien technique'")
    agenda.tell(interviews.UPDATE_EVENT)
    assert agenda.hides_guests()
    assert agenda.seen_by_candidate() == ["awa@example.org"]
    agenda.change(f"interviewers = '{json.dumps([one])}'")
    agenda.tell(interviews.UPDATE_EVENT)
    assert not agenda.hides_guests()


@SERVICES
def test_a_calendar_file_carries_the_number_of_the_providers_event(agenda: Agenda) -> None:
    named = """[{"name": "Jean Obiang", "email": "jean@exemple.cm"}, {"name": "Léa Mba", "email": "lea@exemple.cm"}]"""
    agenda.change(f"interviewers = '{named}'")
    before = agenda.entry("candidate")
    assert before.organiser.address == ACCOUNT
    agenda.tell(interviews.CREATE_EVENT)
    entry = agenda.entry("candidate")
    assert entry.uid == agenda.row()["ical_uid"] != before.uid
    assert entry.organiser == before.organiser
    assert [each.address for each in entry.guests] == ["awa@example.org"]
    guests = [each.address for each in agenda.entry("organiser").guests]
    assert guests == ["awa@example.org", "jean@exemple.cm", "lea@exemple.cm"]


@SERVICES
def test_the_candidate_hears_from_us_beside_the_invitation_and_gets_one_entry(agenda: Agenda) -> None:
    """Our mail waits for the link, says when and where, and brings no entry of its own."""
    agenda.change("sequence = 0, timezone = 'Africa/Libreville', location = null")
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.change("update task_runs set run_at = now() where task = %s", interviews.REFRESH_LINK.name)
    agenda.platform.drain()
    [mail] = agenda.post()
    assert agenda.row()["meeting_link"] in mail["text"]
    assert "13:00 (heure de Libreville)" in mail["text"]
    assert "attachments" not in mail
    assert agenda.mails("invitation") == 1
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.drain()
    assert len(agenda.post()) == 1


def test_a_used_up_quota_is_bridged_by_our_mail_with_the_number_of_the_event_to_come(agenda: Agenda) -> None:
    agenda.emulator.faults(refuse="quotaExceeded")
    run = agenda.tell(interviews.CREATE_EVENT)
    assert run["ahead"] >= 3500
    agenda.platform.drain()
    [mail] = agenda.post()
    [file] = mail["attachments"]
    [told] = Calendar.from_ical(base64.b64decode(file["content"])).walk("VEVENT")
    assert str(told["ORGANIZER"]) == f"mailto:{ACCOUNT}"
    [notice] = agenda.platform.rows("select title, message from notifications")
    assert notice["title"] == "Événement retardé : Paul Ndong"
    for _ in range(2):
        agenda.platform.change("update rate_limits set next_at = now()")
        agenda.platform.step(run["id"])
    agenda.emulator.faults()
    agenda.platform.change("update rate_limits set next_at = now()")
    assert agenda.platform.step(run["id"])["state"] == "succeeded"
    agenda.platform.drain()
    [event] = agenda.live()
    assert event["iCalUID"] == str(told["UID"]) == agenda.row()["ical_uid"]
    assert (agenda.mails("invitation"), len(agenda.post())) == (1, 1)
    assert len(agenda.platform.rows("select id from notifications")) == 1


@SERVICES
def test_an_account_that_is_lost_keeps_nobody_waiting_for_ever(agenda: Agenda) -> None:
    agenda.emulator.revoke(ACCOUNT)
    agenda.emulator.expire()
    agenda.tell(interviews.CREATE_EVENT, attempts=4)
    run = interviews.TellPeople(interview_id=agenda.interview, sequence=0)
    agenda.platform.enqueue(interviews.TELL_PEOPLE, run)
    agenda.platform.drain()
    assert agenda.post() == []
    agenda.platform.enqueue(interviews.TELL_PEOPLE, run.model_copy(update={"waited": True}))
    agenda.platform.drain()
    [mail] = agenda.post()
    assert "attachments" not in mail
