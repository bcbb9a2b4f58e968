"""Which offers an alert looks at: each once, none lost, none from before."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.factories.ledger import OpenTransaction
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database, Row, raw

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
EVERYTHING: dict[str, Any] = {}


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def alert_row(platform: Platform, alert: int) -> Row:
    return platform.row("select * from job_alerts where id = %s", alert)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def test_three_periods_with_edits_send_every_offer_once(platform: Platform, emulator: ResendEmulator) -> None:
    platform.alert(2)
    platform.alert(3, "Tout", criteria=EVERYTHING)
    sent: list[tuple[int, int]] = []
    edits = ("title = 'Python revu'", "status = 'closed'", "status = 'published', posted_at = now()")
    for number, edit in enumerate(edits):
        platform.offers(3)
        platform.run_alerts("daily", day(number))
        platform.change(f"update jobs set {edit}")
    platform.run_alerts("daily", day(3))
    for digest in digests(platform):
        sent += [(digest["alert_id"], job) for job in digest["job_ids"]]
    assert len(sent) == len(set(sent)) == 18
    assert len(emulator.mails()) == 6


def test_an_offer_that_commits_late_is_in_the_next_digest(database: Database, platform: Platform) -> None:
    platform.alert()
    with OpenTransaction(database) as main_app:
        late = main_app.do(
            lambda connection: main_web_app.insert_job(
                raw(connection), "Python tardif", posted_at=MONDAY - timedelta(days=9)
            )
        )
        early = platform.offer()
        platform.run_alerts("daily", MONDAY)
        main_app.commit()
    platform.run_alerts("daily", day(1))
    assert [digest["job_ids"] for digest in digests(platform)] == [[early], [late]]


def test_a_digest_carries_twenty_and_says_how_many_more(platform: Platform, emulator: ResendEmulator) -> None:
    alert = platform.alert()
    offers = platform.offers(23)
    platform.run_alerts("daily", MONDAY)
    [digest] = digests(platform)
    assert (digest["job_ids"], digest["total"], digest["more_count"]) == (offers[:2:-1], 23, 3)
    [mail] = emulator.mails()
    assert mail["subject"] == "23 nouvelles offres pour « Python »"
    assert "Et 3 autres offres" in emulator.mail(mail["id"])["text"]
    assert alert_row(platform, alert)["jobs_sent_count"] == 20
    platform.run_alerts("daily", day(1))
    assert len(digests(platform)) == 1


def test_a_new_alert_starts_at_the_highest_number_of_its_moment(platform: Platform) -> None:
    platform.offers(2)
    platform.step(platform.enqueue(alerts.TIDY, alerts.Tidy()))
    platform.drain()
    alert = platform.alert()
    assert alert_row(platform, alert)["last_number"] == 2
    platform.run_alerts("daily", MONDAY)
    assert digests(platform) == []
    offer = platform.offer()
    platform.run_alerts("daily", day(1))
    assert [digest["job_ids"] for digest in digests(platform)] == [[offer]]


def test_changed_criteria_do_not_look_back(platform: Platform) -> None:
    alert = platform.alert(criteria={"keywords": ["comptable"]})
    platform.offers(2)
    platform.run_alerts("daily", MONDAY)
    platform.change("""update job_alerts set criteria = '{"keywords": ["python"]}' where id = %s""", alert)
    offer = platform.offer()
    platform.run_alerts("daily", day(1))
    assert [digest["job_ids"] for digest in digests(platform)] == [[offer]]
