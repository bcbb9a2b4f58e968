"""Alert runs that are looked at, stopped, resumed, late, or due at the same instant: every alert is served once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Row
from worker.ledger.controls import cancel, retry
from worker.services.alerts import progress, runs
from worker.services.alerts.alert_run import AlertRun
from worker.services.alerts.progress import RunProgress

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
# A Monday that is the first of its month.
ALL_THREE = datetime(2027, 2, 1, 8, tzinfo=UTC)


def digests(platform: Platform) -> list[Row]:
    return platform.rows("select * from alert_digests order by id")


def shards(platform: Platform) -> list[UUID]:
    """What waits to be carried out, in order."""
    sql = "select id from task_runs where task = %s and state = 'queued' order by id"
    return [row["id"] for row in platform.rows(sql, alerts.MATCH_SHARD.name)]


@pytest.fixture
def begun(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A run of three alerts in three shards, the first of which has ended."""
    monkeypatch.setattr(runs, "SHARD_SIZE", 1)
    for number in (1, 5001, 10_001):
        platform.alert(2, f"Python {number}", id=number)
    platform.offers(2)
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    platform.step(shards(platform)[0])
    return run_id


def reached(platform: Platform) -> RunProgress:
    [alert_run] = platform.rows("select id from alert_runs")
    found = platform.do(lambda connection: progress.of_run(connection, alert_run["id"]))
    assert found is not None
    return found


def counts(alert_run: AlertRun) -> tuple[str, int, int, int, int]:
    """State, total, scanned, matched, digests."""
    looked_at = (alert_run.alerts_total, alert_run.alerts_scanned, alert_run.alerts_matched)
    return (alert_run.state, *looked_at, alert_run.digests_stored)


def test_a_run_tells_how_far_it_is(platform: Platform, begun: UUID) -> None:
    found = reached(platform)
    assert counts(found.alert_run) == ("running", 3, 1, 1, 1)
    assert found.mailed == 0
    assert found.rate > 0
    assert found.seconds_left is not None
    assert found.seconds_left > 0
    platform.step(begun)
    shown: dict[str, Any] = platform.run(begun)["progress"]
    assert (shown["state"], shown["alerts_total"], shown["alerts_scanned"], shown["skipped"]) == ("running", 3, 1, {})
    platform.drain()
    found = reached(platform)
    assert counts(found.alert_run) == ("succeeded", 3, 3, 3, 3)
    assert (found.mailed, found.seconds_left) == (3, None)


def test_an_unknown_run_has_no_progress(platform: Platform) -> None:
    assert platform.do(lambda connection: progress.of_run(connection, 7)) is None


def test_a_run_that_waits_for_its_shards_says_so_before_the_first_ends(platform: Platform) -> None:
    platform.alert()
    platform.offer()
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    shown: dict[str, Any] = platform.run(run_id)["progress"]
    assert (shown["alerts_total"], shown["alerts_scanned"], shown["rate"], shown["seconds_left"]) == (1, 0, 0.0, None)


def test_stopping_a_run_stops_the_shards_that_wait(platform: Platform, begun: UUID) -> None:
    cancel(platform.database, begun, "user:5", reason="too early")
    assert shards(platform) == []
    platform.drain()
    platform.step(platform.enqueue(alerts.TIDY, alerts.Tidy()))
    found = reached(platform)
    assert counts(found.alert_run) == ("cancelled", 3, 1, 1, 1)
    assert found.seconds_left is None


def test_a_stopped_run_goes_on_with_what_is_left(platform: Platform, emulator: ResendEmulator, begun: UUID) -> None:
    cancel(platform.database, begun, "user:5")
    platform.step(platform.enqueue(alerts.TIDY, alerts.Tidy()))
    later = platform.offer("Python plus tard")
    platform.do(lambda connection: retry(connection, begun, "user:5"))
    platform.step(begun)
    assert len(shards(platform)) == 2
    platform.drain()
    found = reached(platform)
    assert counts(found.alert_run) == ("succeeded", 3, 3, 3, 3)
    assert sorted(digest["alert_id"] for digest in digests(platform)) == [1, 5001, 10_001]
    assert later not in {job for digest in digests(platform) for job in digest["job_ids"]}
    assert len(emulator.mails()) == 3


