"""Everything is killed, again and again, while runs are enqueued and mails are sent; then the sums are done."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import requests
from sqlalchemy import Connection

from sandbox.stack import Stack
from tests.chaos.conftest import StackMaker
from tests.chaos.monkey import Monkey
from tests.chaos.steps import publish_an_offer, switch_faults
from tests.means import written_size
from worker.kit.database import Database, query
from worker.kit.outages import retry_on_outage
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.services.email.delivery import batches, messages
from worker.services.email.delivery.messages import NewMessage

FULL = written_size()
SECONDS = 600 if FULL else 60
RUNS_AT_LEAST = 20_000 if FULL else 2_000
SETTLE_WITHIN = 120.0
FAULTS = {"drop_after_recording": 0.05, "error_5xx": 0.05, "rate_limit": 0.02, "seed": 7}

T = TypeVar("T")


@dataclass
class Load:
    """What was asked for: every number is checked at the end."""

    database: Database
    runs: int = 0
    mails: set[str] = field(default_factory=set)
    mixed: tuple[str, ...] = ("test.nothing", "test.nothing", "test.one", "test.wait")

    def work(self, work: Callable[[Connection], T]) -> T:
        def once() -> T:
            with self.database.transaction() as connection:
                return work(connection)

        return retry_on_outage(once, seconds=60.0)

    def enqueue(self, number: int) -> None:
        """Twenty runs under keys of their own, so that a commit of unknown outcome may be repeated."""
        new = [
            NewRun(
                self.mixed[place % len(self.mixed)],
                {"seconds": 0.05} if self.mixed[place % len(self.mixed)] == "test.wait" else {},
                unique_key=f"chaos:{number}:{place}",
            )
            for place in range(20)
        ]
        self.work(lambda connection: enqueue_all(connection, new, caller="chaos"))
        self.runs += len(new)

    def mail(self, number: int, job_id: int) -> None:
        new = [
            NewMessage(
                source=f"chaos:{number}:{place}",
                template="job_alert",
                recipient=f"candidate{number}-{place}@example.org",
                context={
                    "alert_id": 1,
                    "alert_name": f"Alerte {number}",
                    "frequency": "daily",
                    "job_ids": [job_id],
                    "more": 0,
                },
            )
            for place in range(10)
        ]

        def write(connection: Connection) -> None:
            messages.write(connection, new)
            batches.fill(connection)

        self.work(write)
        self.mails |= {message.source for message in new}


def open_runs(connection: Connection) -> int:
    return int(
        query(connection, "select count(*) as open from task_runs where state in ('queued', 'running')")[0]["open"]
    )


def break_and_count(stack: Stack, load: Load) -> dict[str, Any]:
    """Enqueue and send for SECONDS while the monkey is at work, wait until nothing is open, and add up."""
    job_id = load.work(publish_an_offer)
    switch_faults(stack, FAULTS)
    until = time.monotonic() + SECONDS
    number = 0
    with Monkey(stack, seed=2026) as monkey:
        while time.monotonic() < until:
            number += 1
            load.enqueue(number)
            if number % 2:
                load.mail(number, job_id)
            time.sleep(0.3)
    settle_until = time.monotonic() + SETTLE_WITHIN
    while time.monotonic() < settle_until and load.work(open_runs):
        time.sleep(0.5)
    return {"faults": dict(monkey.faults), "runs": load.runs, "mails": len(load.mails), **sums(stack, load)}


@pytest.mark.chaos
@pytest.mark.timeout(SECONDS + SETTLE_WITHIN + 120)
def test_it_loses_nothing_and_doubles_nothing(
    start_stack: StackMaker, record_property: Callable[[str, object], None]
) -> None:
    stack = start_stack(RESEND_RATE="200", LOG_LEVEL="ERROR")
    with closing(Database(stack.url("postgres"), pool_size=1, name="intowork-chaos")) as database:
        figures = break_and_count(stack, Load(database))
    record_property("figures", figures)
    mails = figures["mails"]
    assert figures["runs"] >= RUNS_AT_LEAST
    assert sum(figures["faults"].values()) >= SECONDS / 4, figures
    assert figures["states"] == {"succeeded": figures["total"]}, figures
    assert figures["ours"] == figures["runs"], figures
    assert figures["mail_states"] == {"sent": mails}, figures
    assert figures["received"] == {"accepted": mails, "recipients": mails, "duplicates": 0}, figures


def sums(stack: Stack, load: Load) -> dict[str, Any]:
    """What Postgres and the emulator have seen."""

    def ask(connection: Connection) -> dict[str, Any]:
        # The schedule's own runs keep coming; those enqueued by the last tick may still be open.
        states = query(
            connection,
            """
            select state, count(*) as count from task_runs
             where task like 'test.%%' or task like 'email.%%' group by state
            """,
            {},
        )
        ours = query(connection, "select count(*) as count from task_runs where task like 'test.%%'", {})
        mails = query(connection, "select state, count(*) as count from email_messages group by state")
        left = query(
            connection,
            """
            select task, state, attempt, rescues, error, count(*) as count from task_runs
             where state <> 'succeeded' group by 1, 2, 3, 4, 5 limit 10
            """,
        )
        return {
            "states": {row["state"]: row["count"] for row in states},
            "left": left,
            "total": sum(row["count"] for row in states),
            "ours": ours[0]["count"],
            "mail_states": {row["state"]: row["count"] for row in mails},
        }

    counts = requests.get(f"{stack.url('emulators')}/_emulator/resend/counts", timeout=30).json()
    received = {name: counts[name] for name in ("accepted", "recipients", "duplicates")}
    return {**load.work(ask), "received": received}
