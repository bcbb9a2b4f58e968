"""An alert run and its shards: locks that could cross, and what an operator leaves behind."""

from datetime import UTC, datetime

import pytest

from tests.factories.ledger import OpenTransaction
from tests.integration.services.support import Platform
from worker.catalogue import alerts
from worker.kit.database import Database
from worker.ledger import record
from worker.ledger.apply import apply_outcome
from worker.ledger.claim import claim
from worker.ledger.controls import cancel, retry
from worker.ledger.outcomes import Done, Run, Snooze
from worker.services.alerts import runs, shards

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


def claimed(platform: Platform, task: str) -> Run:
    platform.change("update task_runs set run_at = now() where task = %s and state = 'queued'", task)
    ids = [row["id"] for row in platform.rows("select id from task_runs where task = %s and state = 'queued'", task)]
    [run] = claim(platform.database, task, ids, worker=platform.worker, message=None, timeout=60.0)
    return run


@pytest.fixture
def begun(platform: Platform) -> Platform:
    """An alert run that waits for its one shard."""
    platform.alert()
    platform.offer()
    platform.step(platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY)))
    return platform


def test_a_shard_that_ends_while_its_run_looks_does_not_deadlock(database: Database, begun: Platform) -> None:
    shard, family = claimed(begun, alerts.MATCH_SHARD.name), claimed(begun, alerts.RUN.name)
    with OpenTransaction(database) as child, OpenTransaction(database) as parent:
        parent.do(lambda connection: record.lock(connection, [family]))
        child.do(lambda connection: record.lock(connection, [shard]))
        child.do(lambda connection: shards.match_shard(connection, **shard.payload))
        ending = child.start(lambda connection: apply_outcome(connection, shard, Done(), ran=0.1))
        looked = parent.do(lambda connection: runs.advance(connection, family.id, "daily", MONDAY))
        assert isinstance(looked, Snooze)
        parent.do(lambda connection: apply_outcome(connection, family, looked, ran=0.1))
        parent.commit()
        ending.result(10)
        child.commit()
    assert begun.run(family.id)["ahead"] <= 0


def test_a_cancelled_run_closes_its_alert_run_and_begins_anew_when_retried(begun: Platform) -> None:
    [family] = begun.rows("select id from task_runs where task = %s", alerts.RUN.name)
    cancel(begun.database, family["id"], "user:5")
    assert begun.step(begun.enqueue(alerts.TIDY, alerts.Tidy()))["result"]["closed"] == 1
    closed = begun.row("select state, finished_at is not null as ended from alert_runs")
    assert (closed["state"], closed["ended"]) == ("cancelled", True)
    begun.do(lambda connection: retry(connection, family["id"], "user:5"))
    begun.drain()
    assert begun.run(family["id"])["result"]["failed_shards"] == 0
    assert begun.row("select state, alerts_scanned from alert_runs") == {"state": "succeeded", "alerts_scanned": 1}
    assert len(begun.rows("select id from alert_digests")) == 1


def test_a_run_that_is_cancelled_and_retried_within_a_minute_begins_anew(begun: Platform) -> None:
    [family] = begun.rows("select id from task_runs where task = %s", alerts.RUN.name)
    cancel(begun.database, family["id"], "user:5")
    begun.do(lambda connection: retry(connection, family["id"], "user:5"))
    begun.drain()
    assert begun.run(family["id"])["result"]["state"] == "succeeded"
    assert len(begun.rows("select id from alert_digests")) == 1


def test_alerts_of_the_main_web_app_get_their_owner_without_an_alert_run(platform: Platform) -> None:
    alert = platform.alert()
    assert platform.row("select origin from job_alerts where id = %s", alert)["origin"] == "main"
    assert platform.step(platform.enqueue(alerts.TIDY, alerts.Tidy()))["result"]["adopted"] == 1
    assert platform.row("select origin from job_alerts where id = %s", alert)["origin"] == "translated"