def test_a_run_that_is_late_repeats_nothing(platform: Platform, emulator: ResendEmulator) -> None:
    alert = platform.alert()
    platform.offers(2)
    platform.run_alerts("daily", MONDAY + timedelta(days=1))
    assert platform.run_alerts("daily", MONDAY)["result"]["digests_stored"] == 0
    assert [digest["alert_id"] for digest in digests(platform)] == [alert]
    assert len(emulator.mails()) == 1


def test_runs_of_all_frequencies_at_one_instant_serve_each_alert_once(
    platform: Platform, emulator: ResendEmulator
) -> None:
    platform.alert(name="Jour")
    platform.alert(name="Semaine", frequency="WEEKLY")
    platform.alert(name="Mois", frequency="WEEKLY", own_frequency="monthly")
    platform.offer()
    payloads = [alerts.RunAlerts(frequency=each, period=ALL_THREE) for each in ("monthly", "weekly", "daily")]
    for payload in payloads:
        platform.enqueue(alerts.RUN, payload)
    platform.drain()
    for payload in payloads:
        platform.enqueue(alerts.RUN, payload)
    platform.drain()
    served = platform.rows(
        """
        select a.name, r.frequency from alert_digests d
          join job_alerts a on a.id = d.alert_id join alert_runs r on r.id = d.alert_run_id order by a.id
        """
    )
    assert [(row["name"], row["frequency"]) for row in served] == [
        ("Jour", "daily"),
        ("Semaine", "weekly"),
        ("Mois", "monthly"),
    ]
    assert len(emulator.mails()) == 3


def test_who_is_served_already_for_the_instant_is_counted_and_waits(platform: Platform) -> None:
    alert = platform.alert()
    platform.offer()
    platform.run_alerts("daily", MONDAY)
    platform.offer()
    platform.change("update job_alerts set frequency = 'WEEKLY' where id = %s", alert)
    assert platform.run_alerts("weekly", MONDAY)["result"]["skipped"] == {"served": 1}


def test_an_offer_that_is_closed_when_its_run_comes_is_not_sent_when_it_reopens(platform: Platform) -> None:
    platform.alert()
    offer = platform.offer()
    platform.step(platform.enqueue(alerts.TIDY, alerts.Tidy()))
    platform.drain()
    platform.change("update jobs set status = 'closed' where id = %s", offer)
    platform.run_alerts("daily", MONDAY)
    platform.change("update jobs set status = 'published' where id = %s", offer)
    platform.run_alerts("daily", MONDAY + timedelta(days=1))
    assert digests(platform) == []


def test_an_offer_that_closes_and_reopens_between_two_runs_is_sent_once(platform: Platform) -> None:
    platform.alert()
    offer = platform.offer()
    platform.run_alerts("daily", MONDAY)
    platform.change("update jobs set status = 'closed' where id = %s", offer)
    platform.run_alerts("daily", MONDAY + timedelta(days=1))
    platform.change("update jobs set status = 'published', title = 'Python encore' where id = %s", offer)
    platform.run_alerts("daily", MONDAY + timedelta(days=2))
    assert [digest["job_ids"] for digest in digests(platform)] == [[offer]]


def test_an_alert_that_is_switched_off_before_its_shard_gets_nothing_and_loses_nothing(platform: Platform) -> None:
    alert = platform.alert()
    offer = platform.offer()
    platform.step(platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY)))
    platform.change("update job_alerts set is_active = false where id = %s", alert)
    platform.drain()
    assert digests(platform) == []
    platform.change("update job_alerts set is_active = true where id = %s", alert)
    platform.run_alerts("daily", MONDAY + timedelta(days=1))
    assert [digest["job_ids"] for digest in digests(platform)] == [[offer]]
