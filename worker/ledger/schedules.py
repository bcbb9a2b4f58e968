"""Schedules: rules in a time zone become runs, exactly one per period, whoever ticks and however often."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy import Connection

from worker.kit.database import Database, execute, query
from worker.kit.logging import get_logger
from worker.kit.outages import is_away
from worker.ledger.enqueue import NewRun, enqueue_all

# A schedule that slept longer than this skips older periods without a row each: a minute rule and a year of
# downtime would otherwise write half a million of them.
MOST_CAUGHT_UP = 1000
# What has waited longer waits for its next period: that long ago nobody wrote a schedule.
FORGOTTEN = timedelta(days=400)

log = get_logger(__name__)


def next_period(rule: str, time_zone: str, after: datetime) -> datetime:
    """The first instant after `after` that the rule names on the clock of that zone, in UTC."""
    return next(_periods(rule, time_zone, after))


def _periods(rule: str, time_zone: str, after: datetime) -> Iterator[datetime]:
    for local in CronSim(rule, after.astimezone(ZoneInfo(time_zone))):
        yield local.astimezone(UTC)


def due_periods(rule: str, time_zone: str, first: datetime, now: datetime) -> tuple[list[datetime], datetime]:
    """The periods from `first` (itself one) up to now, oldest first, and the one that comes next."""
    due = [first]
    for period in _periods(rule, time_zone, first):
        if period > now:
            return due[-MOST_CAUGHT_UP:], period
        due.append(period)
    raise AssertionError("a cron rule has no last period")


def tick(database: Database) -> int:
    """Turn every due period into a run; returns how many runs were written.

    One transaction per schedule, so that one broken row stops only itself. Any number of callers may tick at
    the same time: a row that somebody else ticks is skipped, and the period's key is unique. A schedule that waits for
    a later period than its rule's next one is set right: Postgres' clock was ahead for a moment.
    """
    with database.transaction() as connection:
        rows = query(connection, "select *, now() as now from schedules where enabled order by name")
    return sum(_tick_alone(database, row["name"]) for row in rows if _stirs(row))


def _stirs(row: Mapping[str, Any]) -> bool:
    """Whether the row has to be looked at under its lock: it is due, waits too long, or its rule is broken."""
    try:
        return bool(row["next_at"] <= row["now"] or _waits_too_long(row))
    except Exception:  # noqa: BLE001 - the tick of this one schedule says what is wrong
        return True


def _waits_too_long(row: Mapping[str, Any]) -> bool:
    return bool(row["next_at"] > next_period(row["rule"], row["time_zone"], row["now"]))


def _tick_alone(database: Database, name: str) -> int:
    try:
        with database.transaction() as connection:
            return tick_one(connection, name)
    except Exception as error:
        if is_away(error):
            raise
        log.warning("schedule.broken", schedule=name, error=type(error).__name__)
        return 0


def tick_one(connection: Connection, name: str) -> int:
    """Tick one schedule in the caller's transaction."""
    rows = query(
        connection,
        "select *, now() as now from schedules where name = %s and enabled for update skip locked",
        (name,),
    )
    if not rows:
        return 0
    row = rows[0]
    if row["next_at"] > row["now"]:
        return _heal(connection, row) if _waits_too_long(row) else 0
    if row["next_at"] < row["now"] - FORGOTTEN:
        return _heal(connection, row)
    periods, following = due_periods(row["rule"], row["time_zone"], row["next_at"], row["now"])
    wanted = periods if row["catch_up"] == "all" else periods[-1:]
    written = sum(_write_period(connection, row, period, queued=period in wanted) for period in periods)
    execute(connection, "update schedules set next_at = %s, updated_at = now() where name = %s", (following, name))
    return written


def _heal(connection: Connection, row: Mapping[str, Any]) -> int:
    """Wait for the rule's next period. Periods that were written for a time to come are forgotten, so that they are
    carried out when it comes; but not those of the next hour that have a run: they were early, and come once.
    """
    following = next_period(row["rule"], row["time_zone"], row["now"])
    log.warning("schedule.healed", schedule=row["name"], waited_for=str(row["next_at"]), waits_for=str(following))
    execute(
        connection,
        """
        delete from schedule_periods
         where name = %s and period > now() and (state = 'skipped' or period > now() + interval '1 hour')
        """,
        (row["name"],),
    )
    execute(
        connection, "update schedules set next_at = %s, updated_at = now() where name = %s", (following, row["name"])
    )
    return 0


def _write_period(connection: Connection, row: Mapping[str, Any], period: datetime, *, queued: bool) -> int:
    fresh = query(
        connection,
        """
        insert into schedule_periods (name, period, state) values (%s, %s, %s)
        on conflict do nothing returning period
        """,
        (row["name"], period, "queued" if queued else "skipped"),
    )
    if not fresh or not queued:
        return 0
    payload = {key: period.isoformat() if value == "{period}" else value for key, value in row["payload"].items()}
    run = enqueue_all(connection, [NewRun(row["task"], payload)], caller="schedule")[0]
    execute(
        connection,
        "update schedule_periods set run_id = %s where name = %s and period = %s",
        (run.id, row["name"], period),
    )
    return 1
