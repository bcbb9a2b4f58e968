from typing import Any

import pytest

from worker.kit.figures import LONGEST, pause, seconds


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (3599, 3599.0),
        ("3599", 3599.0),
        (3599.5, 3599.5),
        (0, 0.0),
        (-5, -5.0),
        (LONGEST, LONGEST),
        (LONGEST + 1, None),
        (1e300, None),
        ("1e999", None),
        (10**400, None),
        (float("inf"), None),
        (float("-inf"), None),
        (float("nan"), None),
        ("NaN", None),
        ("soon", None),
        (None, None),
        (True, None),
        ([7], None),
    ],
)
def test_a_time_is_finite_and_of_ten_years_at_most(value: Any, found: float | None) -> None:
    assert seconds(value) == found


@pytest.mark.parametrize(
    ("said", "after"), [("17", 17.0), ("0", 1.0), ("9999", 60.0), ("nan", 10.0), ("1e300", 10.0), (None, 10.0)]
)
def test_a_pause_lies_within_its_bounds(said: str | None, after: float) -> None:
    assert pause(said, least=1.0, most=60.0, usual=10.0) == after
