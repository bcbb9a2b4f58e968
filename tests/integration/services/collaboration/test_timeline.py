"""One line of all that happened to an application: mails, interviews, notes, scores, decisions, the newest first."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from models.enums import InterviewStatus
from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.catalogue import email
from worker.kit.database import query
from worker.services.collaboration import (
    notes,
    own_scorecards,
    ratings,
    shared_scorecard,
    tags,
    timeline,
    timeline_sources,
)
from worker.services.collaboration.own_scorecards import NewCard
from worker.services.collaboration.people import Person
from worker.services.collaboration.timeline_entries import Entry, Position, Question, TimelineKind
from worker.services.interviews import planning, rows, statuses
from worker.services.interviews.planning import NewInterview
from worker.services.interviews.rows import Viewer

RECRUITER, ROSE = 1, 8
COMPANY, CANDIDATE = Viewer("company", RECRUITER, company_id=1), Viewer("candidate", 2, candidate_id=1)
START = datetime(2035, 7, 9, 14, tzinfo=UTC)


@pytest.fixture
def application(platform: Platform) -> int:
    """Through a post of ours, to an offer of company 1, where Rose works with the recruiter."""

    def insert(connection: Any) -> int:
        assert main_web_app.insert_user(connection, "rose.mba@example.org", "EMPLOYER") == ROSE
        main_web_app.insert(connection, "employers", user_id=ROSE, company_id=1)
        job = main_web_app.insert_job(connection, "Comptable")
        posting = main_web_app.insert(connection, "job_postings", job_id=job, channel="LINKEDIN")
        return main_web_app.insert_application(connection, job, 1, source_ref=f"p-{posting}")

    return platform.app(insert)


def seen(platform: Platform, application: int, user_id: int = RECRUITER, **options: Any) -> list[Entry]:
    """The oldest first."""
    options = {"limit": 100, **options}
    found = platform.do(lambda connection: timeline.page(connection, application, user_id, **options))
    return list(found.entries)[::-1]


def told(entries: list[Entry]) -> list[tuple[str, str]]:
    return [(entry.kind.value, entry.event) for entry in entries]


def interview_and_more(platform: Platform, application: int) -> int:
    """Planned, moved, canceled by the candidate; each with its mails."""
    new = NewInterview(
        application_id=application,
        created_by_user_id=RECRUITER,
        title="Entretien technique",
        scheduled_at=START,
        candidate_email="paul.ndong@example.org",
        timezone="Africa/Libreville",
    )
    number = platform.do(lambda connection: planning.plan(connection, new)).interview.id
    platform.drain()

    def move(connection: Connection) -> None:
        planning.change(connection, rows.existing(connection, number), {"scheduled_at": START + timedelta(hours=1)})

    def cancel(connection: Connection) -> None:
        before = rows.existing(connection, number)
        statuses.set_status(connection, before, InterviewStatus.CANCELED, CANDIDATE, "Empêché")

    for work in (move, cancel):
        platform.do(work)
        platform.drain()
    return number


def test_what_happened_stands_in_one_line(platform: Platform, application: int) -> None:
    platform.change("update job_applications set status = 'interview' where id = %s", application)
    number = interview_and_more(platform, application)
    entries = seen(platform, application)
    assert told(entries[:2]) == [("application", "received"), ("decision", "status")]
    assert entries[0].details["channel"] == "linkedin"
    assert entries[1].details == {"before": "applied", "after": "interview"}
    planned, moved, canceled = (entry for entry in entries if entry.kind is TimelineKind.INTERVIEW)
    assert (planned.event, planned.details["title"], planned.details["start"]) == (
        "planned",
        "Entretien technique",
        "2035-07-09T14:00:00Z",
    )
    assert (moved.details["start_before"], moved.details["start"]) == ("2035-07-09T14:00:00Z", "2035-07-09T15:00:00Z")
    assert (canceled.event, canceled.details["actor"], canceled.details["reason"]) == (
        "canceled",
        "candidate",
        "Empêché",
    )
    assert {each.details["interview_id"] for each in (planned, moved, canceled)} == {number}
    mails = [entry for entry in entries if entry.kind is TimelineKind.MAIL]
    assert {(mail.details["to"], mail.event) for mail in mails} == {("candidate", "sent"), ("company", "sent")}
    assert all(mail.details["subject"] for mail in mails)
    assert {name for mail in mails for name in mail.details} == {"message_id", "subject", "state", "template", "to"}
    platform.change("delete from interview_schedules where id = %s", number)
    gone = seen(platform, application, kinds={TimelineKind.INTERVIEW})
    assert told(gone)[-1] == ("interview", "deleted")
    assert gone[0].details["title"] is None


def test_a_letter_and_who_sent_it_but_no_test_of_one(platform: Platform, application: int) -> None:
    kind = "application_received"
    letter = email.SendMail(kind=kind, application_id=application, company_id=1, sent_by=RECRUITER)
    for payload in (letter, email.SendMail(kind=kind, user_id=RECRUITER, company_id=1, sample=True)):
        platform.enqueue(email.SEND, payload)
        platform.drain()
    assert len(platform.mails()) == 2
    [mail] = seen(platform, application, kinds={TimelineKind.MAIL})
    assert (mail.event, mail.user_name, mail.details["template"]) == ("sent", "Awa Mba", "application_received")
    other = platform.offer("Juriste")
    elsewhere = platform.app(lambda connection: main_web_app.insert_application(connection, other, 2))
    assert told(seen(platform, elsewhere)) == [("application", "received")]


def test_what_colleagues_gave_is_hidden_until_ones_own_is_in(platform: Platform, application: int) -> None:
    def hand_in(user_id: int, **grades: int) -> None:
        card = NewCard(grades, overall=None, comment=None, submitted=True)
        platform.do(lambda connection: own_scorecards.save(connection, application, user_id, card))

    number = platform.app(
        lambda connection: main_web_app.insert_interview(connection, application, RECRUITER, status="COMPLETED")
    )

    def judge(connection: Connection) -> None:
        statuses.write_feedback(connection, rows.existing(connection, number), RECRUITER, {"notes": "x", "rating": 4})

    platform.do(judge)
    platform.change("update job_applications set ai_score = 71.5, ai_analyzed_at = now() where id = %s", application)
    hand_in(ROSE, motivation=4, experience=5)
    [feedback, score, card] = seen(platform, application, kinds={TimelineKind.SCORE})
    assert (feedback.user_name, feedback.details["rating"]) == ("Awa Mba", 4)
    assert (score.event, score.details) == ("ai_score", {"score": 71.5})
    assert (card.user_name, card.details) == ("Rose Mba", {"overall": None})
    hand_in(RECRUITER, motivation=1)
    assert [entry.details["overall"] for entry in seen(platform, application)[-2:]] == [4.5, 1.0]


def test_what_colleagues_noted_and_changed_says_who_did_it(platform: Platform, application: int) -> None:
    """Not what a deleted note said; a note of the main web app without a time has no place."""
    platform.change(
        """update job_applications set recruiter_notes = '[{"note": "Sans date"},
               {"user_id": 1, "user_name": "Awa", "note": "Ancienne", "created_at": "2026-01-01T09:00:00"}]'
            where id = %s""",
        application,
    )
    author = Person(RECRUITER, "Awa Mba")

    def change(connection: Connection) -> None:
        notes.append(connection, application, author, "À rappeler")
        deleted, _ = notes.append(connection, application, author, "Une erreur")
        ratings.rate(connection, application, ROSE, 4)
        tags.replace(connection, application, ROSE, ["urgent"])
        shared_scorecard.change(connection, application, ROSE, {"motivation": 3})
        notes.delete(connection, application, RECRUITER, deleted.id)

    platform.do(change)
    line = seen(platform, application, kinds={TimelineKind.NOTE})
    told_notes = {(entry.event, entry.user_name, entry.details.get("note")) for entry in line}
    assert told_notes == {
        ("added", "Awa", "Ancienne"),
        ("added", "Awa Mba", "À rappeler"),
        ("deleted", "Awa Mba", None),
    }
    assert "Une erreur" not in str(line)
    whole = seen(platform, application)
    entries = {entry.event: entry for entry in whole}
    assert (entries["rating"].user_name, entries["rating"].details) == ("Rose Mba", {"before": None, "after": 4})
    assert (entries["changed"].kind, entries["changed"].details["after"]) == ("tag", ["urgent"])
    assert entries["shared_scorecard"].details["after"] == {"motivation": 3}
    assert seen(platform, application, before=whole[3].position) == whole[:3]


def test_pages_follow_each_other_without_gap(platform: Platform, application: int) -> None:
    """Though much happens at one moment, and goes on happening."""
    platform.change(
        """insert into application_events (application_id, kind, event, after, created_at)
           select %s, case when n %% 2 = 0 then 'decision' else 'interview' end, n::text, 'x', now()
             from generate_series(1, 23) n""",
        application,
    )
    whole = seen(platform, application)[::-1]
    assert len(whole) == 24
    paged: list[Entry] = []
    before: Position | None = None
    for _ in range(10):
        found = platform.do(
            lambda connection: timeline.page(connection, application, RECRUITER, before=before, limit=5)  # noqa: B023
        )
        paged += found.entries
        platform.change("update job_applications set status = status where id = %s", application)
        if found.after is None:
            break
        before = Position.read(found.after.written())
        assert before == found.after
    assert paged == whole


STATEMENTS = (
    timeline_sources.RECEIVED,
    timeline_sources.DECISIONS,
    timeline_sources.INTERVIEWS,
    timeline_sources.MAILS,
    timeline_sources.SCORECARDS,
    timeline_sources.FEEDBACK,
    timeline_sources.AI_SCORE,
    timeline_sources.changes_of("rating", "rating"),
)
TABLES = (
    "job_applications",
    "application_events",
    "email_messages",
    "interview_schedules",
    "own_scorecards",
    "application_changes",
)


def explained(connection: Connection, statement: str, question: Question) -> str:
    paged = timeline_sources.PAGE.format(rows=statement)
    return str(query(connection, f"explain {paged}", timeline_sources.values_of("test", question)))


def test_every_source_is_found_by_an_index(platform: Platform, application: int) -> None:
    platform.change(
        """insert into job_applications (job_id, candidate_id, status)
           select job_id, candidate_id, 'applied' from job_applications, generate_series(1, 3000) n where id = %s""",
        application,
    )
    for table, columns, values in (
        ("application_events", "application_id, kind, event", "id, 'decision', 'status'"),
        ("email_messages", "application_id, template", "id, 'raw'"),
        (
            "interview_schedules",
            "application_id, created_by_user_id, title, scheduled_at, candidate_email, status",
            "id, 1, 'x', now(), 'x', 'COMPLETED'",
        ),
        ("application_changes", "application_id, kind, after", "id, 'rating', '4'"),
        ("own_scorecards", "application_id, user_id, overall, submitted_at", "id, 1, 4, now()"),
    ):
        platform.change(f"insert into {table} ({columns}) select {values} from job_applications")
        platform.change(f"analyze {table}")
    platform.change("analyze job_applications")
    asked = Question(application, 1, None, 51)
    for statement in STATEMENTS:
        plan = platform.do(partial(explained, statement=statement, question=asked))
        scanned = {table for table in TABLES if f"Seq Scan on {table}" in plan}
        assert scanned == set(), plan
