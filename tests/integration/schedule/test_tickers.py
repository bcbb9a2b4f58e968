"""Whoever ticks, and however many: real beats, dispatchers and a worker make one run per period."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from celery import Celery

from celeryconfig import configuration
from sandbox.processes import wait_until
from sandbox.stack import Stack
from worker.catalogue.schedule import SCHEDULES
from worker.kit.database import Database, Row, execute, query
from worker.kit.tasks import Schedule
from worker.ledger.synchronise import synchronise_schedules

pytestmark = pytest.mark.timeout(120)

DISPATCHERS = 2
BEATS = 3
SLEPT_MINUTES = 60
# More than the worker's children and the dispatchers can serve one after the other within a second.
STORM = 50
PARIS = "Europe/Paris"
UNITS = {"day": "alerts.daily", "week": "alerts.weekly", "month": "alerts.monthly"}

CatchUp = Literal["all", "latest"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="intowork-schedule-", dir="/var/tmp"))
    stack = Stack(folder, {"dispatcher": DISPATCHERS, "worker": 1, "beat": BEATS})
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(folder)


@pytest.fixture
def no_dispatcher(stack: Stack) -> Iterator[None]:
    for index in range(DISPATCHERS):
        stack.stop_part("dispatcher", index)
    yield
    for index in range(DISPATCHERS):
        stack.start_part("dispatcher", index)


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Database]:
    with closing(Database(stack.url("postgres"), name="intowork-tests")) as database:
        yield database


def ask(database: Database, sql: str, *parameters: Any) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, sql, parameters)


def every_minute(database: Database, catch_up: CatchUp, mark: int) -> str:
    """A schedule that nobody has ticked for an hour. Its runs are known by `mark`, a payload of their own."""
    schedule = Schedule(f"test.{mark}", "upkeep.prune", "* * * * *", {"limit": mark}, catch_up)
    with database.transaction() as connection:
        synchronise_schedules(connection, [*SCHEDULES, schedule], "UTC")
        sleep(connection, schedule.name)
    return schedule.name


def sleep(connection: Any, name: str) -> None:
    """Nobody ticked for an hour: the current minute is the last of the periods that are due."""
    execute(
        connection,
        "update schedules set next_at = date_trunc('minute', now()) - make_interval(mins => %s) where name = %s",
        (SLEPT_MINUTES - 1, name),
    )


def periods(database: Database, name: str, mark: int) -> list[Row]:
    """The schedule's periods with their runs, and the runs that belong to no period, as of one moment."""
    return ask(
        database,
        """
        select p.period, p.state, r.id as run, r.state as run_state
          from (select * from schedule_periods where name = %s) p
          full join (select * from task_runs where task = 'upkeep.prune' and payload->>'limit' = %s) r
            on r.id = p.run_id
         order by p.period
        """,
        name,
        str(mark),
    )


def run_states(database: Database, name: str, mark: int) -> set[str]:
    return {row["run_state"] for row in periods(database, name, mark) if row["run"]}


def ticked(database: Database, name: str) -> bool:
    return bool(ask(database, "select next_at > now() as ticked from schedules where name = %s", name)[0]["ticked"])


def storm(stack: Stack) -> None:
    """What beats send, more often than they do."""
    with Celery("test", set_as_current=False) as app:
        app.config_from_object(configuration(stack.url("redis")))
        for _ in range(STORM):
            app.send_task("upkeep.tick", queue="upkeep")


def check(database: Database, name: str, mark: int, states: list[str]) -> None:
    """One row per minute without a gap, one run per queued row, and no run without a row.

    A minute may have begun meanwhile: it may have a row and a run of its own.
    """
    rows = periods(database, name, mark)
    assert None not in {row["period"] for row in rows}
    assert len(rows) == (rows[-1]["period"] - rows[0]["period"]).total_seconds() / 60 + 1
    assert [row["state"] for row in rows[: len(states)]] == states
    assert all((row["run"] is not None) == (row["state"] == "queued") for row in rows)
    made = [row["run"] for row in rows if row["run"]]
    assert len(made) == len(set(made))


@pytest.mark.parametrize(
    ("catch_up", "mark", "states"),
    [("all", 101, ["queued"] * SLEPT_MINUTES), ("latest", 102, ["skipped"] * (SLEPT_MINUTES - 1))],
)
def test_beats_and_dispatchers_at_once_make_one_run_per_period(
    stack: Stack, database: Database, catch_up: CatchUp, mark: int, states: list[str]
) -> None:
    name = every_minute(database, catch_up, mark)
    for _ in range(2):
        storm(stack)
        assert wait_until(lambda: ticked(database, name), seconds=20)
        check(database, name, mark, states)
        with database.transaction() as connection:
            sleep(connection, name)
    assert wait_until(lambda: run_states(database, name, mark) == {"succeeded"}, seconds=30)
    check(database, name, mark, states)


def sleep_over_nine(database: Database) -> None:
    """Nobody ticked for weeks: several Mondays, firsts of the month and days are due on Paris's clock."""
    with database.transaction() as connection:
        synchronise_schedules(connection, SCHEDULES, PARIS)
        for unit, name in UNITS.items():
            execute(
                connection,
                """
                update schedules
                   set next_at = (date_trunc(%(unit)s, now() at time zone %(zone)s) + interval '9 hours'
                                  - 3 * ('1 ' || %(unit)s)::interval) at time zone %(zone)s
                 where name = %(name)s
                """,
                {"unit": unit, "zone": PARIS, "name": name},
            )


def alert_runs(database: Database) -> list[Row]:
    """The alert runs' periods, each with its run's state and the schedule's latest period."""
    return ask(
        database,
        """
        select s.name, s.next_at, s.next_at > now() as ticked, a.period, r.state,
               (select max(p.period) from schedule_periods p where p.name = s.name) as latest,
               (select count(*) from schedule_periods p where p.name = s.name and p.state = 'skipped') as skipped
          from schedules s
          left join task_runs r on r.task = 'alerts.run' and 'alerts.' || (r.payload ->> 'frequency') = s.name
          left join alert_runs a on a.run_id = r.id
         where s.name = any(%s) order by s.name
        """,
        list(UNITS.values()),
    )


def test_downtime_over_nine_oclock_is_one_alert_run_of_each_frequency(stack: Stack, database: Database) -> None:
    for _ in range(2):
        sleep_over_nine(database)
        storm(stack)
        assert wait_until(lambda: all(row["ticked"] for row in alert_runs(database)), seconds=20)
    assert wait_until(lambda: {row["state"] for row in alert_runs(database)} == {"succeeded"}, seconds=30)
    rows = alert_runs(database)
    assert [row["name"] for row in rows] == sorted(UNITS.values())
    for row in rows:
        period = row["period"].astimezone(ZoneInfo(PARIS))
        assert (row["period"], period.hour, period.minute) == (row["latest"], 9, 0)
        assert row["period"] <= datetime.now(UTC) < row["next_at"]
        assert row["skipped"] in (2, 3)


@pytest.mark.usefixtures("no_dispatcher")
def test_beats_alone_are_enough(stack: Stack, database: Database) -> None:
    name = every_minute(database, "all", 103)
    for _ in range(2):
        assert wait_until(lambda: ticked(database, name), seconds=30)
        check(database, name, 103, ["queued"] * SLEPT_MINUTES)
        with database.transaction() as connection:
            sleep(connection, name)
    assert run_states(database, name, 103) == {"queued"}
    assert len([pid for index in range(BEATS) for pid in stack.pids("beat", index)]) == BEATS
    stack.check()
