"""The platform's processes as one: made ready, killed and back, started a second time on the same data."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import requests

from sandbox.processes import SandboxError, wait_until
from sandbox.programs import process_environment, setting_names
from sandbox.stack import Stack
from tests.integration.sandbox.liveness import alive

# Values that would lead a sandbox to the person's real services.
REAL = {"RESEND_API_KEY": "re_real", "DATABASE_PRIVATE_URL": "postgresql://db.example.org/x", "FLOWER_PORT": "55555"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="intowork-stack-", dir="/var/tmp"))
    yield path
    shutil.rmtree(path)


@contextmanager
def started(folder: Path, **parts: int) -> Iterator[Stack]:
    stack = Stack(folder, parts, concurrency=1)
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    with started(folder / "once", api=1, dispatcher=1, worker=1) as stack:
        yield stack


def registered(stack: Stack) -> set[int]:
    with psycopg.connect(stack.url("postgres")) as connection:
        return {row[0] for row in connection.execute("select pid from workers where parent_id is null").fetchall()}


def test_every_part_is_ready_after_start(stack: Stack) -> None:
    assert requests.get(f"{stack.url('api')}/readyz", timeout=5).json()["status"] == "ok"
    assert stack.pids("worker")[0] in registered(stack)
    assert len(stack.pids("worker")) == 2
    stack.check()


def test_a_killed_worker_comes_back_without_its_old_child(stack: Stack) -> None:
    before = stack.pids("worker")
    stack.kill("worker", 0, signal.SIGKILL)

    def came_back() -> bool:
        pids = stack.pids("worker")
        return len(pids) == 2 and pids[0] != before[0]

    assert wait_until(came_back, seconds=30)
    stack.supervisor.wait_ready("worker")
    assert wait_until(lambda: not any(alive(pid) for pid in before), seconds=5)
    stack.stop_part("worker")
    assert stack.pids("worker") == []
    stack.start_part("worker")


def test_the_database_server_restarts_under_the_platform(stack: Stack) -> None:
    stack.kill("postgres")
    with pytest.raises(SandboxError, match="Postgres has died"):
        stack.check()
    stack.postgres.start()
    stack.kill("redis")
    stack.redis.restart(empty=True)
    assert wait_until(
        lambda: requests.get(f"{stack.url('api')}/readyz", timeout=10).json().get("status") == "ok", seconds=30
    )
    stack.check()


def test_a_second_start_finds_the_data_and_the_secrets(folder: Path) -> None:
    own = folder / "twice"
    with started(own) as stack, psycopg.connect(stack.url("postgres")) as connection:
        secrets = dict(stack.secrets)
        connection.execute("create table kept (number int)")
    with started(own) as again, psycopg.connect(again.url("postgres")) as connection:
        assert again.secrets == secrets
        connection.execute("select number from kept")


def test_an_unknown_part_is_a_sentence(folder: Path) -> None:
    with pytest.raises(SandboxError, match="No such part: web"):
        Stack(folder, {"web": 1})


def test_the_shells_own_settings_never_reach_the_processes(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    environment = process_environment(stack.site)
    assert not set(environment.values()) & set(REAL.values())
    assert environment["RESEND_API_URL"].startswith("http://127.0.0.1:")
    assert environment["PATH"] == os.environ["PATH"]
    assert {"DATABASE_PRIVATE_URL", "NEXT_PUBLIC_FORCE_HTTPS", "RESEND_API_KEY", "BROKER_URL"} <= setting_names()
