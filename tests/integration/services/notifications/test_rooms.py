"""What each room tells, as the main web app's bell reads it: its type, what it leads to, both languages."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.catalogue.notifications import NOTIFY, Notify
from worker.kit.database import Row
from worker.services.notifications import interviews, kinds, mentions, partners, postings, reading, scorecards
from worker.services.notifications.interviews import InterviewFacts
from worker.services.notifications.mentions import MentionFacts
from worker.services.notifications.postings import PostingNews
from worker.services.notifications.scorecards import ScorecardFacts

FRENCH, ENGLISH = 1, 4
BOTH = [FRENCH, ENGLISH]
MONDAY = datetime(2026, 12, 7, 9, tzinfo=UTC)
JOB, APPLICATION = 1, 1
Told = Callable[[Platform], None]


def in_one(work: Callable[[Connection], object]) -> Told:
    return lambda platform: platform.do(lambda connection: (work(connection), None)[1])


def publish(connection: Connection) -> None:
    for user in BOTH:
        postings.tell(connection, user, JOB, PostingNews("published", "LinkedIn"))


def remind(connection: Connection) -> None:
    for user in BOTH:
        scorecards.remind(
            connection, user, ScorecardFacts("Léa", "Entretien", MONDAY, "Africa/Libreville", APPLICATION)
        )


def lose(platform: Platform) -> None:
    platform.enqueue(NOTIFY, Notify(kind="connection_expires", user_ids=BOTH, provider="linkedin", days=7))
    platform.drain()


INTERVIEW = InterviewFacts("Entretien", "Léa", MONDAY, "Africa/Libreville", APPLICATION)
MENTION = MentionFacts(author="Awa", candidate="Léa", offer="Comptable", application_id=APPLICATION)


@pytest.mark.parametrize(
    ("tell", "kind", "leads_to", "path", "french", "english"),
    [
        (in_one(publish), "post_published", (JOB, None), "/dashboard/job-posts", "Offre publiée sur", "published on"),
        (
            in_one(lambda connection: interviews.tell(connection, "declined", BOTH, INTERVIEW)),
            "interview_declined",
            (None, APPLICATION),
            "/dashboard/applications",
            "Invitation déclinée : Léa",
            "Invitation declined: Léa",
        ),
        (
            in_one(lambda connection: partners.tell(connection, BOTH, "off", "Agence")),
            "channel_off",
            (None, None),
            "/dashboard/integrations",
            "Webhook arrêté : Agence",
            "Webhook stopped: Agence",
        ),
        (
            in_one(lambda connection: mentions.tell(connection, BOTH, MENTION)),
            "mention",
            (None, APPLICATION),
            "/dashboard/applications",
            "Awa vous a mentionné",
            "Awa mentioned you",
        ),
        (in_one(remind), "scorecard_due", (None, APPLICATION), "/dashboard/applications", "attendue : Léa", "Léa"),
        (lose, "connection_expires", (None, None), "/dashboard/integrations", "LinkedIn", "LinkedIn"),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
def test_a_recruiter_is_told(
    platform: Platform,
    tell: Told,
    kind: str,
    leads_to: tuple[int | None, int | None],
    path: str,
    french: str,
    english: str,
) -> None:
    job = platform.offer("Comptable")
    application = platform.app(lambda connection: main_web_app.insert_application(connection, job, 1))
    assert (job, application) == (JOB, APPLICATION)
    platform.change("insert into recipient_preferences (user_id, locale) values (%s, 'en')", ENGLISH)
    tell(platform)
    said = []
    for user in BOTH:
        [row] = page(platform, user)
        assert (row["label"], row["kind"]) == ("SYSTEM", kind)
        assert (row["related_job_id"], row["related_application_id"]) == leads_to
        said.append((row["title"], row["message"]))
    assert (french in said[0][0], english in said[1][0]) == (True, True), said
    assert said[0][1] != said[1][1]
    [rule] = [each for each in kinds.RULES if each.value == kind]
    assert kinds.path(rule, *leads_to) == path


def page(platform: Platform, user: int) -> Sequence[Row]:
    found = platform.do(lambda connection: reading.find(connection, user, unread_only=True, limit=20, offset=0))
    return found.notifications


def test_a_candidate_is_told_of_each_alert_by_its_newest_offer(platform: Platform) -> None:
    platform.own_alert(1, "Python")
    platform.own_alert(1, "Développeur", criteria={"keywords": ["développeur"]})
    platform.drain()
    newest = platform.offers(2)[-1]
    platform.run_alerts("daily", MONDAY)
    found = page(platform, 2)
    assert {row["title"] for row in found} == {
        "Nouvelles offres pour « Python »",
        "Nouvelles offres pour « Développeur »",
    }
    assert {(row["label"], row["kind"], row["related_job_id"], row["count"]) for row in found} == {
        ("NEW_JOB", "matching_jobs", newest, 1)
    }
    assert platform.rows("select id from email_messages where template = 'notification'") == []
