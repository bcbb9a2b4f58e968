"""Workers are killed in the middle of an alert run; then every digest and every mail is counted."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest
import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from tests.chaos import alert_market
from tests.chaos.alert_market import Expected
from tests.chaos.conftest import StackMaker
from tests.means import written_size
from worker.catalogue.alerts import MATCH_SHARD, RUN, RunAlerts
from worker.catalogue.email import DELIVER_BATCH
from worker.kit.database import Database, Row, query
from worker.kit.outages import retry_on_outage
from worker.ledger.enqueue import enqueue

FULL = written_size()
ALERTS = 200_000 if FULL else 25_000
PERIOD = datetime(2026, 11, 24, 8, tzinfo=UTC)
WITHIN = 900.0 if FULL else 150.0
PROBE_SECONDS = 0.02

T = TypeVar("T")

RUNNING = """
select r.id, r.lease, w.pid from task_runs r join workers w on w.id = r.worker_id
 where r.task = %s and r.state = 'running' and clock_timestamp() - r.started_at > interval '0.1 s'
 order by r.started_at limit 1
"""
OUTCOME = "select outcome from task_attempts where run_id = %s and lease = %s"
# Messages before their batches, batches before their deliveries: nothing slips through between two of the counts.
OPEN = """
select (select count(*) from email_messages where state in ('pending', 'sending'))
     + (select count(*) from task_runs
         where state in ('queued', 'running') and (task like 'alerts.%%' or task like 'email.%%')) as open
"""
TOLD = """
select a.id as alert, a.last_number, a.jobs_sent_count, a.last_matching_job_id, d.job_ids, d.total, d.period,
       m.state as mail, u.email, m.recipient
  from alert_digests d join job_alerts a on a.id = d.alert_id join candidates c on c.id = a.candidate_id
  join users u on u.id = c.user_id left join email_messages m on m.id = d.message_id
