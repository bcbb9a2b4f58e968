"""The supervisor: programs get ready, die, come back, and none outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.processes import SandboxError, answers, free_port, wait_until
from sandbox.supervisor import Program, Supervisor
from tests.integration.sandbox.liveness import alive

# A parent and a child that ignores SIGTERM, as a pool's children may; prints both numbers.
FAMILY = """
import os, signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"],
    stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def supervisor(heard: list[tuple[str, str]]) -> Iterator[Supervisor]:
    supervisor = Supervisor(lambda name, line: heard.append((name, line)))
    yield supervisor
    supervisor.close()


def program(name: str, code: str, *, restart: bool = False, ready: Callable[[int], bool] | None = None) -> Program:
    return Program(
        name,
        [sys.executable, "-c", code],
        dict(os.environ),
        Path.cwd(),
        ready=ready,
        ready_seconds=10,
        stop_seconds=2,
        restart=restart,
    )


def family(supervisor: Supervisor, heard: list[tuple[str, str]]) -> list[int]:
    supervisor.start(program("family", FAMILY))
    assert wait_until(lambda: bool(heard), seconds=10)
    return [int(word) for word in heard[0][1].split()]


def test_stopping_ends_the_whole_group(supervisor: Supervisor, heard: list[tuple[str, str]]) -> None:
    family_pids = family(supervisor, heard)
    assert all(alive(pid) for pid in family_pids)
    supervisor.stop("family")
    assert wait_until(lambda: not any(alive(pid) for pid in family_pids), seconds=5)
    assert supervisor.deaths == []


def test_a_death_takes_the_group_and_is_told_with_its_last_lines(supervisor: Supervisor) -> None:
    supervisor.start(program("poet", "print('one'); print('two'); raise SystemExit(3)"))
    assert wait_until(lambda: bool(supervisor.deaths), seconds=10)
    death = supervisor.fatal()
    assert death
    assert death.code == 3
    assert death.sentence() == "poet ended with code 3. Its last lines:\n  one\n  two"


def test_a_killed_main_process_leaves_no_orphan(supervisor: Supervisor, heard: list[tuple[str, str]]) -> None:
    _, child = family(supervisor, heard)
    supervisor.kill("family")
    assert wait_until(lambda: not alive(child) and bool(supervisor.deaths), seconds=5)
    death = supervisor.fatal()
    assert death
    assert death.sentence().startswith("family was killed by SIGKILL")


def test_restart_brings_a_killed_program_back_as_another_process(supervisor: Supervisor) -> None:
    supervisor.start(program("phoenix", "import time; time.sleep(600)", restart=True))
    first = supervisor.pid("phoenix")
    supervisor.kill("phoenix")
    assert wait_until(lambda: supervisor.pid("phoenix") not in (None, first), seconds=5)
    assert supervisor.fatal() is None
    assert supervisor.starts("phoenix") == 2


def test_a_stopped_program_stays_down_and_can_be_started_again(supervisor: Supervisor) -> None:
    sleeper = program("sleeper", "import time; time.sleep(600)", restart=True)
    supervisor.start(sleeper)
    supervisor.stop("sleeper")
    assert supervisor.pid("sleeper") is None
    assert supervisor.deaths == []
    supervisor.start(sleeper)
    assert supervisor.pid("sleeper") is not None


def test_ready_waits_for_the_probe(supervisor: Supervisor) -> None:
    port = free_port()
    code = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(600)"
    supervisor.start(program("server", code, ready=lambda _pid: answers(port)))
    supervisor.wait_ready("server")
    assert answers(port)


def test_a_death_before_ready_is_a_sentence(supervisor: Supervisor) -> None:
    supervisor.start(program("stillborn", "raise SystemExit('no such port')", ready=lambda _pid: False))
    with pytest.raises(SandboxError, match=r"stillborn ended with code 1[\s\S]*no such port"):
        supervisor.wait_ready("stillborn")


# It waits as the commands do. A signal that comes between a thread's last look and one long sleep would wait as well.
OWNER = """
import os, sys, time
from pathlib import Path
from sandbox.supervisor import Program, Supervisor, ending_on
supervisor = Supervisor()
with ending_on():
    try:
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        supervisor.start(Program("child", command, dict(os.environ), Path.cwd()))
        print(supervisor.pid("child"), flush=True)
        while True:
            time.sleep(0.5)
    finally:
        supervisor.close()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda n: n.name)
def test_children_end_with_their_supervisor_however_it_ends(number: signal.Signals) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    with owner.stdout:
        child = int(owner.stdout.readline())
    assert alive(child)
    owner.send_signal(number)
    assert owner.wait(timeout=10) == (-number if number == signal.SIGKILL else 128 + number)
    assert wait_until(lambda: not alive(child), seconds=10)
