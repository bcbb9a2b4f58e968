"""The measuring itself: a figure that is wrong misleads more than none."""

import os
import subprocess
import sys

import pytest

from benchmarks.measure import (
    Cost,
    ProcessTime,
    cost_of,
    parse_stat,
    percentile,
    process_times,
    proportional_memory,
    tree,
)

BUSY = "import time\nwhile time.process_time() < 0.3: pass"


def test_a_process_name_may_look_like_the_rest_of_its_line() -> None:
    line = "42 (a b) c) S 7 42 42 0 -1 0 1 2 3 4 100 50 20 30 20 0 1 0 99"
    parsed = parse_stat(line)
    assert parsed.parent == 7
    assert parsed.seconds == pytest.approx(200 / os.sysconf("SC_CLK_TCK"))


def test_a_tree_holds_grandchildren_and_no_strangers() -> None:
    times = {1: ProcessTime(0, 0.0), 2: ProcessTime(1, 0.0), 3: ProcessTime(2, 0.0), 4: ProcessTime(9, 0.0)}
    assert tree(1, times) == [1, 2, 3]


def test_the_work_of_ended_children_counts() -> None:
    cost = cost_of(3, {"self": os.getpid()}, lambda: subprocess.run([sys.executable, "-c", BUSY], check=True))
    assert cost.cpu["self"] >= 0.29
    assert cost.milliseconds >= 290 / 3


def test_cost_per_unit_and_rate() -> None:
    cost = Cost(4, {"a": 0.002, "b": 0.006}, 2.0)
    assert cost.milliseconds == pytest.approx(2.0)
    assert cost.rate == pytest.approx(2.0)
    assert cost.by_process() == {"a": 0.5, "b": 1.5}


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles_by_nearest_rank(share: float, expected: int) -> None:
    assert percentile(range(1, 101), share) == expected


def test_memory_of_this_process() -> None:
    assert proportional_memory(os.getpid()) > 2**20
    assert os.getpid() in process_times()
