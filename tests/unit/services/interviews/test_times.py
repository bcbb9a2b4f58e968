"""Written times become instants: in every zone, on every day, to the minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.services.interviews.times import NoSuchTime, UnknownZone, instant, is_ambiguous, zone_names

LOCAL = st.datetimes(datetime(2026, 1, 1), datetime(2036, 12, 31))  # noqa: DTZ001 - as people write them
ZONES = st.sampled_from(sorted(zone_names()))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2027-07-09T14:00", "Europe/Paris", "2027-07-09T12:00+00:00"),
        ("2027-01-15T14:00", "Europe/Paris", "2027-01-15T13:00+00:00"),
        ("2027-07-09T14:00", "Africa/Libreville", "2027-07-09T13:00+00:00"),
        ("2027-07-09T14:00", "Asia/Kathmandu", "2027-07-09T08:15+00:00"),
        ("2027-07-09T14:00", None, "2027-07-09T14:00+00:00"),
        ("2027-07-09T14:00+02:00", "America/New_York", "2027-07-09T12:00+00:00"),
        ("2027-07-09T14:00Z", None, "2027-07-09T14:00+00:00"),
        # Shown twice: the first, still in summer time.
        ("2026-10-25T02:30", "Europe/Paris", "2026-10-25T00:30+00:00"),
        ("2026-10-25T02:30+01:00", "Europe/Paris", "2026-10-25T01:30+00:00"),
        ("2026-03-29T03:00", "Europe/Paris", "2026-03-29T01:00+00:00"),
    ],
)
def test_a_written_time_is_one_instant(written: str, zone: str | None, expected: str) -> None:
    found = instant(local(written), zone)
    assert found == local(expected)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("2026-03-29T02:00", "Europe/Paris"),
        ("2026-03-29T02:59", "Europe/Paris"),
        ("2027-03-14T02:30", "America/New_York"),
        ("2026-10-04T02:15", "Australia/Lord_Howe"),
        # A whole day that the island never had.
        ("2011-12-30T10:00", "Pacific/Apia"),
    ],
)
def test_an_hour_that_the_clocks_leap_over_is_refused(written: str, zone: str) -> None:
    with pytest.raises(NoSuchTime, match="does not exist"):
        instant(local(written), zone)


@pytest.mark.parametrize(
    ("written", "zone", "expected"),
    [
        ("2026-10-25T02:30", "Europe/Paris", True),
        ("2026-10-25T03:00", "Europe/Paris", False),
        ("2026-03-29T02:30", "Europe/Paris", False),
        ("2026-10-25T02:30+02:00", "Europe/Paris", False),
        ("2026-10-25T02:30", None, False),
        ("2026-10-25T02:30", "Africa/Libreville", False),
    ],
)
def test_an_hour_that_exists_twice_is_known(written: str, zone: str | None, expected: bool) -> None:
    assert is_ambiguous(local(written), zone) is expected


@given(LOCAL, ZONES)
@settings(max_examples=300, deadline=None)
def test_what_is_accepted_shows_the_same_clock_and_the_earlier_of_two(written: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    try:
        found = instant(written, name)
    except NoSuchTime:
        shown = written.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        assert shown != written
        return
    assert found.astimezone(zone).replace(tzinfo=None) == written
    later = written.replace(tzinfo=zone, fold=1).astimezone(UTC)
    assert found <= later
    assert is_ambiguous(written, name) is (found != later)


@given(LOCAL, ZONES, st.integers(15, 480))
@settings(max_examples=200, deadline=None)
def test_a_guest_anywhere_sees_the_same_instant_and_length(written: datetime, name: str, minutes: int) -> None:
    start = instant(written.replace(tzinfo=UTC), name)
    end = start + timedelta(minutes=minutes)
    zone = ZoneInfo(name)
    assert start.astimezone(zone).astimezone(UTC) == start
    assert end.astimezone(zone).astimezone(UTC) - start.astimezone(zone).astimezone(UTC) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "name",
    ["", "Paris", "europe/paris", "GMT+1", "+01:00", "../etc/passwd", "localtime", "posixrules", "Factory", "\0"],
)
def test_only_names_of_the_iana_database_are_zones(name: str) -> None:
    with pytest.raises(UnknownZone, match="IANA"):
        instant(local("2027-07-09T14:00"), name)


def test_the_ends_of_the_calendar_are_no_fault() -> None:
    with pytest.raises(OverflowError):
        instant(datetime(1, 1, 1), "Asia/Tokyo")  # noqa: DTZ001 - as people write them
    with pytest.raises(OverflowError):
        instant(datetime(9999, 12, 31, 23), "America/New_York")  # noqa: DTZ001 - as people write them
