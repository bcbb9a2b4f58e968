"""The next free times, by a company's hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.services.interviews.settings import InterviewSettings
from worker.services.interviews.suggestions import HOW_MANY, WITHIN, Slot, allowed, holidays_of, suggest
from worker.services.interviews.times import zone_names

LIBREVILLE = ZoneInfo("Africa/Libreville")
HOUR = timedelta(hours=1)
DEFAULT = InterviewSettings()


def at(text: str) -> datetime:
    """On Libreville's clock. 30 November 2026 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=LIBREVILLE)


def busy(*times: str) -> list[Slot]:
    return [Slot(at(start), at(end)) for start, end in (each.split("/") for each in times)]


def starts(now: str, *taken: str, hours: InterviewSettings = DEFAULT, **options: object) -> list[str]:
    wanted = {"length": HOUR, "zone": LIBREVILLE, **options}
    found = suggest(now=at(now), hours=hours, busy=busy(*taken), **wanted)  # type: ignore[arg-type]
    return [each.start.astimezone(LIBREVILLE).strftime("%d %H:%M") for each in found]


def test_three_times_with_pauses_between_them() -> None:
    assert starts("2026-11-30T07:00") == ["30 09:00", "30 10:30", "30 12:00"]


@pytest.mark.parametrize("notice", [1, 4])
def test_notice_is_counted_in_working_hours(notice: int) -> None:
    """Asked at midnight, four hours are over at noon: nobody is awake for the first eight."""
    hours = InterviewSettings(notice_hours=notice)
    assert starts("2026-12-01T00:00", hours=hours)[0] == {1: "01 09:00", 4: "01 12:00"}[notice]


def test_notice_goes_on_after_the_weekend() -> None:
    assert starts("2026-11-27T17:30")[0] == "30 08:30"
    assert starts("2026-11-28T12:00")[0] == "30 09:00"
    assert starts("2026-11-27T17:30", hours=InterviewSettings(notice_hours=0)) == ["30 08:00", "30 09:30", "30 11:00"]


def test_a_pause_lies_before_and_behind_what_is_taken() -> None:
    taken = "2026-11-30T10:00/2026-11-30T11:00"
    assert starts("2026-11-30T07:00", taken) == ["30 11:30", "30 13:00", "30 14:30"]
    assert starts("2026-11-30T07:00", taken, hours=InterviewSettings(pause_minutes=0)) == [
        "30 09:00",
        "30 11:00",
        "30 12:00",
    ]


def test_an_interview_ends_before_the_company_closes() -> None:
    assert starts("2026-11-30T15:30", length=timedelta(minutes=90))[0] == "30 16:30"
    assert starts("2026-11-30T15:31", length=timedelta(minutes=90))[0] == "01 08:00"


def test_days_off_and_other_days_are_left_out() -> None:
    hours = InterviewSettings(days=(2, 6), opens_at=time(9, 15), closes_at=time(10, 30))
    found = starts("2026-11-29T07:00", hours=hours, days_off=frozenset({date(2026, 12, 1)}))
    # The first hour of Saturday is the notice, and leaves too little of it.
    assert found == ["08 09:15", "12 09:15"]


def test_nothing_is_suggested_where_nothing_is_free() -> None:
    assert starts("2026-11-30T07:00", "2026-11-30T00:00/2026-12-20T00:00") == []
    assert starts("2026-11-30T07:00", length=timedelta(hours=11)) == []


def test_proposed_starts_come_first_where_the_company_is_open_and_everybody_free() -> None:
    wanted = ["30 07:30", "30 08:30", "30 14:45", "30 17:30", "01 10:00", "01 10:30", "05 10:00"]
    month = {"30": "2026-11", "01": "2026-12", "05": "2026-12"}
    proposed = [at(f"{month[each[:2]]}-{each[:2]}T{each[3:]}") for each in wanted]
    assert starts("2026-11-30T07:00", proposed=proposed) == ["30 14:45", "01 10:00", "30 09:00"]
    taken = "2026-12-01T11:00/2026-12-01T12:00"
    assert starts("2026-11-30T07:00", taken, proposed=proposed) == ["30 14:45", "30 09:00", "30 10:30"]
    off = frozenset({date(2026, 11, 30)})
    assert starts("2026-11-30T07:00", proposed=proposed, days_off=off) == ["01 10:00", "01 11:30", "01 13:00"]


def test_what_is_allowed_runs_from_the_first_start_to_the_last_end_of_each_day() -> None:
    hours = InterviewSettings(days=(1, 2), opens_at=time(8, 15), closes_at=time(12))
    found = allowed(
        now=at("2026-11-30T09:00"),
        length=HOUR,
        zone=LIBREVILLE,
        hours=hours,
        days_off=frozenset({date(2026, 12, 7)}),
    )
    spans = [f"{each.start.astimezone(LIBREVILLE):%d %H:%M}-{each.end.astimezone(LIBREVILLE):%H:%M}" for each in found]
    assert spans == ["30 10:15-11:45", "01 08:15-11:45", "08 08:15-11:45"]


def test_hours_are_those_of_the_interviews_zone() -> None:
    paris = ZoneInfo("Europe/Paris")
    # Summer time ends on 25 October: 8:00 in Paris is 6:00 UTC before and 7:00 after.
    for day, opening in ((23, 6), (26, 7)):
        now = datetime(2026, 10, day, 0, tzinfo=UTC)
        hours = InterviewSettings(notice_hours=0)
        found = suggest(now=now, length=HOUR, zone=paris, hours=hours, busy=())
        assert found[0].start == datetime(2026, 10, day, opening, tzinfo=UTC)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given a zone
    name=st.sampled_from(sorted(zone_names())),
    minutes=st.integers(15, 480),
    taken=st.lists(st.tuples(st.integers(0, 14 * 24), st.integers(1, 30)), max_size=8),
    pause=st.integers(0, 120),
)
@settings(max_examples=150, deadline=None)
def test_what_is_suggested_is_free_open_and_ahead(
    now: datetime, name: str, minutes: int, taken: list[tuple[int, int]], pause: int
) -> None:
    zone, length = ZoneInfo(name), timedelta(minutes=minutes)
    busy = [Slot(now + timedelta(hours=start), now + timedelta(hours=start + long)) for start, long in taken]
    found = suggest(now=now, length=length, zone=zone, hours=InterviewSettings(pause_minutes=pause), busy=busy)
    assert len(found) <= HOW_MANY
    assert found == sorted(found, key=lambda each: each.start)
    for slot in found:
        begins, ends = slot.start.astimezone(zone), slot.end.astimezone(zone)
        assert slot.end - slot.start == length
        assert now + timedelta(hours=1) <= slot.start < slot.end <= now + WITHIN
        assert begins.isoweekday() <= 5
        assert time(8) <= begins.time()
        assert ends.time() <= time(18)
        margin = timedelta(minutes=pause)
        others = [*busy, *(each for each in found if each != slot)]
        assert not [each for each in others if each.start < slot.end + margin and slot.start < each.end + margin]


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("GA", {date(2026, 8, 16), date(2026, 8, 17)}),
        ("Gabon", {date(2026, 8, 16), date(2026, 8, 17)}),
        ("Côte d'Ivoire", {date(2026, 8, 7), date(2026, 8, 15)}),
        ("FR", {date(2026, 8, 15)}),
        ("Pays imaginaire", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_holidays_are_those_of_the_companys_country(country: str | None, expected: set[date]) -> None:
    days = [date(2026, 8, 1) + timedelta(days=number) for number in range(25)]
    assert holidays_of(country, days) >= expected
    if not expected:
        assert holidays_of(country, days) == set()
