"""How much may be published ahead, from what ended lately."""

from typing import Any

import pytest

from worker.ledger.pace import AHEAD, FEW, HORIZON, MESSAGE, UNBOUNDED, Pace

CHILDREN = 2


def measured(runs: int, *, seconds: float = 0.1, span: float = HORIZON, per_message: int = 1, **more: Any) -> Pace:
    """Knowledge of one queue, `default`, on which runs of `seconds` ended within `span` seconds."""
    row = {"queue": "default", "task": "a", "runs": runs, "messages": runs // per_message, "span": span}
    pace = Pace()
    pace.learn([{**row, "seconds": runs * seconds}], living=CHILDREN, idle=more.get("idle", 0))
    return pace


def test_a_window_is_what_is_worked_off_ahead() -> None:
    assert measured(20).sizes() == {"default": 20 * AHEAD}
    assert measured(500, span=0.5).sizes()["default"] == pytest.approx(1000 * AHEAD, rel=0.01)


def test_what_ends_at_the_beginning_of_a_stretch_is_no_pace() -> None:
    assert measured(CHILDREN, span=0.01).sizes() == {"default": 1}
    assert measured(4 * CHILDREN, span=0.01, per_message=4).sizes()["default"] <= 4


def test_idle_children_get_a_few_hints() -> None:
    pace = measured(1, idle=CHILDREN)
    assert pace.sizes() == {"default": FEW * CHILDREN}
    assert pace.least() == FEW * CHILDREN
    assert measured(1).least() == 1


def test_messages_hold_a_share_of_a_second() -> None:
    pace = measured(20, seconds=0.1)
    assert pace.batch("a", 50) == int(MESSAGE / 0.1)
    assert pace.batch("unknown", 50) == 50
    assert measured(20, seconds=0.001).batch("a", 50) == 50
    assert measured(20, seconds=3.0).batch("a", 50) == 1


def test_unmeasured_nothing_is_bounded() -> None:
    pace = Pace(measured=False)
    assert (pace.sizes(), pace.least(), pace.batch("a", 50)) == ({}, UNBOUNDED, 50)
