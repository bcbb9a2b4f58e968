"""A day after an interview whoever held it is reminded of his own scorecard, once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.catalogue import collaboration
from worker.kit.database import Row, query
from worker.services.collaboration import own_scorecards, scorecard_reminders
from worker.services.collaboration.own_scorecards import NewCard
from worker.services.notifications import scorecards
from worker.services.notifications.scorecards import ScorecardFacts

RECRUITER, PAUL, ROSE, LUC, STRANGER = 1, 2, 8, 9, 10
HOUR = timedelta(hours=1)
CARD = NewCard({"motivation": 4}, overall=None, comment=None, submitted=True)


@dataclass
class Rounds:
    """Interviews that were, and who was told to say what he thinks."""

    platform: Platform

    def apply(self) -> int:
        job = self.platform.offer()
        return self.platform.app(lambda connection: main_web_app.insert_application(connection, job, 1))

    def held(self, *listed: Any, ago: timedelta = 25 * HOUR, application: int = 0, **values: Any) -> int:
        """Ended so long ago, after an hour; planned by the recruiter."""
        applied = application or self.apply()
        start = datetime.now(UTC) - ago - HOUR
        values = {"scheduled_at": start, "duration_minutes": 60, "interviewers": list(listed), **values}
        return self.platform.app(
            lambda connection: main_web_app.insert_interview(connection, applied, RECRUITER, **values)
        )

    def change(self, interview: int, sets: str) -> None:
        self.platform.change(f"update interview_schedules set {sets} where id = %s", interview)

    def hand_in(self, interview: int, user_id: int, card: NewCard = CARD) -> None:
        [row] = self.platform.rows("select application_id from interview_schedules where id = %s", interview)
        self.platform.do(lambda connection: own_scorecards.save(connection, row["application_id"], user_id, card))

    def remind(self, limit: int = 200) -> list[int]:
        """Users who were told, by this."""
        before = len(self.told())
        self.platform.enqueue(collaboration.REMIND_SCORECARDS, collaboration.RemindScorecards(limit=limit))
        self.platform.drain()
        return [row["user_id"] for row in self.told()[before:]]

    def told(self) -> list[Row]:
        return self.platform.rows("select * from notifications order by id")


@pytest.fixture
def rounds(platform: Platform) -> Rounds:
    """Rose and Luc work with the recruiter, the stranger elsewhere."""

    def populate(connection: Any) -> None:
        for user_id, name, company in ((ROSE, "rose.mba", 1), (LUC, "luc.mve", 1), (STRANGER, "jean.obiang", 2)):
            assert main_web_app.insert_user(connection, f"{name}@example.org", "EMPLOYER") == user_id
            main_web_app.insert(connection, "employers", user_id=user_id, company_id=company)

    platform.app(populate)
    return Rounds(platform)


def test_who_interviewed_and_has_said_nothing_is_reminded_once(rounds: Rounds) -> None:
    listed = (
        {"name": "Rose", "email": " Rose.MBA@Example.org "},
        {"user_id": LUC},
        {"email": "jean.obiang@example.org"},
        {"email": "dehors@example.org"},
        {"name": "Sans adresse", "email": 7},
        "rien",
    )
    interview = rounds.held(*listed, title="Entretien technique")
    assert rounds.remind() == [ROSE, LUC]
    [to_rose, _] = rounds.told()
    assert (to_rose["type"], to_rose["title"]) == ("SYSTEM", "Évaluation attendue : Paul Ndong")
    assert "est passé : remplissez votre fiche" in to_rose["message"]
    [row] = rounds.platform.rows("select application_id from interview_schedules where id = %s", interview)
    assert to_rose["related_application_id"] == row["application_id"]
    assert rounds.remind() == []
    second = rounds.held(*listed, ago=30 * HOUR)
    rounds.hand_in(second, ROSE)
    rounds.hand_in(second, LUC, NewCard({}, overall=3, comment=None, submitted=False))
    assert rounds.remind() == [LUC], "a draft is not handed in"
    assert rounds.platform.rows("select user_ids from scorecard_reminders order by interview_id") == [
        {"user_ids": [ROSE, LUC]},
        {"user_ids": [LUC]},
    ]


def test_who_planned_it_is_reminded_where_nobody_is_listed(rounds: Rounds) -> None:
    for interviewers in (None, [], {"email": "x"}, ["rien"]):
        rounds.held(interviewers=interviewers, duration_minutes=None)
        assert rounds.remind() == [RECRUITER], interviewers
    rounds.platform.change("update users set is_active = false where id = %s", RECRUITER)
    rounds.held()
    assert rounds.remind() == []


def test_only_what_took_place_and_is_undecided_is_asked_about(rounds: Rounds) -> None:
    rounds.held(ago=23 * HOUR)
    rounds.held(ago=26 * HOUR, duration_minutes=8 * 60)
    rounds.held(ago=timedelta(days=5))
    rounds.held(status="CANCELED")
    rounds.change(rounds.held(status="CANCELED"), "own_status = 'no_show'")
    rejected = rounds.apply()
    rounds.held(application=rejected)
    rounds.platform.change("update job_applications set status = 'rejected' where id = %s", rejected)
    assert rounds.remind() == []
    rounds.platform.change("update job_applications set status = 'interview' where id = %s", rejected)
    assert rounds.remind() == [RECRUITER], "who was put back is asked about again"
    rounds.held(status="COMPLETED")
    assert rounds.remind() == [RECRUITER]


def test_what_is_moved_is_asked_about_after_its_new_hour(rounds: Rounds) -> None:
    before, after = rounds.held(), rounds.held()
    rounds.change(before, "scheduled_at = now() - interval '2 hours', status = 'RESCHEDULED'")
    assert rounds.remind() == [RECRUITER]
    rounds.change(after, "scheduled_at = now() + interval '1 day', status = 'RESCHEDULED'")
    assert rounds.remind() == []
    rounds.change(before, "scheduled_at = scheduled_at - interval '1 day'")
    rounds.change(after, "scheduled_at = now() - interval '26 hours'")
    assert rounds.remind() == [RECRUITER, RECRUITER]
    rounds.change(before, "status = 'CANCELED'")
    assert rounds.remind() == []


def test_two_interviews_of_a_day_make_one_reminder(rounds: Rounds) -> None:
    application = rounds.apply()
    for ago in (25, 26, 27):
        rounds.held(application=application, ago=ago * HOUR)
    assert rounds.remind() == [RECRUITER]
    assert len(rounds.platform.rows("select interview_id from scorecard_reminders")) == 3
    for _ in range(5):
        rounds.held()
    assert rounds.remind(limit=2) == [RECRUITER] * 5, "a full page is followed by the next"


def test_a_worker_that_dies_in_the_middle_reminds_nobody_twice(rounds: Rounds) -> None:
    interview = rounds.held()

    def die(connection: Connection) -> None:
        assert scorecard_reminders.remind(connection, 10) == (1, 1, False)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        rounds.platform.do(die)
    assert rounds.told() == []
    assert rounds.remind() == [RECRUITER]
    # Another run that had read the interview before the first one ended.
    [row] = rounds.platform.rows("select id, scheduled_at as start from interview_schedules where id = %s", interview)
    assert rounds.platform.do(lambda connection: scorecard_reminders._note(connection, row, [RECRUITER])) is False
    rounds.platform.change("delete from interview_schedules where id = %s", interview)
    assert rounds.platform.do(lambda connection: scorecard_reminders._note(connection, row, [RECRUITER])) is False
    assert rounds.platform.rows("select interview_id from scorecard_reminders") == []


@pytest.mark.parametrize(
    ("locale", "title"), [("fr", "Évaluation attendue : Entretien"), ("en", "Scorecard awaited: Entretien")]
)
def test_a_reminder_speaks_its_readers_language(locale: str, title: str) -> None:
    facts = ScorecardFacts("", "Entretien", datetime(2027, 7, 9, 14, tzinfo=UTC), "Africa/Libreville", 1)
    found = scorecards.wording(locale, facts)
    assert found.title == title
    assert "15:00" in found.message or "3:00" in found.message


def test_interviews_of_these_days_are_found_by_an_index(rounds: Rounds) -> None:
    application = rounds.apply()
    rounds.platform.change(
        """insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, candidate_email,
                                            status)
           select %s, 1, 'x', now() - n * interval '1 hour', 'x@example.org', 'COMPLETED'
             from generate_series(200, 8000) n""",
        application,
    )
    rounds.platform.change("analyze interview_schedules")
    values: dict[str, Any] = {"latest": scorecard_reminders.LATEST, "after": scorecard_reminders.AFTER}
    values |= {"canceled": "CANCELED", "decided": ["rejected"], "limit": 100}
    plan = str(rounds.platform.do(lambda connection: query(connection, f"explain {scorecard_reminders.DUE}", values)))
    assert "Seq Scan on interview_schedules" not in plan
    assert "ix_interview_schedules_scheduled_at" in plan
