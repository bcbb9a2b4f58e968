"""Reminders, 24 hours before: of what takes place, at the hour that holds, once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import Connection

from models.enums import InterviewStatus
from tests.integration.services.interviews.agenda import Agenda
from tests.integration.services.interviews.post import CANDIDATE, RECRUITER, Letter, Post
from worker.catalogue import interviews
from worker.ledger.outcomes import Done
from worker.services.interviews import entries, reminders, rows
from worker.services.interviews.rows import Interview

DAY = timedelta(hours=24)
# A full hour of which people are to be reminded now, and that leaves room for a move to either side.
TOMORROW = (datetime.now(UTC) + DAY - timedelta(minutes=20)).replace(minute=0, second=0, microsecond=0)


def _zone_where(hour: int) -> str:
    """Of a place whose clocks show this full hour then."""
    shown = f"{hour:02}:00"
    names = sorted(
        name for name in available_timezones() if name.startswith(("Africa/", "America/", "Pacific/", "Asia/"))
    )
    return next(name for name in names if f"{TOMORROW.astimezone(ZoneInfo(name)):%H:%M}" == shown)


ZONE = _zone_where(10)


def _plan(post: Post, start: datetime = TOMORROW) -> Interview:
    """Of an application of its own, and three days ago; what was written then is read."""
    interview = post.plan(start, application_id=post.apply(), timezone=ZONE)
    for address in (CANDIDATE, RECRUITER):
        post.new(address)
    post.platform.change(
        "update interview_schedules set created_at = created_at - interval '3 days' where id = %s", interview.id
    )
    return interview


def _reminded(post: Post, address: str = CANDIDATE) -> list[Letter]:
    post.platform.enqueue(interviews.REMIND, interviews.Remind())
    post.platform.drain()
    post.platform.fill()
    return post.new(address)


def test_only_what_takes_place_is_reminded_of(post: Post) -> None:
    canceled, rejected, completed, untouched = (_plan(post) for _ in range(4))
    post.cancel(canceled, "Poste pourvu")
    post.platform.change("update job_applications set status = 'rejected' where id = %s", rejected.application_id)
    post.set(completed, InterviewStatus.COMPLETED)
    post.new(CANDIDATE)
    [letter] = _reminded(post)
    assert "10:00 (heure d" in letter.text
    assert str(letter.event["UID"]) == _uid(post, untouched)
    [organisers] = post.new(RECRUITER)[-1:]
    assert "Rappel : entretien avec Paul Ndong" in organisers.subject
    assert _reminded(post) == []
    assert post.platform.row("select reminder_sent from interview_schedules where id = %s", untouched.id) == {
        "reminder_sent": True
    }


def _uid(post: Post, interview: Interview) -> str:
    found = post.do(lambda connection: rows.existing(connection, interview.id))
    return entries.uid(found.id, found.created_at, found.ical_uid)


def test_a_worker_that_dies_in_the_middle_reminds_nobody_twice(post: Post) -> None:
    interviews_of_tomorrow = [_plan(post) for _ in range(2)]
    post.cancel(interviews_of_tomorrow[0], "Poste pourvu")
    post.new(CANDIDATE)
    post.do(lambda connection: reminders.enqueue_due(connection, 100))

    def die(connection: Connection) -> None:
        payload = interviews.RemindOf(interview_id=interviews_of_tomorrow[1].id, start=TOMORROW)
        assert reminders.remind(connection, payload, "post@example.org") == Done({"mails": 2})
        raise InterruptedError

    with pytest.raises(InterruptedError):
        post.do(die)
    post.emulator.faults(drop_after_recording=1.0, times=1)
    assert len(_reminded(post)) == 1
    post.platform.change("update task_runs set run_at = now() where state = 'queued'")
    assert _reminded(post) == []


def test_what_is_called_off_between_choosing_and_writing_is_not_reminded_of(post: Post) -> None:
    first, second = _plan(post), _plan(post)
    assert post.do(lambda connection: reminders.enqueue_due(connection, 100)) == 2
    post.platform.change(
        "update interview_schedules set status = %s where id = %s", InterviewStatus.CANCELED.label, first.id
    )
    post.platform.change("update job_applications set status = 'rejected' where id = %s", second.application_id)
    assert _reminded(post) == []
    third = interviews.RemindOf(interview_id=_plan(post).id, start=TOMORROW - timedelta(hours=1))
    run = post.platform.enqueue(interviews.REMIND_OF, third)
    assert post.platform.step(run)["result"] == {"mails": 0, "why": "moved"}


def test_a_moved_interview_is_reminded_of_at_its_new_hour(post: Post) -> None:
    """Half an hour earlier, then two days later."""
    interview = _plan(post)
    post.change(interview, scheduled_at=TOMORROW - timedelta(minutes=30))
    _two_days_pass(post, interview, moved_to=timedelta())
    post.new(CANDIDATE)
    [letter] = _reminded(post)
    assert "09:30 (heure d" in letter.text
    assert "10:00" not in letter.subject + letter.text + letter.html
    assert letter.event.decoded("DTSTART") == TOMORROW - timedelta(minutes=30)
    assert _reminded(post) == []
    post.change(interview, scheduled_at=TOMORROW + timedelta(days=2, minutes=15))
    [moved] = post.new(CANDIDATE)
    assert "10:15" in moved.text
    assert _reminded(post) == []
    _two_days_pass(post, interview, moved_to=timedelta(days=2))
    [letter] = _reminded(post)
    assert "10:15 (heure d" in letter.text
    assert _reminded(post) == []


def _two_days_pass(post: Post, interview: Interview, *, moved_to: timedelta) -> None:
    """Since the last move; the interview comes nearer by as much as it was put off."""
    post.platform.change(
        """update interview_schedules
              set scheduled_at = scheduled_at - %s::interval, moved_at = now() - interval '2 days' where id = %s""",
        moved_to,
        interview.id,
    )


def test_whoever_hears_of_it_within_a_day_is_not_promised_a_reminder(post: Post) -> None:
    """In 20 hours: planning it reminds of it."""
    interview = post.plan(datetime.now(UTC) + timedelta(hours=20))
    post.new(CANDIDATE)
    assert _reminded(post) == []
    now = datetime.now(UTC)
    assert reminders.due_at(interview, now) is None
    later = post.plan(now + timedelta(days=3))
    assert reminders.due_at(later, now) == later.scheduled_at - DAY
    moved = post.change(later, scheduled_at=now + timedelta(hours=20))
    assert reminders.due_at(moved, now) is None


def test_what_the_main_web_app_reminded_of_is_left(post: Post) -> None:
    interview = _plan(post)
    post.platform.change("update interview_schedules set reminder_sent = true where id = %s", interview.id)
    assert _reminded(post) == []


def test_nobody_gets_the_link_of_an_address_that_took_the_place_of_his(post: Post) -> None:
    """The address changes while the reminder waits to be sent."""
    interview = _plan(post)
    post.platform.enqueue(interviews.REMIND, interviews.Remind())
    post.platform.drain()
    assert "pending" in post.platform.states()
    post.platform.change(
        "update interview_schedules set candidate_email = 'autre@example.org' where id = %s", interview.id
    )
    post.platform.fill()
    assert post.new(CANDIDATE) == []


@pytest.fixture
def start() -> datetime:
    """Of the interview that stands in a connected calendar."""
    return TOMORROW


def _in_calendar(agenda: Agenda) -> None:
    """For three days; nobody looked at the calendar since."""
    agenda.change("sequence = 0, created_at = now() - interval '3 days'")
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.drain()
    _a_day_later(agenda)


def _a_day_later(agenda: Agenda) -> None:
    agenda.platform.change(
        """update interview_schedules set event_checked_at = event_checked_at - interval '1 day',
                  moved_at = moved_at - interval '1 day'"""
    )
    agenda.platform.change("delete from rate_limits")


def _reminded_beside(agenda: Agenda) -> list[str]:
    """Texts of the mails that the candidate got since."""
    before = len(agenda.post())
    agenda.platform.enqueue(interviews.REMIND, interviews.Remind())
    agenda.platform.drain()
    agenda.platform.fill()
    agenda.platform.drain()
    return [mail["text"] for mail in agenda.post()[before:]]


def test_what_was_deleted_in_the_calendar_is_not_reminded_of(agenda: Agenda) -> None:
    """Though nobody had looked since; the recruiter is told once, and the candidate nothing."""
    _in_calendar(agenda)
    agenda.emulator.behind(str(agenda.event_id), delete=True)
    assert _reminded_beside(agenda) == []
    assert agenda.row()["canceled_by"] == "calendar"
    assert len(agenda.platform.rows("select id from notifications")) == 1
    assert _reminded_beside(agenda) == []


def test_what_was_moved_in_the_calendar_is_reminded_of_at_its_new_hour(agenda: Agenda) -> None:
    """The move itself is told at once; the reminder of the former hour does not go."""
    _in_calendar(agenda)
    moved = TOMORROW - timedelta(hours=2)
    agenda.emulator.behind(str(agenda.event_id), start=f"{moved:%Y-%m-%dT%H:%M:%SZ}")
    [text] = _reminded_beside(agenda)
    assert "Auparavant" in text
    assert f"{moved.astimezone(ZoneInfo('Europe/Paris')):%H:%M} (heure de Paris)" in text
    agenda.platform.change("update interview_schedules set moved_at = moved_at - interval '2 days'")
    [text] = _reminded_beside(agenda)
    assert "Auparavant" not in text
    assert f"{TOMORROW.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" not in text


def test_a_calendar_that_does_not_answer_keeps_nobody_from_being_reminded(agenda: Agenda) -> None:
    _in_calendar(agenda)
    link = agenda.row()["meeting_link"]
    agenda.emulator.faults(error_5xx=1.0)
    [text] = _reminded_beside(agenda)
    assert link in text
    agenda.emulator.faults()
    assert _reminded_beside(agenda) == []
