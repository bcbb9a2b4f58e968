"""However a person ends the sandbox, nothing of it goes on."""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.processes import wait_until
from sandbox.programs import descendants
from tests.integration.sandbox.liveness import alive

INTOWORK = Path(sys.executable).with_name("intowork")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="intowork-signals-", dir="/var/tmp"))
    yield path
    shutil.rmtree(path)


def at_home_in(folder: Path) -> set[int]:
    """Processes that work in the folder or name it in their command; a daemon is nobody's child."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            home = str((process / "cwd").readlink())
            if home.startswith(str(folder)) or str(folder).encode() in (process / "cmdline").read_bytes():
                found.add(int(process.name))
    return {pid for pid in found if alive(pid)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_dev_leaves_no_process_behind(folder: Path, number: signal.Signals) -> None:
    dev = [str(INTOWORK), "dev", "--only", "dispatcher,worker,beat", "--json", "--folder", str(folder)]
    with subprocess.Popen(dev, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert any(json.loads(line)["event"] == "addresses" for line in process.stdout)
            started = {*descendants(process.pid), *at_home_in(folder)} - {process.pid}
        finally:
            process.send_signal(number)
            process.communicate(timeout=60)
    assert process.returncode == (-number if number is signal.SIGKILL else 128 + number)
    # Postgres, Redis, the watchdog, a dispatcher, beat, a worker and its two children, at least.
    assert len(started) >= 8
    assert wait_until(lambda: not any(alive(pid) for pid in started), seconds=10)
    assert at_home_in(folder) == set()
