import io
import json
from datetime import UTC, datetime
from uuid import UUID

from rich.console import Console

from sandbox.console import Screen

RUN = {
    "id": UUID("0190a1b2-0000-7000-8000-00000000a1b2"),
    "task": "alerts.run",
    "state": "succeeded",
    "attempt": 1,
    "seconds": 0.42,
    "finished_at": datetime(2026, 11, 24, 12, 1, 3, tzinfo=UTC),
}
ADDRESS = "http://127.0.0.1:5080/api/tasks/0190a1b2-0000-7000-8000-00000000a1b2"


def screen(*, as_json: bool = False) -> tuple[Screen, io.StringIO]:
    output = io.StringIO()
    return Screen(as_json=as_json, console=Console(file=output, width=40, soft_wrap=True)), output


def test_a_finished_run_is_one_line_with_its_whole_address() -> None:
    shown, output = screen()
    shown.run(RUN, ADDRESS)
    (line,) = output.getvalue().splitlines()
    assert "alerts.run #0000a1b2  try 1  ok 0.42 s  → " + ADDRESS in line


def test_log_lines_are_prefixed_and_never_read_as_markup() -> None:
    shown, output = screen()
    shown.log("worker 1", "[red]not[/] a colour, and longer than the narrow terminal is wide")
    shown.log("worker 1", "   ")
    assert output.getvalue() == ("    worker 1 | [red]not[/] a colour, and longer than the narrow terminal is wide\n")


def test_json_is_one_object_per_line() -> None:
    shown, output = screen(as_json=True)
    shown.step("postgres", 0.911)
    shown.addresses([("API", "http://127.0.0.1:5080"), ("Redis", "redis://127.0.0.1/1")])
    shown.run(RUN, ADDRESS)
    shown.failed("Step", "why")
    events = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["ready", "addresses", "run", "step"]
    assert events[0]["seconds"] == 0.91
    assert events[1]["API"] == "http://127.0.0.1:5080"
    assert events[2]["state"] == "succeeded"
    assert events[3]["passed"] is False
