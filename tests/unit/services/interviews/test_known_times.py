"""An interview's own event, and those of interviews that are told of anyway, are taken out of what calendars hold."""

from datetime import UTC, datetime

import pytest

from worker.services.interviews.busy_times import Taken
from worker.services.interviews.known_times import without

GOOGLE, OUTLOOK = "account:1", "account:2"


def at(hour: float) -> datetime:
    return datetime(2026, 12, 3, int(hour), round(hour % 1 * 60), tzinfo=UTC)


def held(*spans: tuple[float, float], calendar: str = GOOGLE) -> list[Taken]:
    return [Taken(calendar, at(start), at(end)) for start, end in spans]


@pytest.mark.parametrize(
    ("entries", "known", "left"),
    [
        ([(9, 10)], [(9, 10)], []),
        ([(9, 10), (9, 10)], [(9, 10)], [(9, 10)]),
        ([(9, 10), (9.5, 10.5)], [(9, 10)], [(9.5, 10.5)]),
        ([(8, 12)], [(9, 10)], [(8, 9), (10, 12)]),
        ([(9, 10.5)], [(9, 10), (9.5, 10.5)], []),
        ([(8, 10)], [(9, 10), (9.5, 10.5)], [(8, 9)]),
        ([(9, 11)], [(9, 10), (10, 11)], []),
        ([(9.5, 12)], [(9, 10)], [(9.5, 12)]),
        ([(9, 10)], [], [(9, 10)]),
    ],
)
def test_what_is_left_beside_what_is_known(
    entries: list[tuple[float, float]], known: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    assert without(held(*entries), [(at(start), at(end)) for start, end in known]) == held(*left)


def test_each_calendar_holds_the_event_itself() -> None:
    both = held((9, 10)) + held((9, 10), (9, 10), calendar=OUTLOOK)
    assert without(both, [(at(9), at(10))]) == held((9, 10), calendar=OUTLOOK)
