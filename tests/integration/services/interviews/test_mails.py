"""What people are written about an interview that no calendar holds: each change once, with one calendar entry."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from models.enums import InterviewKind
from tests.factories import main_web_app
from tests.integration.services.interviews.agenda import Agenda
from tests.integration.services.interviews.post import CANDIDATE, PAUL, RECRUITER, START, Post
from worker.catalogue import interviews
from worker.services.interviews import planning, rows, settings
from worker.services.interviews.settings import InterviewSettings

COLLEAGUES = [{"name": "Jean Obiang", "email": "jean@exemple.cm"}, {"name": "Léa Mba", "email": "lea@exemple.cm"}]


def test_each_change_is_one_mail_and_one_entry_of_the_calendar(post: Post) -> None:
    interview = post.plan(interviewers=COLLEAGUES, meeting_link="https://teams.microsoft.com/meet/123?p=abc")
    letters = post.new(CANDIDATE)
    for day in (1, 2):
        post.change(interview, scheduled_at=START + timedelta(days=day))
        letters += post.new(CANDIDATE)
    post.cancel(interview, "Poste pourvu & clos")
    letters += post.new(CANDIDATE)
    assert len(letters) == 4
    assert [letter.method for letter in letters] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    events = [letter.event for letter in letters]
    assert len({str(event["UID"]) for event in events}) == 1
    assert [event.decoded("SEQUENCE") for event in events] == [0, 1, 2, 3]
    assert str(events[-1]["STATUS"]) == "CANCELLED"
    assert {str(event["ORGANIZER"]) for event in events} == {f"mailto:{RECRUITER}"}
    assert [event.decoded("DTSTART") for event in events[:3]] == [START + timedelta(days=day) for day in range(3)]
    planned, moved, _, canceled = letters
    assert "https://teams.microsoft.com/meet/123?p=abc" in planned.text
    assert 'href="https://teams.microsoft.com/meet/123?p=abc"' in planned.html
    assert "vendredi 9 juillet 2027" in planned.text
    assert "15:00 (heure de Libreville)" in planned.text
    assert "Auparavant : vendredi 9 juillet 2027, 15:00 (heure de Libreville)" in moved.text
    assert "samedi 10 juillet 2027" in moved.subject
    assert "Motif : Poste pourvu & clos" in canceled.text
    assert "Poste pourvu &amp; clos" in canceled.html


def test_guests_do_not_learn_of_each_others_addresses(post: Post) -> None:
    post.plan(interviewers=COLLEAGUES)
    [letter] = post.new(CANDIDATE)
    whole = f"{letter.text}{letter.html}{letter.files}"
    assert "Avec : Jean Obiang, Léa Mba" in letter.text
    assert "exemple.cm" not in whole
    assert str(letter.event["ATTENDEE"]) == f"mailto:{CANDIDATE}"
    assert letter.reply_to == RECRUITER
    [letter] = post.new(RECRUITER)
    assert letter.method == "PUBLISH"
    assert [str(each) for each in letter.event["ATTENDEE"]] == [
        f"mailto:{address}" for address in (CANDIDATE, "jean@exemple.cm", "lea@exemple.cm")
    ]
    assert "Paul Ndong" in letter.subject
    assert letter.reply_to == CANDIDATE


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_hours_are_those_of_the_place_and_of_the_reader(post: Post, locale: str) -> None:
    post.platform.change(
        "insert into recipient_preferences (user_id, locale) select id, %s from users where id in (1, 2)", locale
    )
    post.plan(organiser_timezone="Europe/Paris", meeting_wanted=False, meeting_link="https://meet.example.org/a")
    there, here = {
        "fr": ("15:00 (heure de Libreville)", "16:00 (heure de Paris)"),
        "en": ("3:00 PM (Libreville time)", "4:00 PM (Paris time)"),
    }[locale]
    [candidates], [organisers] = post.new(CANDIDATE), post.new(RECRUITER)
    assert there in candidates.text
    assert "Paris" not in candidates.text + candidates.html
    assert f"{there}, {here}" in organisers.text
    assert all("UTC" not in letter.subject + letter.text + letter.html for letter in (candidates, organisers))
    post.plan(
        START + timedelta(days=1), organiser_timezone="Europe/Paris", kind=InterviewKind.ON_SITE, location="Siège"
    )
    [organisers] = post.new(RECRUITER)
    assert there in organisers.text
    assert "Paris" not in organisers.text


def test_a_zone_without_a_place_is_named_in_words(post: Post) -> None:
    post.plan(timezone="Etc/UTC")
    [letter] = post.new(CANDIDATE)
    assert "14:00 (temps universel)" in letter.text
    assert "UTC" not in letter.subject + letter.text + letter.html


def test_the_reason_of_either_side_reaches_the_other(post: Post) -> None:
    interview = post.plan()
    assert [len(post.new(address)) for address in (CANDIDATE, RECRUITER)] == [1, 1]
    post.cancel(interview, "Je suis malade", PAUL)
    [candidates], [organisers] = post.new(CANDIDATE), post.new(RECRUITER)
    assert "Motif : Je suis malade" in organisers.text
    assert str(organisers.event["STATUS"]) == "CANCELLED"
    assert candidates.method == "CANCEL"


def test_changes_that_come_before_their_mails_are_told_together(post: Post) -> None:
    """What waits for the provider when the next change comes is not sent any more; nobody hears of what never was."""
    interview = post.plan()
    [telling] = post.platform.rows(
        "select id from task_runs where task = %s and run_at <= now()", interviews.TELL_PEOPLE.name
    )
    post.platform.step(telling["id"])
    assert post.platform.states() == ["pending", "pending"]
    post.change(interview, scheduled_at=START + timedelta(days=1))
    [letter] = post.new(CANDIDATE)
    assert "samedi 10 juillet 2027" in letter.text
    assert "vendredi" not in letter.text
    other = post.plan(START + timedelta(days=5))
    post.cancel(other, "Erreur")
    assert post.new(CANDIDATE) == []


def test_what_a_company_writes_itself_holds_the_facts_in_any_case(post: Post) -> None:
    """Its text has no hour and no link; then it names what this interview lacks."""

    def write(connection: Any) -> None:
        main_web_app.insert_template(
            connection,
            "Invitation",
            type="INTERVIEW_INVITATION",
            subject="Venez, {candidate_first_name}",
            body="<p>On vous attend !</p>",
            is_default=True,
            is_active=True,
            company_id=1,
        )

    post.platform.app(write)
    post.plan(meeting_link="https://meet.example.org/a", description="Prévoir :\n<b>un CV</b>")
    [letter] = post.new(CANDIDATE)
    assert letter.subject == "Venez, Paul"
    assert "On vous attend !" in letter.text
    assert "Date et heure : vendredi 9 juillet 2027, 15:00 (heure de Libreville)" in letter.text
    assert "https://meet.example.org/a" in letter.text
    assert "Prévoir :\n<b>un CV</b>" in letter.text
    assert "Prévoir :<br />&lt;b&gt;un CV&lt;/b&gt;" in letter.html
    post.platform.change("update email_templates set body = '<p>{interview_link}</p>'")
    post.plan(START + timedelta(days=1), location="Siège")
    [letter] = post.new(CANDIDATE)
    assert "15:00 (heure de Libreville)" in letter.text
    assert "Siège" in letter.text


def test_what_is_asked_twice_is_written_once(post: Post) -> None:
    interview = post.plan()
    run = interviews.TellPeople(interview_id=interview.id, sequence=0)
    for _ in range(2):
        post.platform.enqueue(interviews.TELL_PEOPLE, run)
    assert len(post.new(CANDIDATE)) == 1
    post.platform.enqueue(interviews.TELL_PEOPLE, run)
    assert post.new(CANDIDATE) == []


def test_a_lost_answer_sends_no_second_mail(post: Post) -> None:
    post.emulator.faults(drop_after_recording=1.0, times=2)
    post.plan()
    post.platform.drain()
    post.platform.change("update task_runs set run_at = now() where state = 'queued'")
    assert (len(post.new(CANDIDATE)), len(post.new(RECRUITER))) == (1, 1)
    assert post.platform.states() == ["sent", "sent"]


def test_interviewers_hear_of_all_that_concerns_them(post: Post) -> None:
    """Invited, told of a move, released; whoever comes later is invited then, and the recruiter is written to once."""
    [jean, lea] = COLLEAGUES
    nameless = {"email": "rh@exemple.cm"}
    interview = post.plan(interviewers=[jean, nameless, {"name": "Awa", "email": RECRUITER.upper()}], location="Siège")
    [planned] = post.new("jean@exemple.cm")
    assert planned.method == "REQUEST"
    assert "Bonjour Jean Obiang," in planned.text
    assert "Siège" in planned.text
    assert "/i/" not in planned.text
    assert "mailto:jean@exemple.cm" in [str(each) for each in planned.event["ATTENDEE"]]
    assert planned.reply_to == RECRUITER
    [letter] = post.new("rh@exemple.cm")
    assert "Bonjour" not in letter.text
    assert len(post.new(RECRUITER)) == 1
    post.change(interview, scheduled_at=START + timedelta(days=1), interviewers=[lea, nameless])
    [released], [invited], [moved] = (post.new(f"{name}@exemple.cm") for name in ("jean", "lea", "rh"))
    assert "aura lieu sans vous" in released.text
    assert (released.method, str(released.event["STATUS"])) == ("CANCEL", "CANCELLED")
    assert (str(released.event["UID"]), released.event.decoded("SEQUENCE")) == (str(planned.event["UID"]), 1)
    assert "planifié" in invited.subject
    assert "Auparavant" in moved.text
    post.change(interview, interviewers=[jean, lea])
    [again] = post.new("jean@exemple.cm")
    assert "planifié" in again.subject
    assert [len(post.new(f"{name}@exemple.cm")) for name in ("lea", "rh")] == [1, 1]
    post.cancel(interview, "Poste pourvu")
    [canceled] = post.new("jean@exemple.cm")
    assert "Motif : Poste pourvu" in canceled.text
    assert (len(post.new("lea@exemple.cm")), post.new("rh@exemple.cm")) == (1, [])


def test_interviewers_who_do_not_see_each_other_see_themselves(post: Post) -> None:
    post.do(lambda connection: settings.write(connection, 1, InterviewSettings(hide_guests=True)))
    post.plan(interviewers=COLLEAGUES)
    [letter] = post.new("jean@exemple.cm")
    assert [str(each) for each in letter.event["ATTENDEE"]] == [f"mailto:{CANDIDATE}", "mailto:jean@exemple.cm"]
    assert "lea@exemple.cm" not in f"{letter.text}{letter.html}{letter.files}"


def test_what_only_the_calendar_tells_takes_no_mail_back(agenda: Agenda) -> None:
    """A move, and a moment later another title, of which the calendar's guests hear from it alone."""
    agenda.tell(interviews.CREATE_EVENT)
    agenda.platform.drain()
    before = len(agenda.post())
    for changes in ({"scheduled_at": START + timedelta(days=1)}, {"title": "Deuxième entretien"}):
        agenda.platform.do(partial(_change, agenda.interview, changes))
    agenda.platform.drain()
    [moved] = agenda.post()[before:]
    assert "Auparavant" in moved["text"]


