"""A shard stores each digest once, and finds what a preview finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.ledger import OpenTransaction, wait_for_lock
from tests.factories.matching import match_many
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database, Row
from worker.services.alerts import digests as digests_of
from worker.services.alerts import selection, shards
from worker.services.alerts.alert_run import of_period
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.search import open_offers, prepare_changed
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.index import OfferIndex

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
EVERYTHING: dict[str, Any] = {}


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def alert_row(platform: Platform, alert: int) -> Row:
    return platform.row("select * from job_alerts where id = %s", alert)


def day(number: int) -> datetime:
    return MONDAY + timedelta(days=number)


def test_a_preview_finds_what_the_run_sends(platform: Platform) -> None:
    criteria = {"keywords": ["développeuses", "comptable"], "location": "libreville", "salary_min": 400_000}
    platform.alert(criteria=criteria)
    for title, values in (
        ("Développeur Python", {"salary_min": 300_000, "salary_max": 500_000}),
        ("Développeuse", {"salary_min": 100_000, "salary_max": 200_000}),
        ("Comptables", {"salary_max": 450_000}),
        ("Comptable", {"location": "Douala", "salary_min": 900_000}),
        ("Comptable fermée", {"status": "draft", "salary_min": 900_000}),
        ("Chef de projet", {"salary_min": 900_000, "description": "Encadrer développeuses et développeurs"}),
        ("Chef comptable", {}),
    ):
        platform.offer(title, **values)
    platform.do(prepare_changed)
    upper_bound = platform.do(number_offers)
    offers = platform.do(lambda connection: open_offers(connection, above=0, upper_bound=upper_bound))
    preview = match_many(parse_criteria(criteria), OfferIndex(offers))
    platform.run_alerts("daily", MONDAY)
    [digest] = digests(platform)
    assert digest["job_ids"] == [found.offer.id for found in preview.top] == [6, 3, 1]
    assert digest["total"] == preview.total


def test_a_shard_that_is_rolled_back_half_way_stores_each_digest_once(database: Database, platform: Platform) -> None:
    for candidate in (1, 2, 3):
        platform.own_alert(candidate)
    platform.offer()
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    payload = platform.row("select payload from task_runs where parent_id = %s", run_id)["payload"]
    with OpenTransaction(database) as killed:
        killed.do(lambda connection: shards.match_shard(connection, **payload))
        killed.roll_back()
    assert digests(platform) == []
    platform.drain()
    assert sorted(digest["alert_id"] for digest in digests(platform)) == [1, 2, 3]
    again = platform.do(lambda connection: shards.match_shard(connection, **payload))
    assert "'digests': 0" in repr(again)
    assert (len(digests(platform)), len(platform.mails())) == (3, 3)
    assert len(platform.rows("select * from notifications")) == 3


def test_two_executions_of_one_shard_at_once_store_each_digest_once(database: Database, platform: Platform) -> None:
    platform.alert(2)
    platform.alert(3)
    platform.offer()
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    payload = platform.row("select payload from task_runs where parent_id = %s", run_id)["payload"]
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        first.do(lambda connection: shards.match_shard(connection, **payload))
        waiting = second.start(lambda connection: shards.match_shard(connection, **payload))
        wait_for_lock(database)
        first.commit()
        waiting.result(10)
        second.commit()
    assert [digest["alert_id"] for digest in digests(platform)] == [1, 2]


def test_a_shard_of_an_unknown_run_ends_quietly(platform: Platform) -> None:
    run_id = platform.enqueue(alerts.MATCH_SHARD, alerts.MatchShard(alert_run_id=77, first_id=1, last_id=9))
    assert platform.step(run_id)["result"] == {"state": "gone"}


@pytest.mark.parametrize(
    ("change", "watermark"),
    [
        ("""criteria = '{"keywords": ["comptable"]}'""", 2),
        ("is_active = false", 0),
        ("frequency = 'WEEKLY'", 0),
        ("last_number = 1", 1),
    ],
)
def test_an_alert_that_changes_between_reading_and_storing_gets_nothing(
    platform: Platform, change: str, watermark: int
) -> None:
    """Another run, other criteria: whoever moved the watermark knows better. Otherwise it stays for the next run."""
    alert = platform.alert()
    platform.offer()
    platform.step(platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY)))
    alert_run = platform.do(lambda connection: of_period(connection, "daily", MONDAY))
    assert alert_run is not None
    due = platform.do(lambda connection: selection.due(connection, "daily", 1, 9, 1))
    hits = platform.do(lambda connection: shards.find(connection, due, 1, owner="test"))
    assert [hit.alert_id for hit in hits] == [alert]
    platform.offer("Python encore")
    platform.do(prepare_changed)
    platform.do(number_offers)
    platform.change(f"update job_alerts set {change} where id = %s", alert)
    stored = platform.do(lambda connection: digests_of.store(connection, alert_run, hits))
    assert (stored.digests, stored.skipped.total(), digests(platform), platform.mails()) == (0, 0, [], [])
    assert alert_row(platform, alert)["last_number"] == watermark
