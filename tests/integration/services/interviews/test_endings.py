"""Interviews end with their applications, whatever the main web app does to these."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.services.interviews.agenda import SERVICES, Agenda
from tests.integration.services.interviews.post import CANDIDATE, RECRUITER, START, Post
from worker.catalogue import interviews
from worker.catalogue.schedule import BACKLOGS
from worker.ledger import backlogs
from worker.services.interviews import endings, planning, settings
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


def notice(agenda: Agenda | Post) -> None:
    """The dispatcher finds what the triggers noted, and the workers do it."""
    agenda.platform.do(lambda connection: backlogs.enqueue_for_pending_rows(connection, BACKLOGS))
    agenda.platform.change("delete from rate_limits")
    agenda.platform.drain()
    names = [interviews.END_INTERVIEWS.name, interviews.END_INTERVIEW.name]
    unfinished = "select task, state from task_runs where task = any(%s) and state <> 'succeeded'"
    assert agenda.platform.rows(unfinished, names) == []


def told(agenda: Agenda | Post) -> Sequence[tuple[str, int | None]]:
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
    """The main web app deletes the application, and the row of the interview goes with it. Its event tells people."""
    number = application(made(agenda))
    written = len(agenda.post())
    agenda.platform.app(lambda connection: main_web_app.withdraw_application(connection, number))
    for _ in range(2):
        notice(agenda)
        assert agenda.live() == []
        assert (agenda.mails("cancellation"), len(agenda.post())) == (1, written)
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


JEAN, LEA = ({"name": name, "email": f"{name.lower()}@exemple.cm"} for name in ("Jean", "Lea"))
COLLEAGUES = (JEAN["email"], LEA["email"])


def withdraw(post: Post) -> None:
    """The first application is deleted with its interviews."""
    post.platform.app(lambda connection: main_web_app.withdraw_application(connection, 1))


def test_who_has_our_entry_of_a_deleted_interview_is_sent_its_cancellation_once(post: Post) -> None:
    """Whoever was released, and whoever never heard of it, hears nothing; a transaction that was lost told nobody."""
    interview = post.plan(interviewers=[JEAN, LEA], location="Siège")
    had = {address: post.new(address)[0].event for address in (CANDIDATE, RECRUITER, JEAN["email"])}
    post.change(interview, interviewers=[JEAN])
    assert [len(post.new(address)) for address in (CANDIDATE, RECRUITER, *COLLEAGUES)] == [1, 1, 1, 2]
    post.plan(START + timedelta(days=2))
    withdraw(post)
    with pytest.raises(ZeroDivisionError):
        post.do(lambda connection: endings.enqueue_ended(connection, 10) / 0)
    notice(post)
    letters = {address: post.new(address) for address in had}
    for address, [letter] in letters.items():
        event = letter.event
        assert (str(event["UID"]), str(event["ORGANIZER"])) == (str(had[address]["UID"]), f"mailto:{RECRUITER}")
        assert (event.decoded("SEQUENCE"), str(event["STATUS"])) == (2, "CANCELLED")
        assert event.decoded("DTSTART") == START
        assert "Développeur Python" in letter.text
    [[candidates], [organisers], [colleagues]] = letters.values()
    assert [letter.method for letter in (candidates, organisers, colleagues)] == ["CANCEL", "PUBLISH", "CANCEL"]
    assert candidates.subject == "Votre entretien du vendredi 9 juillet 2027 est annulé"
    assert "Paul Ndong" in organisers.subject
    assert (candidates.reply_to, organisers.reply_to) == (RECRUITER, CANDIDATE)
    assert "Bonjour Jean," in colleagues.text
    assert f"mailto:{JEAN['email']}" in [str(each) for each in colleagues.event["ATTENDEE"]]
    notice(post)
    assert [post.new(address) for address in (*had, LEA["email"])] == [[], [], [], []]
    assert post.platform.rows("select id from email_messages where context ? 'until_sent'") == []
    assert len(told(post)) == 2


def test_the_others_hear_of_an_interview_whose_candidate_is_gone(post: Post) -> None:
    post.plan()
    assert [len(post.new(address)) for address in (CANDIDATE, RECRUITER)] == [1, 1]
    post.platform.app(lambda connection: main_web_app.delete_candidate_account(connection, 2))
    notice(post)
    [letter] = post.new(RECRUITER)
    assert "un candidat dont le compte n’existe plus" in letter.text
    assert post.new(CANDIDATE) == []


def test_a_candidate_hears_of_an_interview_whose_offer_is_gone(post: Post) -> None:
    post.plan(title="Entretien technique")
    assert len(post.new(CANDIDATE)) == 1
    post.platform.app(lambda connection: main_web_app.delete_job(connection, 1))
    notice(post)
    [letter] = post.new(CANDIDATE)
    assert letter.method == "CANCEL"
    assert "Entretien technique" in letter.text
    assert "Gabon Numérique" in letter.text
    assert "{" not in letter.text


def test_who_has_our_entry_of_an_interview_that_is_deleted_by_itself_is_sent_its_cancellation(post: Post) -> None:
    interview = post.plan(interviewers=[JEAN])
    had = {address: post.new(address)[0].event for address in (CANDIDATE, RECRUITER, JEAN["email"])}
    post.do(lambda connection: planning.delete(connection, interview.id))
    for address, entry in had.items():
        [letter] = post.new(address)
        assert (str(letter.event["UID"]), str(letter.event["STATUS"])) == (str(entry["UID"]), "CANCELLED")
        assert letter.event.decoded("SEQUENCE") == 1
    over = post.plan(START + timedelta(days=1))
    post.new(CANDIDATE)
    post.platform.change("update interview_schedules set status = 'COMPLETED' where id = %s", over.id)
    post.do(lambda connection: planning.delete(connection, over.id))
    assert post.new(CANDIDATE) == []


SPOIL = """
update interview_endings set interview = interview || '{"offered_times": {"a": 1}}' where interview->>'id' = %s
"""


def test_a_row_that_nobody_can_read_keeps_no_other_interview_from_ending(post: Post) -> None:
    """What other programs wrote into one is no reason to leave the rest."""
    spoilt, endless, kept = (post.plan(START + timedelta(days=days)) for days in (2, 1, 0))
    post.new(CANDIDATE)
    post.platform.change("update interview_schedules set scheduled_at = 'infinity' where id = %s", endless.id)
    withdraw(post)
    post.platform.change(SPOIL, str(spoilt.id))
    notice(post)
    starts = [letter.event.decoded("DTSTART") for letter in post.new(CANDIDATE)]
    assert (len(starts), kept.scheduled_at in starts) == (2, True)
    assert post.platform.rows("select id from interview_endings") == []