def _change(interview: int, changes: Mapping[str, Any], connection: Connection) -> None:
    planning.change(connection, rows.existing(connection, interview), changes)


def test_what_other_programs_left_in_a_row_costs_nobody_his_mail(post: Post) -> None:
    interviewers = [{"name": f"{number} {'x' * 200}", "email": 7} for number in range(2000)] + [{"name": {}}]
    post.plan(interviewers=interviewers, meeting_link=f"https://meet.example.org/{'a' * 150_000}")
    assert (len(post.new(CANDIDATE)), len(post.new(RECRUITER))) == (1, 1)
    post.plan(START + timedelta(days=1), candidate_email="paul\r\nBcc: x@example.org")
    [letter] = post.new(RECRUITER)
    assert letter.reply_to == ""
    assert post.new(CANDIDATE) == []


def test_who_was_told_so_long_ago_that_it_was_forgotten_hears_of_the_end(post: Post) -> None:
    interview = post.plan(START + timedelta(days=300))
    assert (len(post.new(CANDIDATE)), len(post.new(RECRUITER))) == (1, 1)
    post.platform.change("update email_messages set recipient = null, context = null, subject = null")
    post.cancel(interview, "Poste pourvu")
    for address in (CANDIDATE, RECRUITER):
        [letter] = post.new(address)
        assert letter.method in ("CANCEL", "PUBLISH")
        assert "Motif : Poste pourvu" in letter.text
