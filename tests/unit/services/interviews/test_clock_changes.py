"""On the eve of a change of clocks, hosts and guests are promised the same minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time

from worker.services.interviews.settings import InterviewSettings
from worker.services.interviews.suggestions import suggest
from worker.services.interviews.times import instant, is_plannable

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("eve", "host", "first", "shown_to_guest"),
    [
        ("2027-03-26T20:00:00Z", "Europe/Paris", "2027-03-29T07:00+00:00", "29 08:00"),
        ("2026-10-23T20:00:00Z", "Europe/Paris", "2026-10-26T08:00+00:00", "26 09:00"),
        ("2027-03-12T23:00:00Z", "America/New_York", "2027-03-15T13:00+00:00", "15 14:00"),
        ("2026-10-30T23:00:00Z", "America/New_York", "2026-11-02T14:00+00:00", "02 15:00"),
        ("2026-11-06T20:00:00Z", "Africa/Libreville", "2026-11-09T08:00+00:00", "09 09:00"),
    ],
)
def test_the_first_free_time_after_the_change(eve: str, host: str, first: str, shown_to_guest: str) -> None:
    with freeze_time(eve):
        now = datetime.now(UTC)
        found = suggest(now=now, length=HOUR, zone=ZoneInfo(host), hours=InterviewSettings(), busy=[])[0]
    assert found.start == datetime.fromisoformat(first)
    assert found.start.astimezone(ZoneInfo("Africa/Libreville")).strftime("%d %H:%M") == shown_to_guest
    assert found.start.astimezone(ZoneInfo(host)).strftime("%H:%M") == "09:00"


@pytest.mark.parametrize(
    ("written", "zone", "now", "expected"),
    [
        # The first of the two: half an hour ago by the instant, in half an hour by the clock on the wall.
        ("2026-10-25T02:30", "Europe/Paris", "2026-10-25T01:00:00Z", False),
        ("2026-10-25T02:30", "Europe/Paris", "2026-10-25T00:29:00Z", True),
        ("2027-03-28T03:00", "Europe/Paris", "2027-03-28T00:59:00Z", True),
        ("2027-03-28T03:00", "Europe/Paris", "2027-03-28T01:01:00Z", False),
    ],
)
def test_what_is_past_is_told_by_the_instant(written: str, zone: str, now: str, expected: bool) -> None:
    with freeze_time(now):
        assert is_plannable(instant(datetime.fromisoformat(written), zone), datetime.now(UTC)) is expected
