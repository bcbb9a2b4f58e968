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

ZONE = Settings(database_url="postgresql://nowhere/none").platform_timezone
ENTRIES = {schedule.name: schedule for schedule in SCHEDULES if schedule.task == RUN.name}


def entry(frequency: str) -> Schedule:
    return ENTRIES[f"alerts.{frequency}"]


def periods(frequency: str, first: datetime, until: datetime) -> list[datetime]:
    """What a dispatcher makes of an entry between two instants, both passed in."""
    with freeze_time("1999-12-31"):
        begin = next_period(entry(frequency).rule, ZONE, first)
        found, following = due_periods(entry(frequency).rule, ZONE, begin, until)
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


@pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
def test_the_period_reaches_the_payload(frequency: str) -> None:
    period = datetime(2026, 12, 7, 8, tzinfo=UTC)
    payload = {
        name: period.isoformat() if value == "{period}" else value for name, value in entry(frequency).payload.items()
    }
    assert RunAlerts.model_validate(payload) == RunAlerts.model_validate({"frequency": frequency, "period": period})


def test_days_that_nobody_ticked_become_one_run() -> None:
    assert {schedule.catch_up for schedule in ENTRIES.values()} == {"latest"}
