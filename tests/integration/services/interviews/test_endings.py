"""Interviews end with their applications, whatever the main web app does to these."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.services.interviews.agenda import SERVICES, Agenda
from worker.catalogue import interviews
from worker.catalogue.schedule import BACKLOGS
from worker.ledger import backlogs
from worker.services.interviews import settings
from worker.services.interviews.settings import InterviewSettings

COMPANY = 1


@pytest.fixture
def start(ahead: datetime) -> datetime:
    return ahead


def made(agenda: Agenda) -> Agenda:
    """The event stands in the calendar, and the recruiter has read what the bell told until then."""
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.drain()
    return agenda


def notice(agenda: Agenda) -> None:
    """The dispatcher finds what the triggers noted, and the workers do it."""
    agenda.platform.do(lambda connection: backlogs.enqueue_for_pending_rows(connection, BACKLOGS))
    agenda.platform.change("delete from rate_limits")
    agenda.platform.drain()
    names = [interviews.END_INTERVIEWS.name, interviews.END_INTERVIEW.name]
    unfinished = "select task, state from task_runs where task = any(%s) and state <> 'succeeded'"
    assert agenda.platform.rows(unfinished, names) == []


def told(agenda: Agenda) -> Sequence[tuple[str, int | None]]:
    """By the bell: what, and of which application."""
    rows = agenda.platform.rows("select title, related_application_id as about from notifications order by id")
    return [(row["title"], row["about"]) for row in rows]


def set_application(agenda: Agenda, status: str) -> None:
    agenda.platform.change("update job_applications set status = %s where id = %s", status, application(agenda))


def application(agenda: Agenda) -> int:
    found: int = agenda.row()["application_id"]
    return found


def close_offer(agenda: Agenda, status: str = "closed") -> None:
    sql = "update jobs set status = %s where id = (select job_id from job_applications where id = %s)"
    agenda.platform.change(sql, status, application(agenda))


def cancels(agenda: Agenda) -> None:
    """The company wants interviews to end by themselves."""
    wanted = InterviewSettings(cancel_when_rejected=True)
    agenda.platform.do(lambda connection: settings.write(connection, COMPANY, wanted))


@SERVICES
def test_a_withdrawn_application_takes_its_interview_out_of_the_calendar(agenda: Agenda) -> None:
    """The main web app deletes the application, and the row of the interview goes with it."""
    number = application(made(agenda))
    agenda.platform.app(lambda connection: main_web_app.withdraw_application(connection, number))
    for _ in range(2):
        notice(agenda)
        assert agenda.live() == []
        assert agenda.mails("cancellation") == 1
        assert told(agenda) == [("Entretien annulé : Paul Ndong", None)]


@SERVICES
def test_a_rejection_cancels_only_where_the_company_wants_that(agenda: Agenda) -> None:
    number = application(made(agenda))
    remains = ("Entretien maintenu ? Paul Ndong", number)
    set_application(agenda, "rejected")
    notice(agenda)
    assert (agenda.row()["status"], len(agenda.live()), told(agenda)) == ("SCHEDULED", 1, [remains])
    close_offer(agenda)
    notice(agenda)
    assert told(agenda) == [remains]
    set_application(agenda, "interview")
    cancels(agenda)
    set_application(agenda, "rejected")
    for _ in range(2):
        notice(agenda)
        row = agenda.row()
        assert (row["status"], row["own_status"], row["canceled_by"]) == ("CANCELED", None, "company")
        assert (agenda.live(), agenda.event_id, agenda.mails("cancellation")) == ([], None, 1)
        assert len([mail for mail in agenda.post() if "annulé" in mail["subject"]]) == 1
        assert told(agenda) == [remains, ("Entretien annulé : Paul Ndong", number)]


def test_an_offer_that_closes_ends_the_interviews_of_all_but_whom_it_was_filled_with(agenda: Agenda) -> None:
    number = application(made(agenda))
    close_offer(agenda)
    notice(agenda)
    assert told(agenda) == [("Entretien maintenu ? Paul Ndong", number)]
    cancels(agenda)
    set_application(agenda, "accepted")
    for status in ("published", "archived"):
        close_offer(agenda, status)
        notice(agenda)
    assert (agenda.row()["status"], len(told(agenda))) == ("SCHEDULED", 1)
    set_application(agenda, "shortlisted")
    for status in ("published", "closed", "archived"):
        close_offer(agenda, status)
        notice(agenda)
    assert (agenda.row()["status"], agenda.live(), agenda.mails("cancellation")) == ("CANCELED", [], 1)
    assert told(agenda)[1:] == [("Entretien annulé : Paul Ndong", number)]


def test_only_what_is_so_and_lies_ahead_is_ended(agenda: Agenda) -> None:
    made(agenda)
    cancels(agenda)
    set_application(agenda, "rejected")
    set_application(agenda, "shortlisted")
    notice(agenda)
    agenda.platform.change("update interview_schedules set scheduled_at = now() - interval '1 minute'")
    set_application(agenda, "rejected")
    close_offer(agenda)
    notice(agenda)
    assert (agenda.row()["status"], told(agenda)) == ("SCHEDULED", [])
    number = application(agenda)
    agenda.platform.app(lambda connection: main_web_app.withdraw_application(connection, number))
    notice(agenda)
    assert told(agenda) == []


def test_an_offer_that_the_company_deletes_is_no_news_to_it(agenda: Agenda) -> None:
    made(agenda)
    [row] = agenda.platform.rows("select job_id from job_applications where id = %s", application(agenda))

    def delete(connection: Any) -> None:
        main_web_app.delete_job(connection, row["job_id"])

    agenda.platform.app(delete)
    notice(agenda)
    assert (agenda.live(), told(agenda)) == ([], [])
