import io
from pathlib import Path

import pytest
import requests
from rich.console import Console

from sandbox.console import Screen
from sandbox.demo.play import play
from sandbox.demo.scene import Scene, Step, StepFailed, expect, expect_state
from sandbox.stack import Stack
from worker.kit.database import Database


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(Stack(tmp_path, {}), Database("postgresql://nowhere/none"))


def fail(_scene: Scene) -> str:
    raise StepFailed("expected one, found two")


def unreachable(_scene: Scene) -> str:
    raise requests.ConnectionError("refused")


def shown(scene: Scene, *steps: Step) -> tuple[bool, list[str]]:
    output = io.StringIO()
    passed = play(scene, Screen(console=Console(file=output, soft_wrap=True)), steps)
    return passed, output.getvalue().splitlines()


def test_steps_are_played_in_their_order(scene: Scene) -> None:
    passed, lines = shown(scene, Step("One", lambda _: "first"), Step("Two", lambda _: "second"))
    assert passed
    assert lines == ["✓ One  first", "✓ Two  second"]


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step("Bad", fail), "✗ Bad  expected one, found two"),
        (Step("Bad", unreachable), "✗ Bad  ConnectionError: refused"),
    ],
)
def test_a_failed_step_is_told_and_ends_the_demonstration(scene: Scene, step: Step, sentence: str) -> None:
    passed, lines = shown(scene, step, Step("Never", lambda _: "played"))
    assert not passed
    assert lines == [sentence]


def test_a_wrong_end_of_a_run_tells_its_error() -> None:
    run = {"id": "1", "task": "alerts.run", "state": "failed", "error": {"message": "no offers"}}
    with pytest.raises(StepFailed, match="ended failed instead of succeeded: no offers"):
        expect_state(run, "succeeded")


def test_a_wrong_status_tells_the_answer() -> None:
    answer = requests.Response()
    answer.status_code, answer.url = 503, "http://x/readyz"
    answer.request = requests.Request("GET", answer.url).prepare()
    answer._content = b"behind"
    with pytest.raises(StepFailed, match="GET http://x/readyz answered 503: behind"):
        expect(answer, 200)
