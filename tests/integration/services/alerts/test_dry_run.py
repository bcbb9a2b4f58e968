"""A dry run tells what a run would do, and writes nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.services.support import Platform
from worker.kit.database import execute
from worker.services.alerts import dry_run, runs
from worker.services.alerts.dry_run import Forecast
from worker.services.alerts.search import prepare_changed

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
TABLES = "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1"
SEQUENCES = "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"


def forecast(platform: Platform, frequency: str = "daily", period: datetime = MONDAY) -> Forecast:
    return platform.do(lambda connection: dry_run.forecast(connection, frequency, period))


def dump(platform: Platform) -> dict[str, Any]:
    """Every row of every table with its version in the store, and every sequence."""
    rows = {
        table["name"]: platform.rows(f"select t.ctid, t.xmin, t::text as row from {table['name']} t order by t.ctid")
        for table in platform.rows(TABLES)
    }
    return {**rows, "sequences": platform.rows(SEQUENCES)}


def people(platform: Platform) -> None:
    """Alerts of three candidates that find something, one of whom must not be written to, and two that do not."""
    for candidate in (1, 2, 3):
        platform.own_alert(candidate)
    platform.own_alert(1, "Rien", criteria={"keywords": ["astronaute"]})
    platform.own_alert(1, "Semaine", frequency="WEEKLY")
    platform.own_alert(1, "Éteinte", is_active=False)
    platform.change("update users set is_active = false where id = 3")


def test_it_writes_nothing(platform: Platform) -> None:
    people(platform)
    platform.offers(2)
    platform.do(prepare_changed)
    platform.offer("Python sans document")
    before = dump(platform)
    assert forecast(platform).mailed == 2
    assert dump(platform) == before


def test_it_says_what_the_run_then_does(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "SHARD_SIZE", 1)
    people(platform)
    first, second = platform.offers(2)
    platform.offer("Comptable")
    platform.offer("Python plus tard", status="draft")
    found = forecast(platform)
    assert (found.upper_bound, found.active, found.due, found.matched, found.mailed) == (3, 4, 4, 3, 2)
    assert (found.skipped, found.ended) == ({"inactive_user": 1}, False)
    assert [(each.alert_id, each.total, each.job_ids) for each in found.examples] == [
        (1, 2, (second, first)),
        (3, 2, (second, first)),
    ]
    result = platform.run_alerts("daily", MONDAY)["result"]
    assert (result["alerts_total"], result["digests_stored"], result["skipped"]) == (4, 2, {"inactive_user": 1})
    assert [
        (row["alert_id"], row["total"], tuple(row["job_ids"]), row["last_number"])
        for row in platform.rows("select * from alert_digests order by alert_id")
    ] == [(each.alert_id, each.total, each.job_ids, found.upper_bound) for each in found.examples]


def test_after_the_run_nothing_is_due(platform: Platform) -> None:
    people(platform)
    platform.offer()
    platform.run_alerts("daily", MONDAY)
    found = forecast(platform)
    assert (found.active, found.due, found.matched, found.mailed, found.ended) == (4, 0, 0, 0, True)
    assert forecast(platform, period=MONDAY.replace(day=24)).ended is False


def test_it_sees_changes_that_nobody_has_prepared(platform: Platform) -> None:
    platform.own_alert(1)
    edited, closed = platform.offers(2, "Comptable")
    platform.run_alerts("daily", MONDAY)
    platform.change("update job_alerts set last_number = 0")
    platform.change("update jobs set title = 'Développeuse Python' where id = %s", edited)
    platform.change("update jobs set title = 'Python', status = 'closed' where id = %s", closed)
    [example] = forecast(platform, period=MONDAY.replace(day=24)).examples
    assert example.job_ids == (edited,)


def test_it_names_five_alerts_and_no_person(platform: Platform) -> None:
    for number in range(7):
        platform.own_alert(1, f"Python {number}")
    platform.offer()
    found = forecast(platform)
    assert found.mailed == 7
    assert [each.alert_id for each in found.examples] == [1, 2, 3, 4, 5]
    assert "@" not in repr(found)
    assert "Python" not in repr(found)


def test_an_instant_alert_that_rests_is_not_due(platform: Platform) -> None:
    platform.own_alert(1, frequency="INSTANT", last_sent_at="now")
    platform.own_alert(2, frequency="INSTANT")
    platform.offer()
    found = forecast(platform, "instant")
    assert (found.active, found.due, found.mailed) == (1, 1, 1)


def test_without_alerts_nothing_is_looked_at(platform: Platform) -> None:
    platform.offer()
    assert forecast(platform) == Forecast("daily", MONDAY, upper_bound=1, active=0, due=0, ended=False)


def test_it_must_come_first_in_its_transaction(platform: Platform) -> None:
    """Otherwise what came before might write."""

    def late(connection: Any) -> None:
        execute(connection, "select 1")
        dry_run.forecast(connection, "daily", MONDAY)

    with pytest.raises(Exception, match="must be called before any query"):
        platform.do(late)
