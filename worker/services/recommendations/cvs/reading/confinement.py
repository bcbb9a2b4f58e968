"""Limits that a process sets for itself before it looks at anybody's file; nothing takes them back."""

import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
# Above what the process holds when it begins: of its own memory, and of addresses.
MOST_MEMORY = 240 * MEGABYTE
MOST_ADDRESSES = 280 * MEGABYTE
CPU_SECONDS = 15
# At the hard limit the kernel kills as whoever ends a process from outside does; at the soft one it says why.
MORE_CPU_SECONDS = 5
WALL_SECONDS = 20
MOST_WRITTEN = 256 * 1024
# Events of Python's audit (PEP 578) that no reading of a file needs.
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")


def confine() -> None:
    """Where the kernel knows no limit of memory (macOS), the limits of time remain."""
    addresses, memory = _held()
    _limit(resource.RLIMIT_AS, addresses + MOST_ADDRESSES)
    _limit(resource.RLIMIT_DATA, memory + MOST_MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + MORE_CPU_SECONDS)
    _limit(resource.RLIMIT_FSIZE, MOST_WRITTEN)
    _limit(resource.RLIMIT_CORE, 0)
    signal.alarm(WALL_SECONDS)
    _go_first()
    sys.addaudithook(_refuse)


def _held() -> tuple[int, int]:
    """Bytes of addresses, and of memory that is the process's own (proc(5), statm)."""
    try:
        size, *_, data, _ = map(int, Path("/proc/self/statm").read_text("ascii").split())
    except OSError:
        return 0, 0
    page = resource.getpagesize()
    return size * page, data * page


def _go_first() -> None:
    """When the machine has no memory left, the kernel ends this process and not the worker."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, soft if hard is None else hard))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    writes = event == "open" and isinstance(arguments[1], str) and not set(arguments[1]).isdisjoint("wax+")
    if writes or event.startswith(FORBIDDEN):
        raise PermissionError(event)
