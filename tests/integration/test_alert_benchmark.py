"""The alert benchmark at a size that says nothing about speed: peers agree, all is stored, every figure is there."""

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks.stack import CHECKOUT

COMMAND = ("-m", "benchmarks", "alerts", "--alerts", "400", "--jobs", "150", "--repetitions", "1", "--peers", "--json")


@pytest.fixture(scope="module")
def said() -> Any:
    """The benchmark stops with an error when a peer finds something else than our digests hold."""
    command = [sys.executable, *COMMAND]
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_run_is_measured_and_told(said: Any) -> None:
    run = said["figures"]["400 alerts"]
    assert run["value"] > 0
    assert run["digests"] > 40
    assert 10 < run["share %"] < 50
    assert said["figures"]["150 offers prepared and numbered"]["value"] > 0
    assert said["figures"]["400 alerts, worker's memory (PSS, all processes)"]["value"] > 20


def test_every_peer_is_measured_in_the_same_run(said: Any) -> None:
    peers = {"SQL per alert, ILIKE", "SQL per alert, text search", "one SQL join, text search", "plain Python"}
    assert peers <= said["figures"].keys()
    assert all(said["figures"][peer]["value"] > 0 for peer in peers)


def test_goals_name_the_size_they_were_measured_at(said: Any) -> None:
    assert "400 alerts and 150 offers: to the last stored digest" in said["goals"]
