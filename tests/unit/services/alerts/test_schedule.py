"""When alert runs happen, on Libreville's clock, whatever the machine's clock says."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from worker.catalogue.alerts import RUN, RunAlerts
from worker.catalogue.schedule import SCHEDULES
from worker.kit.settings import Settings
from worker.kit.tasks import Schedule
from worker.ledger.schedules import due_periods, next_period

PARIS = "Europe/Paris"
ZONE = Settings(database_url="postgresql://nowhere/none").platform_timezone
ENTRIES = {schedule.name: schedule for schedule in SCHEDULES if schedule.task == RUN.name}


def entry(frequency: str) -> Schedule:
    return ENTRIES[f"alerts.{frequency}"]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def periods(frequency: str, first: datetime, until: datetime, zone: str = ZONE) -> list[datetime]:
    """What a dispatcher makes of an entry between two instants, both passed in."""
    with freeze_time("1999-12-31"):
        begin = next_period(entry(frequency).rule, zone, first)
        found, following = due_periods(entry(frequency).rule, zone, begin, until)
    assert following > until
    return found


def test_the_three_frequencies_and_no_other() -> None:
    assert {name: schedule.payload["frequency"] for name, schedule in ENTRIES.items()} == {
        "alerts.daily": "daily",
        "alerts.weekly": "weekly",
        "alerts.monthly": "monthly",
    }


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("daily", [f"{each} 09:00" for each in ("11-28", "11-29", "11-30", "12-01", "12-02")]),
        ("weekly", ["11-30 09:00"]),
        ("monthly", ["12-01 09:00"]),
    ],
)
def test_nine_oclock_in_libreville(frequency: str, expected: list[str]) -> None:
    zone = ZoneInfo("Africa/Libreville")
    first = datetime(2026, 11, 27, 12, tzinfo=zone)
    found = periods(frequency, first, datetime(2026, 12, 2, 9, 0, 1, tzinfo=zone))
    assert [f"{each.astimezone(zone):%m-%d %H:%M}" for each in found] == expected
    assert {each.hour for each in found} == {8}


def test_an_instant_earlier_is_not_yet_due() -> None:
    first = datetime(2026, 11, 24, 7, 59, 59, tzinfo=UTC)
    assert next_period(entry("daily").rule, ZONE, first) == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_year_has_every_day_every_monday_and_every_first() -> None:
    first, until = datetime(2027, 12, 31, 12, tzinfo=UTC), datetime(2028, 12, 31, 12, tzinfo=UTC)
    days = periods("daily", first, until)
    assert len(days) == 366
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=1)}
    assert [len(periods(frequency, first, until)) for frequency in ("weekly", "monthly")] == [52, 12]
    assert {each.weekday() for each in periods("weekly", first, until)} == {0}


@pytest.mark.parametrize(
    ("frequency", "first", "until", "expected"),
    [
        ("daily", "2027-03-26T12:00", "2027-03-29T12:00", ["03-27 08:00", "03-28 07:00", "03-29 07:00"]),
        ("daily", "2027-10-29T12:00", "2027-11-01T12:00", ["10-30 07:00", "10-31 08:00", "11-01 08:00"]),
        ("weekly", "2027-03-21T12:00", "2027-04-01T00:00", ["03-22 08:00", "03-29 07:00"]),
        ("weekly", "2027-10-24T12:00", "2027-11-05T00:00", ["10-25 07:00", "11-01 08:00"]),
        ("monthly", "2027-02-28T12:00", "2027-04-30T00:00", ["03-01 08:00", "04-01 07:00"]),
        ("monthly", "2027-09-30T12:00", "2027-11-30T00:00", ["10-01 07:00", "11-01 08:00"]),
    ],
)
def test_nine_oclock_stays_nine_oclock_when_the_clock_is_changed(
    frequency: str, first: str, until: str, expected: list[str]
) -> None:
    found = periods(frequency, utc(first), utc(until), PARIS)
    assert [f"{each:%m-%d %H:%M}" for each in found] == expected
    assert {each.astimezone(ZoneInfo(PARIS)).hour for each in found} == {9}


@pytest.mark.parametrize(
    ("frequency", "first", "until", "expected"),
    [
        ("daily", "2028-02-27T12:00", "2028-03-01T12:00", ["02-28", "02-29", "03-01"]),
        ("daily", "2027-02-27T12:00", "2027-03-01T12:00", ["02-28", "03-01"]),
        ("daily", "2027-08-30T12:00", "2027-09-01T12:00", ["08-31", "09-01"]),
        ("daily", "2027-12-30T12:00", "2028-01-01T12:00", ["12-31", "01-01"]),
        ("weekly", "2028-02-22T12:00", "2028-03-06T12:00", ["02-28", "03-06"]),
        ("monthly", "2028-01-31T12:00", "2028-05-31T12:00", ["02-01", "03-01", "04-01", "05-01"]),
    ],
)
def test_month_ends_and_the_leap_day(frequency: str, first: str, until: str, expected: list[str]) -> None:
    assert [f"{each:%m-%d}" for each in periods(frequency, utc(first), utc(until))] == expected


@pytest.mark.parametrize(("first", "days"), [("2027-03-26T12:00", 4), ("2027-10-29T12:00", 4), ("2028-02-27T12:00", 4)])
@pytest.mark.parametrize("zone", [ZONE, PARIS])
def test_ticks_through_the_nights_make_each_period_once(first: str, days: int, zone: str) -> None:
    rule, now, until = entry("daily").rule, utc(first), utc(first) + timedelta(days=days)
    following, made = next_period(rule, zone, now), []
    while now < until:
        now += timedelta(seconds=37)
        if following <= now:
            due, following = due_periods(rule, zone, following, now)
            assert now - due[0] < timedelta(seconds=37)
            made += due
    assert made == periods("daily", utc(first), until, zone)
    assert len(made) == days


def test_downtime_over_nine_oclock_on_the_night_of_the_change() -> None:
    """Down from Saturday to Sunday afternoon: two periods are due, and the later one is caught up."""
    found = periods("daily", utc("2027-03-26T12:00"), utc("2027-03-28T15:00"), PARIS)
    assert found == [utc("2027-03-27T08:00"), utc("2027-03-28T07:00")]
    assert entry("daily").catch_up == "latest"


@pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
def test_the_period_reaches_the_payload(frequency: str) -> None:
    period = datetime(2026, 12, 7, 8, tzinfo=UTC)
    payload = {
        name: period.isoformat() if value == "{period}" else value for name, value in entry(frequency).payload.items()
    }
    assert RunAlerts.model_validate(payload) == RunAlerts.model_validate({"frequency": frequency, "period": period})


def test_days_that_nobody_ticked_become_one_run() -> None:
    assert {schedule.catch_up for schedule in ENTRIES.values()} == {"latest"}
