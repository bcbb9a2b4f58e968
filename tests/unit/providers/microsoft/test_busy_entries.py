from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from worker.contracts.calendars import Busy
from worker.providers.microsoft.busy_entries import Schedule, ViewEntry, within

LIBREVILLE = ZoneInfo("Africa/Libreville")
NINE = datetime(2026, 12, 3, 9, tzinfo=UTC)
TEN = datetime(2026, 12, 3, 10, tzinfo=UTC)


def at(time: str) -> dict[str, str]:
    return {"dateTime": f"{time}.0000000", "timeZone": "UTC"}


def entry(**members: Any) -> Busy | None:
    told = {"start": at("2026-12-03T09:00:00"), "end": at("2026-12-03T10:00:00"), "showAs": "busy", **members}
    return ViewEntry.model_validate(told).busy(LIBREVILLE)


@pytest.mark.parametrize(
    "members",
    [
        {"showAs": "free"},
        {"showAs": "workingElsewhere"},
        {"isCancelled": True},
        {"responseStatus": {"response": "declined"}},
        {"showAs": "oof", "isCancelled": True},
    ],
)
def test_what_occupies_nobody_is_left_out(members: dict[str, Any]) -> None:
    assert entry(**members) is None


@pytest.mark.parametrize(
    ("shown", "how"), [("busy", "busy"), ("unknown", "busy"), ("tentative", "tentative"), ("oof", "out_of_office")]
)
def test_what_occupies_says_how(shown: str, how: Any) -> None:
    assert entry(showAs=shown) == Busy(NINE, TEN, how)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-12-04T00:00:00", "2026-12-05T00:00:00"),
        ("2026-12-03T23:00:00", "2026-12-04T23:00:00"),
        ("2026-12-04T05:00:00", "2026-12-05T05:00:00"),
    ],
)
def test_a_whole_day_is_one_where_the_interview_is(start: str, end: str) -> None:
    found = entry(showAs="oof", isAllDay=True, start=at(start), end=at(end))
    first = datetime(2026, 12, 4, tzinfo=LIBREVILLE)
    assert found == Busy(first, first + timedelta(days=1), "out_of_office")
    assert found.start.utcoffset() == timedelta(0)


def test_a_schedule_holds_items() -> None:
    items = [
        {"status": "tentative", "start": at("2026-12-03T09:00:00"), "end": at("2026-12-03T09:30:00")},
        {"status": "free", "start": at("2026-12-03T09:30:00"), "end": at("2026-12-03T10:00:00")},
        {"status": "oof", "start": at("2026-12-03T10:00:00"), "end": at("2026-12-03T11:00:00")},
    ]
    told = Schedule.model_validate({"scheduleId": "a@x.ga", "availabilityView": "1033", "scheduleItems": items})
    assert [busy.how for busy in told.busy(NINE)] == ["tentative", "out_of_office"]


def test_a_schedule_of_which_only_the_view_may_be_seen_holds_digits() -> None:
    told = Schedule.model_validate({"scheduleId": "a@x.ga", "availabilityView": "01230", "scheduleItems": None})
    half = timedelta(minutes=30)
    assert list(told.busy(NINE)) == [
        Busy(NINE + half, NINE + 2 * half, "tentative"),
        Busy(NINE + 2 * half, NINE + 3 * half, "busy"),
        Busy(NINE + 3 * half, NINE + 4 * half, "out_of_office"),
    ]


def test_only_what_touches_the_window_counts_in_order() -> None:
    before, early, late = (Busy(NINE + timedelta(hours=hour), TEN + timedelta(hours=hour)) for hour in (-2, 0, 3))
    assert within([late, None, early, before], NINE, NINE + timedelta(hours=4)) == (early, late)
    assert within([before, late], NINE - timedelta(hours=1), NINE + timedelta(hours=3)) == ()
