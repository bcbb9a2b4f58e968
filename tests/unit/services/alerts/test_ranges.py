"""How an alert run is cut: every alert with something to look at lies in exactly one range."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from worker.services.alerts.runs import cut

SIZE = 50


def boxes(counts: list[int]) -> list[dict[str, Any]]:
    """A box of ten ids each; how many of its alerts have something to look at."""
    return [{"first_id": 10 * place, "last_id": 10 * place + 9, "behind": count} for place, count in enumerate(counts)]


def held(counts: list[int], first: int, last: int) -> list[int]:
    return [count for place, count in enumerate(counts) if first <= 10 * place and 10 * place + 9 <= last]


def test_neighbours_share_a_range_until_it_is_full() -> None:
    assert cut(boxes([20, 20, 20, 50, 1]), SIZE) == [(0, 19), (20, 29), (30, 39), (40, 49)]


def test_nothing_to_look_at_makes_no_range() -> None:
    assert cut(boxes([0, 0]), SIZE) == []
    assert cut([], SIZE) == []


@given(st.lists(st.integers(0, 80), max_size=40))
def test_ranges_hold_every_alert_once_and_few_enough(counts: list[int]) -> None:
    ranges = cut(boxes(counts), SIZE)
    inside = [held(counts, first, last) for first, last in ranges]
    assert sum(sum(each) for each in inside) == sum(counts)
    assert all(sum(each) <= SIZE or len([count for count in each if count]) == 1 for each in inside)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))
