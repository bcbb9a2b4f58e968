"""Limits of a provider: no effect is sent before its slot, and nothing is made for a slot that is far."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection
from typing_extensions import override

from tests.factories.ledger import SEND, attempt, change, one, seconds_ahead, transact, write
from tests.factories.sample_effects import Provider, SampleReplay
from worker.kit.database import Database, query
from worker.kit.errors import RateLimited
from worker.ledger import rates
from worker.ledger.outcomes import Recorded
from worker.ledger.plans import Frozen, Limit

APPLICATION = Limit("test", 100.0)
ACCOUNT = Limit("test", 0.5, "account:1")


class SlowSample(SampleReplay):
    """While it freezes, another run asks for a slot of the same provider."""

    def __init__(self, database: Database, other: UUID) -> None:
        super().__init__(Provider(), Limit("test", 0.1))
        self._database = database
        self._request = rates.SlotRequest(other, self.limits, urgent=False)
        self.answers: list[float | None] = []

    @override
    def freeze(self, connection: Connection, prepared: str) -> Frozen | Recorded:
        with ThreadPoolExecutor(1) as thread:
            self.answers.append(thread.submit(transact, self._database, self._other).result(5))
        return super().freeze(connection, prepared)

    def _other(self, connection: Connection) -> float | None:
        return rates.reserve(connection, rates.look(connection, self._request), sleep_at_most=2.0)


def test_a_slot_far_away_is_kept_and_nothing_is_frozen(database: Database, worker: UUID, run_id: UUID) -> None:
    change(database, "insert into rate_limits (name, next_at) values ('test', now() + interval '20 seconds')")
    provider = Provider()
    plan = SampleReplay(provider, Limit("test", 2.0))
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["attempt"], plan.frozen, provider.calls) == ("queued", 0, 0, [])
    assert seconds_ahead(database, run_id) == pytest.approx(20, abs=2)
    change(database, "update task_runs set reserved_at = now() where id = %s", run_id)
    change(database, "update rate_limits set next_at = now()")
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"


def test_nobody_waits_for_a_slot_while_another_freezes(database: Database, worker: UUID, run_id: UUID) -> None:
    """And whoever took the last near one meanwhile is let past: nothing was sent, and the bytes are made anew."""
    [other] = write(database, task=SEND)
    plan = SlowSample(database, other)
    row = attempt(database, worker, run_id, plan)
    assert (plan.answers, plan.frozen) == ([0.0], 1)
    assert (row["state"], row["attempt"]) == ("queued", 0)
    assert seconds_ahead(database, run_id) == pytest.approx(9, abs=1)
    assert one(database, "select count(*) as n from effects")["n"] == 0
    change(database, "update rate_limits set next_at = now()")
    change(database, "update task_runs set reserved_at = now()")
    assert attempt(database, worker, run_id, SampleReplay(Provider(), Limit("test", 0.1)))["state"] == "succeeded"


def test_an_urgent_run_gets_its_slot_though_others_stand_in_line(database: Database, worker: UUID) -> None:
    [urgent, patient] = write(database, 2, task=SEND)
    change(database, "insert into rate_limits values ('test', now()), ('test turns', now() + interval '900 seconds')")
    plan = SampleReplay(Provider(), Limit("test", 10.0))
    assert attempt(database, worker, patient, plan)["state"] == "queued"
    assert seconds_ahead(database, patient) == pytest.approx(900, abs=5)
    assert attempt(database, worker, urgent, plan, urgent=True)["state"] == "succeeded"


def test_two_limits_hold_at_once(database: Database, worker: UUID, run_id: UUID) -> None:
    """The slot is the first that both bear, and counts in both."""
    change(database, "insert into rate_limits values ('test', '2030-01-01'), ('test account:1', '2020-01-01')")
    change(database, "update rate_limits set next_at = now() + interval '30 seconds' where name = 'test'")
    before = one(database, "select next_at from rate_limits where name = 'test'")["next_at"]
    wait = reserve(database, rates.SlotRequest(run_id, [APPLICATION, ACCOUNT], urgent=True))
    assert wait == pytest.approx(30, abs=2)
    with database.transaction() as connection:
        rows = query(connection, "select name, next_at from rate_limits")
    assert {row["name"]: row["next_at"] - before for row in rows} == {
        "test": timedelta(seconds=0.01),
        "test account:1": timedelta(seconds=2),
    }


@pytest.mark.parametrize("far", ["test", "test account:1"])
@pytest.mark.parametrize("urgent", [True, False])
def test_the_farther_limit_decides(database: Database, worker: UUID, run_id: UUID, far: str, *, urgent: bool) -> None:
    change(database, "insert into rate_limits values (%s, now() + interval '20 seconds')", far)
    plan = SampleReplay(Provider(), APPLICATION, ACCOUNT)
    assert attempt(database, worker, run_id, plan, urgent=urgent)["state"] == "queued"
    assert plan.frozen == 0
    assert seconds_ahead(database, run_id) == pytest.approx(20, abs=2)


def test_accounts_do_not_wait_for_each_other(database: Database, worker: UUID, run_id: UUID) -> None:
    [other] = write(database, task=SEND)
    first = rates.SlotRequest(run_id, [APPLICATION, ACCOUNT], urgent=True)
    second = rates.SlotRequest(other, [APPLICATION, Limit("test", 0.5, "account:2")], urgent=True)
    waits = [reserve(database, each) for each in (first, second, first)]
    assert waits == [0.0, pytest.approx(0.01, abs=0.05), pytest.approx(2.0, abs=0.2)]


def test_an_answer_that_a_limit_is_reached_counts_for_the_narrowest(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    plan = SampleReplay(Provider(RateLimited("Slow down.", after=40.0)), APPLICATION, ACCOUNT)
    assert attempt(database, worker, run_id, plan)["state"] == "queued"
    assert ahead(database) == {"test": pytest.approx(0.0, abs=0.1), "test account:1": pytest.approx(40, abs=1)}


def reserve(database: Database, request: rates.SlotRequest) -> float | None:
    return transact(
        database,
        lambda connection: rates.reserve(connection, rates.look(connection, request), sleep_at_most=60.0),
    )


def ahead(database: Database) -> dict[str, float]:
    """Seconds until the next slot of each limit, zero for one that has passed; without the lines."""
    with database.transaction() as connection:
        rows = query(
            connection,
            """
            select name, greatest(extract(epoch from next_at - clock_timestamp()), 0)::float8 as seconds
              from rate_limits where name not like '%%turns'
            """,
        )
    return {row["name"]: row["seconds"] for row in rows}
