"""Small things that every supervised process needs: ports, readiness, an orderly end."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox.watchdog import Watchdog

LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 0.05
WATCHDOG = Watchdog()


class SandboxError(Exception):
    """Something on this machine is missing or in the way: a sentence for the person at the keyboard."""


def free_port(preferred: int | None = None) -> int:
    """`preferred` or the next free one above it (within 50), or any free port."""
    candidates = [0] if preferred is None else range(preferred, preferred + 50)
    for port in candidates:
        with contextlib.suppress(OSError), socket.socket() as probe:
            # As the servers do: a port whose last connections are still winding down counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
            return int(probe.getsockname()[1])
    raise SandboxError(f"No free port from {preferred} on {LOOPBACK}: stop what listens there.")


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def wait_until(ready: Callable[[], bool], *, seconds: float, running: Callable[[], bool] = lambda: True) -> bool:
    """Probe every 50 ms. False when `running` turns false first, or after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        if not running():
            return False
        time.sleep(PROBE_SECONDS)
    return False


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]], *, group: bool = True) -> None:
    """Send each signal in turn until the process is gone within that step's seconds; SIGKILL to the group last."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        send(process, number, group=group)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    WATCHDOG.forget(process.pid)


def send(process: subprocess.Popen[bytes], number: signal.Signals, *, group: bool = True) -> None:
    """Signal a process that was started in a session of its own, or its whole group."""
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log file, for an error's sentence."""
    if not log.exists():
        return "(it wrote nothing)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) or "(it wrote nothing)"
