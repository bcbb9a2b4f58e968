"""Ends what a killed sandbox leaves behind: `python -I -S sandbox/watchdog.py`, started by the first `guard`.

The watchdog reads one line per change on standard input, `+ GROUP SIGNAL` or `- GROUP`. Standard input ends
when the process that holds its other end is gone, however it died; then every group still listed gets its
signal, and SIGKILL two seconds later. The kernel's parent-death signal would not do: it follows the thread that
started a child, needs code between fork and exec, and exists on Linux only.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 2.0


class Watchdog:
    """This process' end of the pipe; the watchdog process is started by the first group."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def guard(self, group: int, end: signal.Signals = signal.SIGTERM) -> None:
        """End the process group `group` with `end` when this process is gone."""
        self._tell(f"+ {group} {end.value}\n")

    def forget(self, group: int) -> None:
        """The group has ended: its number may belong to others soon."""
        self._tell(f"- {group}\n")

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._start()
            if self._process.stdin:
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def _start(self) -> subprocess.Popen[str]:
        atexit.register(self.close)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def close(self) -> None:
        """End the watchdog, and with it every group still guarded."""
        with self._lock:
            process, self._process = self._process, None
        if process and process.stdin:
            process.stdin.close()
            process.wait(timeout=10)


def _signal(groups: dict[int, int]) -> None:
    for group, number in groups.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(groups: dict[int, int]) -> None:
    _signal(groups)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(_alive(group) for group in groups):
        time.sleep(0.05)
    _signal(dict.fromkeys(groups, int(signal.SIGKILL)))


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        match line.split():
            case ["+", group, number]:
                groups[int(group)] = int(number)
            case ["-", group]:
                groups.pop(int(group), None)
    _end(groups)


if __name__ == "__main__":
    main()
