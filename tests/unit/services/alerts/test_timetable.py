"""When an alert is looked at next, on the clock of the platform's zone."""

from datetime import UTC, datetime

import pytest

from models.enums import AlertFrequency
from worker.services.alerts.timetable import next_send_at

LIBREVILLE = "Africa/Libreville"
PARIS = "Europe/Paris"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("frequency", "zone", "after", "expected"),
    [
        ("daily", LIBREVILLE, "2026-11-24T07:59:59", "2026-11-24T08:00"),
        ("daily", LIBREVILLE, "2026-11-24T08:00:00", "2026-11-25T08:00"),
        ("weekly", LIBREVILLE, "2026-11-24T12:00", "2026-11-30T08:00"),
        ("monthly", LIBREVILLE, "2026-11-24T12:00", "2026-12-01T08:00"),
        ("monthly", LIBREVILLE, "2027-12-31T23:30", "2028-01-01T08:00"),
        ("daily", LIBREVILLE, "2028-02-28T09:00", "2028-02-29T08:00"),
        ("daily", PARIS, "2027-03-27T12:00", "2027-03-28T07:00"),
        ("daily", PARIS, "2027-03-26T12:00", "2027-03-27T08:00"),
        ("daily", PARIS, "2027-10-30T12:00", "2027-10-31T08:00"),
        ("weekly", PARIS, "2027-03-24T12:00", "2027-03-29T07:00"),
    ],
)
def test_the_next_instant_is_nine_oclock_of_the_zone(frequency: str, zone: str, after: str, expected: str) -> None:
    found = next_send_at(AlertFrequency(frequency), after=at(after), time_zone=zone)
    assert found == at(expected)


def test_no_clock_decides_about_instant_alerts() -> None:
    assert next_send_at(AlertFrequency.INSTANT, after=at("2026-11-24T12:00"), time_zone=LIBREVILLE) is None