"""


@dataclass
class Hunter:
    """Kills processes that are at work on a task, until as many attempts as wanted were lost."""

    stack: Stack
    database: Database
    lost: Counter[str] = field(default_factory=Counter)
    missed: int = 0

    def work(self, work: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self.database.transaction() as connection:
                return work(connection)

        return retry_on_outage(once, seconds=60.0)

    def ask(self, sql: str, *parameters: Any) -> list[Row]:
        return self.work(lambda connection: query(connection, sql, parameters))

    def kill(self, task: str, *, whole_worker: bool) -> None:
        """Kill -9 a child that is at work on the task, with its parent and siblings or alone; again when it was late.

        AssertionError when nobody works on it for a minute.
        """
        until = time.monotonic() + 60.0
        while time.monotonic() < until:
            if victims := self.ask(RUNNING, task):
                self._kill(victims[0]["pid"], whole_worker=whole_worker)
                if self._is_lost(victims[0]["id"], victims[0]["lease"]):
                    self.lost[task] += 1
                    return
                self.missed += 1
            time.sleep(PROBE_SECONDS)
        raise AssertionError(f"no {task} was caught at work: {self.lost}, {self.missed} had ended in time")

    def _kill(self, child: int, *, whole_worker: bool) -> None:
        pids = [child]
        if whole_worker:
            trees = [self.stack.pids("worker", index) for index in range(self.stack.parts["worker"])]
            pids = next((tree for tree in trees if child in tree), pids)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _is_lost(self, run_id: UUID, lease: int) -> bool:
        until = time.monotonic() + 100.0
        while time.monotonic() < until:
            if (outcome := self.ask(OUTCOME, run_id, lease)[0]["outcome"]) is not None:
                return bool(outcome == "lost")
            time.sleep(PROBE_SECONDS)
        raise AssertionError(f"the run {run_id} is still held by a process that was killed 100 s ago")

    def settle(self) -> None:
        until = time.monotonic() + WITHIN
        while (left := self.ask(OPEN)[0]["open"]) and time.monotonic() < until:
            time.sleep(0.25)
        assert left == 0, f"{left} runs and mails are still open after {WITHIN:.0f} s"


def start_twice(connection: Connection) -> list[UUID]:
    """The same period twice at once: the second run has to wait for the first and may add nothing."""
    payload = RunAlerts(frequency="daily", period=PERIOD)
    return [enqueue(connection, RUN, payload).id for _ in range(2)]


def mails(stack: Stack) -> Counter[str]:
    """Mails per address, as the provider has taken them."""
    answer = requests.get(f"{stack.url('emulators')}/_emulator/resend/counts?rows=1", timeout=60).json()
    received: Counter[str] = Counter()
    for row in answer["rows"]:
        received[row["to"]] += row["count"]
    return received


def check_digests(told: list[Row], expected: Expected) -> None:
    """Who was to be told was told of the right offers, once, at the right address; and the alert remembers it."""
    assert Counter(row["alert"] for row in told) == Counter(expected.digests.keys())
    for row in told:
        found = sorted(expected.digests[row["alert"]], reverse=True)
        address = f"personne.{row['alert']}@example.org"
        assert row == {
            "alert": row["alert"],
            "job_ids": found,
            "total": len(found),
            "period": PERIOD,
            "mail": "sent",
            "last_number": alert_market.OFFERS,
            "jobs_sent_count": len(found),
            "last_matching_job_id": found[0],
            "email": address,
            "recipient": address,
        }


def check_sums(hunter: Hunter, run_ids: list[UUID], expected: Expected) -> None:
    """The counts of the run are exact though its shards were repeated, and nobody else was touched."""
    results = [row["result"] for row in hunter.ask("select result from task_runs where id = any(%s)", run_ids)]
    counts = {
        "state": "succeeded",
        "alerts_total": expected.active,
        "alerts_scanned": expected.active,
        "alerts_matched": len(expected.digests),
        "digests_stored": len(expected.digests),
        "skipped": dict(expected.skipped),
    }
    assert [{name: result[name] for name in counts} for result in results] == [counts, counts]
    assert hunter.ask(
        """
        select (select count(*) from email_messages) as messages, (select count(*) from notifications) as notifications,
               (select count(distinct user_id) from notifications) as told,
               (select count(*) from job_alerts where coalesce(jobs_sent_count, 0) > 0) as counted,
               (select count(*) from job_alerts where is_active and last_number <> %s) as behind,
               (select count(*) from task_runs
                 where (task like 'alerts.%%' or task like 'email.%%') and state <> 'succeeded') as unsuccessful
        """,
        alert_market.OFFERS,
    ) == [
        {**dict.fromkeys(("messages", "notifications", "told", "counted"), len(expected.digests))}
        | {"behind": 0, "unsuccessful": 0}
    ]


@pytest.mark.chaos
@pytest.mark.timeout(WITHIN + 400)
def test_workers_killed_in_an_alert_run_lose_and_double_nothing(
    start_stack: StackMaker, record_property: Callable[[str, object], None]
) -> None:
    stack = start_stack(RESEND_RATE="50", LOG_LEVEL="ERROR")
    with closing(Database(stack.url("postgres"), pool_size=1, name="intowork-chaos")) as database:
        hunter = Hunter(stack, database)
        expected = hunter.work(lambda connection: alert_market.write(connection, ALERTS))
        began = time.monotonic()
        run_ids = hunter.work(start_twice)
        hunter.kill(MATCH_SHARD.name, whole_worker=False)
        hunter.kill(MATCH_SHARD.name, whole_worker=True)
        hunter.kill(DELIVER_BATCH.name, whole_worker=False)
        hunter.settle()
        figures: dict[str, Any] = {
            "alerts": ALERTS,
            "digests": len(expected.digests),
            "lost": dict(hunter.lost),
            "late": hunter.missed,
            "seconds": round(time.monotonic() - began, 1),
        }
        record_property("figures", figures)
        check_digests(hunter.ask(TOLD), expected)
        check_sums(hunter, run_ids, expected)
        received = mails(stack)
    assert received == expected.addresses, (received - expected.addresses, expected.addresses - received)
