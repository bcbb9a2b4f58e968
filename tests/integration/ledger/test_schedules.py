"""Schedules: periods on people's clocks, exactly one run each."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import pytest
from freezegun import freeze_time

from tests.factories import runs
from tests.factories.ledger import OpenTransaction, change, one, prepare, transact
from worker.kit.database import Database, query
from worker.kit.tasks import Schedule
from worker.ledger import schedules
from worker.ledger.schedules import due_periods, next_period
from worker.ledger.synchronise import synchronise_schedules

PARIS = "Europe/Paris"


def instants(rule: str, zone: str, after: str, count: int) -> list[str]:
    """The next instants as `day hour:minute` in UTC."""
    found: list[datetime] = []
    at = datetime.fromisoformat(after)
    for _ in range(count):
        at = next_period(rule, zone, at)
        found.append(at)
    return [f"{each:%m-%d %H:%M}" for each in found]


def test_a_rule_follows_the_zones_clock_through_spring() -> None:
    assert instants("0 9 * * *", PARIS, "2027-03-26T12:00Z", 3) == ["03-27 08:00", "03-28 07:00", "03-29 07:00"]


def test_an_hour_that_does_not_exist_is_run_when_the_clock_has_jumped() -> None:
    assert instants("30 2 * * *", PARIS, "2027-03-27T00:00Z", 3) == ["03-27 01:30", "03-28 01:00", "03-29 00:30"]


def test_an_hour_that_comes_twice_is_run_once() -> None:
    assert instants("30 2 * * *", PARIS, "2027-10-30T00:00Z", 3) == ["10-30 00:30", "10-31 00:30", "11-01 01:30"]


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_every_ten_minutes_has_no_gap_and_no_double(day: str) -> None:
    at = datetime.fromisoformat(f"{day}T00:00Z") - timedelta(hours=3)
    found = []
    for _ in range(48):
        at = next_period("*/10 * * * *", PARIS, at)
        found.append(at)
    assert {(later - earlier) for earlier, later in zip(found, islice(found, 1, None), strict=False)} == {
        timedelta(minutes=10)
    }


@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        ("0 0 31 * *", "2027-01-31T12:00Z", ["03-31 00:00", "05-31 00:00"]),
        ("0 0 29 2 *", "2027-01-01T00:00Z", ["02-29 00:00", "02-29 00:00"]),
        ("0 0 L * *", "2028-02-01T00:00Z", ["02-29 00:00", "03-31 00:00"]),
        ("0 9 * * 1", "2027-12-30T00:00Z", ["01-03 09:00", "01-10 09:00"]),
    ],
)
def test_month_ends_and_leap_days(rule: str, after: str, expected: list[str]) -> None:
    assert instants(rule, "UTC", after, 2) == expected


def test_libreville_has_no_summer_time() -> None:
    assert instants("0 9 * * *", "Africa/Libreville", "2027-03-27T12:00Z", 2) == ["03-28 08:00", "03-29 08:00"]


def test_due_periods_take_now_from_their_caller() -> None:
    first = datetime(2027, 1, 1, 9, tzinfo=UTC)
    with freeze_time("2001-01-01"):
        periods, following = due_periods("0 * * * *", "UTC", first, first + timedelta(hours=2, minutes=59))
    assert [each.hour for each in periods] == [9, 10, 11]
    assert following.hour == 12
    assert due_periods("0 * * * *", "UTC", first, first) == ([first], first + timedelta(hours=1))


def test_a_long_sleep_skips_its_oldest_periods() -> None:
    first = datetime(2027, 1, 1, tzinfo=UTC)
    periods, following = due_periods("* * * * *", "UTC", first, first + timedelta(days=2))
    assert (len(periods), periods[-1], following) == (
        schedules.MOST_CAUGHT_UP,
        first + timedelta(days=2),
        first + timedelta(days=2, minutes=1),
    )


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, runs.TASK)


def synchronise(database: Database, *rules: Schedule, zone: str = "UTC") -> None:
    transact(database, lambda connection: synchronise_schedules(connection, rules, zone))


def hourly(**options: Any) -> Schedule:
    return Schedule("hourly", runs.TASK, "0 * * * *", **options)


def sleep_hours(database: Database, hours: int) -> None:
    change(database, "update schedules set next_at = date_trunc('hour', now()) - make_interval(hours => %s)", hours - 1)


def periods(database: Database) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        return query(connection, "select * from schedule_periods order by name, period")


@pytest.mark.parametrize(
    ("catch_up", "states"), [("all", ["queued"] * 3), ("latest", ["skipped", "skipped", "queued"])]
)
def test_catching_up(database: Database, worker: UUID, catch_up: Any, states: list[str]) -> None:
    synchronise(database, hourly(catch_up=catch_up, payload={"at": "{period}", "number": 1}))
    sleep_hours(database, 3)
    assert schedules.tick(database) == states.count("queued")
    rows = periods(database)
    assert [row["state"] for row in rows] == states
    with database.transaction() as connection:
        made = query(connection, "select id, payload from task_runs order by payload->>'at'")
    queued = [row for row in rows if row["state"] == "queued"]
    assert [row["run_id"] for row in queued] == [row["id"] for row in made]
    assert [row["payload"] for row in made] == [{"at": row["period"].isoformat(), "number": 1} for row in queued]
    assert one(database, "select next_at > now() as later from schedules")["later"]
    assert schedules.tick(database) == 0


def test_two_tickers_make_one_run(database: Database, worker: UUID) -> None:
    synchronise(database, hourly())
    sleep_hours(database, 1)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        assert first.do(lambda connection: schedules.tick_one(connection, "hourly")) == 1
        assert second.do(lambda connection: schedules.tick_one(connection, "hourly")) == 0
        first.commit()
    assert schedules.tick(database) == 0
    assert one(database, "select count(*) as n from task_runs")["n"] == 1


def test_a_tick_that_rolls_back_leaves_the_period_due(database: Database, worker: UUID) -> None:
    synchronise(database, hourly())
    sleep_hours(database, 1)
    with OpenTransaction(database) as broken:
        broken.do(lambda connection: schedules.tick_one(connection, "hourly"))
        broken.roll_back()
    assert schedules.tick(database) == 1


def test_a_period_is_written_once_even_when_the_clock_is_set_back(database: Database, worker: UUID) -> None:
    synchronise(database, hourly(catch_up="all"))
    sleep_hours(database, 2)
    assert schedules.tick(database) == 2
    sleep_hours(database, 2)
    assert schedules.tick(database) == 0
    assert len(periods(database)) == 2


def test_a_broken_schedule_stops_only_itself(database: Database, worker: UUID) -> None:
    broken = Schedule("a-broken", "test.gone", "0 * * * *")
    unreadable = Schedule("b-unreadable", runs.TASK, "0 * * * *")
    synchronise(database, broken, unreadable, hourly())
    sleep_hours(database, 1)
    change(database, "update schedules set rule = 'nonsense' where name = 'b-unreadable'")
    assert schedules.tick(database) == 1
    assert [row["name"] for row in periods(database)] == ["hourly"]


def test_the_table_in_code_is_written_to_rows(database: Database, worker: UUID) -> None:
    def rows() -> dict[str, tuple[bool, str]]:
        with database.transaction() as connection:
            return {row["name"]: (row["enabled"], row["rule"]) for row in query(connection, "select * from schedules")}

    daily = Schedule("daily", runs.TASK, "0 6 * * *")
    synchronise(database, hourly(), daily)
    sleep_hours(database, 5)
    slept = one(database, "select next_at from schedules where name = 'hourly'")["next_at"]
    synchronise(database, hourly())
    assert rows() == {"hourly": (True, "0 * * * *"), "daily": (False, "0 6 * * *")}
    assert one(database, "select next_at from schedules where name = 'hourly'")["next_at"] == slept
    synchronise(database, hourly(), daily)
    assert rows()["daily"] == (True, "0 6 * * *")
    assert one(database, "select next_at > now() as fresh from schedules where name = 'daily'")["fresh"]
