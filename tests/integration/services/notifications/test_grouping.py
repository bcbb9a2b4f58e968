"""What belongs together is told once, whoever writes it and from however many processes at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import psycopg
import pytest

from models.enums import NotificationKind
from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.services.notifications import reading, writing
from worker.services.notifications.reading import NotificationPage
from worker.services.notifications.writing import NewNotification

RECRUITER, CANDIDATE, COLLEAGUE = 1, 2, 4
SEVEN = 7
CROWD = 20


def page(platform: Platform, user_id: int = RECRUITER) -> NotificationPage:
    return platform.do(lambda connection: reading.find(connection, user_id, unread_only=False, limit=100, offset=0))


def titles(platform: Platform, user_id: int = RECRUITER) -> list[str]:
    return [row["title"] for row in page(platform, user_id).notifications]


def applied(connection: "psycopg.Connection[object]", job_id: int, user_id: int = RECRUITER, **values: object) -> int:
    """As the main web app tells a recruiter, one by one."""
    told = {"type": "NEW_APPLICATION", "title": "📩 Nouvelle candidature", "message": "Paul a postulé", **values}
    return main_web_app.insert_notification(connection, user_id, related_job_id=job_id, is_read=False, **told)


def apply(platform: Platform, job_id: int, user_id: int = RECRUITER, **values: object) -> int:
    return platform.app(lambda connection: applied(connection, job_id, user_id, **values))


def write(platform: Platform, kind: NotificationKind, new: Sequence[NewNotification]) -> None:
    platform.do(lambda connection: writing.write(connection, kind, new))


def test_seven_applications_within_ten_minutes_are_one(platform: Platform) -> None:
    job = platform.offer("Comptable R&amp;D")
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=9)
    numbers = [apply(platform, job, created_at=began + timedelta(minutes=n)) for n in range(SEVEN)]
    found = page(platform)
    assert (found.total, found.unread) == (1, 1)
    [shown] = found.notifications
    assert (shown["title"], shown["message"]) == (
        "7 nouvelles candidatures",
        "7 personnes ont postulé à « Comptable R&D ».",
    )
    assert (shown["id"], shown["count"], shown["kind"]) == (numbers[0], 7, "new_application")
    assert (shown["created_at"], shown["related_job_id"]) == (began + timedelta(minutes=6), job)
    platform.change("insert into recipient_preferences (user_id, locale) values (%s, 'en')", RECRUITER)
    assert titles(platform) == ["7 new applications"]
    write(platform, NotificationKind.NEW_APPLICATION, [NewNotification(RECRUITER, "Une autre", "Texte", job)])
    assert titles(platform) == ["8 new applications"], "by the same rule, whoever writes"
    assert "8 people applied to “Comptable R&D”." in str(page(platform).notifications)
    # Rows that the main web app was given numbers of are all there, and its own count of unread ones is one.
    assert len(platform.rows("select id from notifications where id = any(%s)", numbers)) == SEVEN
    assert platform.row("select count(*) from notifications where is_read = false")["count"] == 1


def test_what_was_read_is_not_changed_and_another_begins(platform: Platform) -> None:
    job, other = platform.offers(2, "Comptable")
    first = apply(platform, job)
    apply(platform, job)
    platform.do(lambda connection: reading.mark_read(connection, RECRUITER, first))
    before = platform.row("select to_jsonb(n) as row from notifications n where id = %s", first)
    second = apply(platform, job)
    apply(platform, job)
    assert platform.row("select to_jsonb(n) as row from notifications n where id = %s", first) == before
    assert [(row["id"], row["count"], row["is_read"]) for row in page(platform).notifications] == [
        (second, 2, False),
        (first, 2, True),
    ]
    # Of another offer, of somebody else, and of eleven minutes later nothing is gathered with it.
    apply(platform, other)
    apply(platform, job, COLLEAGUE)
    apply(platform, job, created_at=datetime.now(UTC) + timedelta(minutes=11))
    assert (page(platform).total, page(platform).unread, page(platform, COLLEAGUE).unread) == (4, 3, 1)
    assert platform.do(lambda connection: reading.delete(connection, RECRUITER, second))
    assert (page(platform).total, len(platform.rows("select id from notifications where user_id = %s", RECRUITER))) == (
        3,
        4,
    )


def test_a_crowd_that_writes_at_once_is_one(platform: Platform, database_url: str) -> None:
    job = platform.offer("Comptable")
    ready = Barrier(CROWD)

    def arrive(_: int) -> int:
        with psycopg.connect(database_url) as connection:
            ready.wait()
            return applied(connection, job)

    with ThreadPoolExecutor(CROWD) as pool:
        numbers = set(pool.map(arrive, range(CROWD)))
    found = page(platform)
    assert (len(numbers), found.total, found.unread) == (CROWD, 1, 1)
    assert found.notifications[0]["title"] == f"{CROWD} nouvelles candidatures"


def test_an_application_that_came_to_nothing_is_not_counted(platform: Platform, database_url: str) -> None:
    job = platform.offer("Comptable")
    apply(platform, job)
    with psycopg.connect(database_url) as connection:
        applied(connection, job)
        connection.rollback()
    assert titles(platform) == ["📩 Nouvelle candidature"]


def test_only_what_says_the_same_is_gathered(platform: Platform) -> None:
    job = platform.offer("Comptable")
    application = platform.app(lambda connection: main_web_app.insert_application(connection, job, 1))
    for kind in NotificationKind:
        rows = [NewNotification(RECRUITER, f"{kind} {n}", "Texte", job, application) for n in range(2)]
        write(platform, kind, rows)
    counts = {row["kind"]: row["count"] for row in page(platform).notifications if row["count"] > 1}
    assert counts == {"new_application": 2, "post_published": 2, "mention": 2}
    said = {row["kind"]: (row["title"], row["message"]) for row in page(platform).notifications}
    assert said["post_published"] == ("2 publications en ligne", "« Comptable » est en ligne à 2 endroits.")
    assert said["mention"] == (
        "2 mentions de vous",
        "Des collègues vous ont mentionné dans leurs notes sur la candidature de Paul Ndong (Comptable).",
    )
    # Its offer is gone with the application: what the first one said is left.
    platform.app(lambda connection: main_web_app.delete_job(connection, job))
    said = {row["kind"]: (row["title"], row["message"]) for row in page(platform).notifications}
    assert said["post_published"] == ("2 publications en ligne", "Texte")


@pytest.mark.parametrize("broken", ["notification_preferences", "group_began_at"])
def test_a_row_that_cannot_be_placed_stands_by_itself(platform: Platform, broken: str) -> None:
    job = platform.offer("Comptable")
    rename = "table notification_preferences rename to elsewhere"
    back = "table elsewhere rename to notification_preferences"
    if broken == "group_began_at":
        rename = "table notifications rename column group_began_at to elsewhere"
        back = "table notifications rename column elsewhere to group_began_at"
    platform.change(f"alter {rename}")
    try:
        for _ in range(2):
            apply(platform, job)
    finally:
        platform.change(f"alter {back}")
    assert titles(platform) == ["📩 Nouvelle candidature"] * 2


def test_what_is_not_wanted_in_the_bell_is_not_there(platform: Platform) -> None:
    job = platform.offer("Comptable")
    for kind in ("new_application", "post_published", "connection_lost"):
        platform.change(
            "insert into notification_preferences (user_id, kind, in_app) values (%s, %s, false)", RECRUITER, kind
        )
    number = apply(platform, job)
    apply(platform, job)
    write(platform, NotificationKind.POST_PUBLISHED, [NewNotification(RECRUITER, "En ligne", "Texte", job)])
    assert (page(platform).total, page(platform).unread) == (0, 0)
    assert platform.rows("select id, is_read from notifications where id = %s", number) == [
        {"id": number, "is_read": True}
    ]
    # What nobody may miss is told in any case.
    write(platform, NotificationKind.CONNECTION_LOST, [NewNotification(RECRUITER, "Perdue", "Texte")])
    assert titles(platform) == ["Perdue"]
