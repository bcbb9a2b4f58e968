"""The last line is for programs, and a goal that is missed is said."""

import json

import pytest

from benchmarks.__main__ import parser
from benchmarks.report import Report


def test_the_last_line_is_one_object_with_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("ledger", {"runs": 10})
    report.figure("batched", 0.123456, "CPU ms per run", {"per second": 9000})
    report.at_most("batched", 0.123456, 0.2, "CPU ms")
    report.at_least("rate", 5, 8, "times")
    report.show()
    printed = capsys.readouterr().out
    assert "FALLS SHORT" in printed
    last = json.loads(printed.splitlines()[-1])
    assert last["figures"] == {"batched": {"value": 0.1235, "unit": "CPU ms per run", "per second": 9000}}
    assert last["goals"] == {
        "batched": {"value": 0.1235, "goal": "<= 0.2 CPU ms", "holds": True},
        "rate": {"value": 5, "goal": ">= 8 times", "holds": False},
    }


def test_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Report("intake").show(table=False)
    assert json.loads(capsys.readouterr().out) == {"benchmark": "intake", "conditions": {}, "figures": {}, "goals": {}}


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["nothing"])
    assert "invalid choice" in capsys.readouterr().err
