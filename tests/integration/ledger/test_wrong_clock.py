"""Postgres' clock was a year ahead for a moment: what it wrote then is set right by the next tick."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import change, one, prepare, put, run_row, transact, write
from worker.kit.database import Database
from worker.kit.tasks import Schedule
from worker.ledger import rates, rescue, schedules
from worker.ledger.plans import Limit
from worker.ledger.prune import prune
from worker.ledger.synchronise import synchronise_schedules

TASK = runs.TASK


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def plan(database: Database, rule: str, next_at: str) -> None:
    transact(
        database,
        lambda connection: synchronise_schedules(connection, [Schedule("test.one", TASK, rule)], "Africa/Libreville"),
    )
    change(database, f"update schedules set next_at = {next_at}")


def schedule(database: Database) -> dict[str, Any]:
    return one(database, "select next_at, next_at - now() as ahead from schedules")


@pytest.mark.parametrize(
    ("rule", "longest"),
    [("* * * * *", timedelta(minutes=1)), ("0 9 * * *", timedelta(days=1)), ("0 9 1 * *", timedelta(days=31))],
)
def test_a_schedule_waits_for_its_next_period_again(
    database: Database, worker: UUID, rule: str, longest: timedelta
) -> None:
    plan(database, rule, "now() + interval '1 year'")
    assert schedules.tick(database) == 0
    assert schedule(database)["ahead"] <= longest
    waits_for = schedule(database)["next_at"]
    assert schedules.tick(database) == 0
    assert schedule(database)["next_at"] == waits_for


def test_periods_written_for_a_time_to_come_are_carried_out_when_it_comes(database: Database, worker: UUID) -> None:
    plan(database, "0 * * * *", "now() + interval '1 year'")
    for hours, state in ((2, "skipped"), (3, "queued"), (-1, "queued")):
        change(
            database,
            "insert into schedule_periods (name, period, state) "
            "values ('test.one', date_trunc('hour', now()) + make_interval(hours => %s), %s)",
            hours,
            state,
        )
    schedules.tick(database)
    kept = one(database, "select count(*) as n, max(period) < now() as past from schedule_periods")
    assert kept == {"n": 1, "past": True}


def test_a_period_that_came_a_little_early_comes_once(database: Database, worker: UUID) -> None:
    """The clock was some seconds ahead: its run is written already."""
    plan(database, "* * * * *", "date_trunc('minute', now()) + interval '2 minutes'")
    change(
        database,
        "insert into schedule_periods (name, period, state) "
        "values ('test.one', date_trunc('minute', now()) + interval '1 minute', 'queued')",
    )
    schedules.tick(database)
    assert one(database, "select count(*) as n from schedule_periods where period > now()")["n"] == 1
    change(database, "update schedules set next_at = (select period from schedule_periods)")
    change(database, "update schedule_periods set period = period - interval '1 minute'")
    change(database, "update schedules set next_at = (select period from schedule_periods)")
    assert schedules.tick(database) == 0, "the period has its run"


def request(run_id: UUID, *, urgent: bool = False) -> rates.SlotRequest:
    return rates.SlotRequest(run_id, [Limit("test", 2.0)], urgent)


@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("written", ["now() + interval '1 year'", "'infinity'"])
def test_a_slot_a_year_ahead_is_free_now(database: Database, worker: UUID, urgent: bool, written: str) -> None:
    [run_id] = write(database)
    change(database, f"insert into rate_limits (name, next_at) values ('test', {written}), ('test turns', {written})")

    def take(connection: Any) -> float | None:
        status = rates.look(connection, request(run_id, urgent=urgent))
        assert not status.is_far(2.0)
        return rates.reserve(connection, status, sleep_at_most=2.0)

    assert transact(database, take) == 0.0
    row = one(database, "select next_at - now() as ahead from rate_limits where name = 'test'")
    assert row["ahead"] < timedelta(seconds=5)


def test_a_slot_that_a_run_keeps_a_year_ahead_is_none(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    change(database, "update task_runs set reserved_at = now() + interval '1 year'")
    assert transact(database, lambda connection: rates.look(connection, request(run_id))).kept is None
    assert transact(database, lambda connection: rates.kept_wait(connection, run_id)) == 0.0


def test_a_pass_of_the_dispatcher_sets_rates_and_leases_right(database: Database, worker: UUID) -> None:
    change(database, "insert into rate_limits (name, next_at) values ('test', now() + interval '1 year')")
    change(database, "update workers set expires_at = now() + interval '1 year'")
    rescue.rescue(database, lease=60)
    rate = one(database, "select next_at <= now() as ok from rate_limits")
    assert rate["ok"]
    assert one(database, "select expires_at - now() <= interval '60 seconds' as ok from workers")["ok"]


def test_a_deadline_a_year_ahead_keeps_its_distance_from_the_start(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    runs.start(database, worker, [run_id])
    year = "started_at + interval '1 year'"
    change(database, f"update task_runs set started_at = {year}, deadline_at = deadline_at + interval '1 year'")
    rescue.rescue(database, lease=60)
    row = one(database, "select deadline_at - started_at as allowed, started_at <= now() as begun from task_runs")
    assert (row["allowed"], row["begun"]) == (timedelta(seconds=60), True)


def test_a_hint_that_would_not_be_repeated_for_a_year_is_due_again(database: Database, worker: UUID) -> None:
    published, scheduled = write(database, 2)
    put(database, [published], dispatches=1)
    change(database, "update task_runs set dispatch_at = now() + interval '1 year' where id = %s", published)
    change(
        database,
        "update task_runs set run_at = now() + interval '1 year', dispatch_at = now() + interval '1 year' "
        "where id = %s",
        scheduled,
    )
    prune(lambda work: transact(database, work), 10)
    row = run_row(database, published)
    assert (row["dispatches"], row["dispatch_at"]) == (0, row["run_at"])
    assert run_row(database, scheduled)["ahead"] > timedelta(days=364)
