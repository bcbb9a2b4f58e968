"""What a piece of work costs: CPU seconds and memory of process trees, read from /proc (Linux)."""

import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

SETTLE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ProcessTime:
    """One living process: its parent, and its CPU seconds with those of the children it has buried."""

    parent: int
    seconds: float


def parse_stat(text: str) -> ProcessTime:
    """A line of /proc/PID/stat (proc(5)); the name in parentheses may hold spaces and parentheses."""
    fields = text.rpartition(")")[2].split()
    return ProcessTime(int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / TICKS_PER_SECOND)


def process_times() -> dict[int, ProcessTime]:
    found: dict[int, ProcessTime] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            found[int(status.parent.name)] = parse_stat(status.read_text())
        except OSError:
            continue
    return found


def tree(root: int, times: Mapping[int, ProcessTime]) -> list[int]:
    """A process and everything below it, parents first."""
    children: dict[int, list[int]] = {}
    for pid, each in times.items():
        children.setdefault(each.parent, []).append(pid)
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def cpu_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """User and system time so far of each named process tree, ended descendants included; to 10 ms.

    Read again while processes come or go: one that ends between two files of /proc would be counted nowhere.
    """
    before: dict[str, list[int]] = {}
    while True:
        times = process_times()
        members = {name: tree(root, times) for name, root in roots.items()}
        if members == before:
            return {name: sum(times[pid].seconds for pid in pids if pid in times) for name, pids in members.items()}
        before = members
        time.sleep(SETTLE_SECONDS)


@dataclass(frozen=True, slots=True)
class Cost:
    """A piece of work of `units`: CPU seconds by process tree, and seconds on the wall."""

    units: int
    cpu: Mapping[str, float]
    wall: float

    @property
    def milliseconds(self) -> float:
        """CPU milliseconds per unit, all processes together."""
        return sum(self.cpu.values()) * 1000 / self.units

    @property
    def rate(self) -> float:
        return self.units / self.wall

    def by_process(self) -> dict[str, float]:
        return {name: round(seconds * 1000 / self.units, 4) for name, seconds in self.cpu.items()}


def cost_of(units: int, roots: Mapping[str, int], work: Callable[[], object]) -> Cost:
    """Do the work and say what it cost the named process trees."""
    before = cpu_seconds(roots)
    began = time.monotonic()
    work()
    wall = time.monotonic() - began
    after = cpu_seconds(roots)
    return Cost(units, {name: after[name] - before[name] for name in roots}, wall)


def proportional_memory(pid: int) -> int:
    """Proportional set size in bytes: shared pages count in parts."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} has no proportional set size")


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed, by nearest rank."""
    ordered = sorted(values)
    rank = math.ceil(share * len(ordered) - 1e-9)
    return ordered[max(0, rank - 1)]
