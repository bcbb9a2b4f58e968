"""`intowork dev` and `intowork demo` as a person starts them, each on data of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.demo.play import STEPS
from sandbox.processes import answers, wait_until

INTOWORK = Path(sys.executable).with_name("intowork")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="intowork-commands-", dir="/var/tmp"))
    yield path
    shutil.rmtree(path)


def command(*arguments: str, folder: Path) -> list[str]:
    return [str(INTOWORK), *arguments, "--json", "--folder", str(folder)]


def events_until(process: "subprocess.Popen[str]", wanted: str, **members: str) -> dict[str, Any]:
    """The next event of this name with these members: scheduled runs have events as well."""
    assert process.stdout
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line)
        event: dict[str, Any] = json.loads(line)
        if event["event"] == wanted and members.items() <= event.items():
            return event
    raise AssertionError(f"no event {wanted}: {seen}")


def test_the_demonstration_succeeds_step_by_step(folder: Path) -> None:
    done = subprocess.run(command("demo", "--check", folder=folder), capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [event for event in events if event["event"] == "step" and not event["passed"]]
    assert failed == []
    assert done.returncode == 0, done.stdout + done.stderr
    played = [event["title"] for event in events if event["event"] == "step"]
    assert played == [step.title for step in STEPS]


def test_dev_serves_until_it_is_interrupted_and_leaves_nothing(folder: Path) -> None:
    dev = command("dev", "--only", "api,dispatcher,worker", folder=folder)
    with subprocess.Popen(dev, stdout=subprocess.PIPE, text=True) as process:
        try:
            addresses = events_until(process, "addresses")
            tasks = addresses["API"]
            header = {"Authorization": f"Bearer {addresses['Service key']}"}
            made = requests.post(tasks, json={"task": "upkeep.prune", "payload": {}}, headers=header, timeout=10).json()
            assert events_until(process, "run", id=made["id"])["state"] == "succeeded"

            second = subprocess.run(dev, capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert "already runs" in second.stdout
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    ports = [int(addresses[name].split(":")[-1].split("/")[0]) for name in ("API", "Postgres", "Redis")]
    assert wait_until(lambda: not any(answers(port) for port in ports), seconds=5)


def test_dev_refuses_what_looks_like_production(folder: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://user:secret@db.example.org/app"}
    refused = subprocess.run(
        command("dev", folder=folder), capture_output=True, text=True, check=False, env=environment
    )
    assert refused.returncode == 1
    assert "DATABASE_URL" in refused.stdout
    assert "secret" not in refused.stdout + refused.stderr
