"""Runs of alerts by a fresh worker that knows nothing else, watched from outside."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.measure import cpu_seconds, process_times, proportional_memory, tree
from benchmarks.stack import CHILDREN, Stack
from worker.catalogue import alerts as catalogue
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import enqueue

WORKER = "worker"
PERIOD = "2026-11-24T08:00:00+00:00"
LOOK_EVERY = 1.0
ASK_EVERY = 0.1
GIVE_UP = 1800.0

RUN = """
select id, result, created_at, extract(epoch from finished_at - created_at)::float as ended from task_runs
 where task = %(task)s
"""

SHARDS = """
select state, result, extract(epoch from finished_at - %(created_at)s)::float as ended from task_runs
 where parent_id = %(id)s
"""

Row = dict[str, Any]


@dataclass(slots=True)
class Peaks:
    """Bytes, the highest seen: proportional memory of process trees, looked at each second, for a look takes time."""

    worker: int = 0
    postgres: int = 0

    def look(self, roots: Mapping[str, int]) -> None:
        times = process_times()
        held = {name: sum(_held(pid) for pid in tree(root, times)) for name, root in roots.items()}
        self.worker = max(self.worker, held.get(WORKER, 0))
        self.postgres = max(self.postgres, held.get("postgres", 0))


@dataclass(frozen=True, slots=True)
class Finished:
    """A run over all alerts: seconds from its request to the end of its last shard, and to its own.

    `cpu` is in seconds by process tree. `resident` bounds the worker's memory from above: each of its processes at
    its own highest, shared pages counted in each.
    """

    stored: float
    ended: float
    result: Row
    shards: list[Row]
    cpu: Mapping[str, float]
    peaks: Peaks
    resident: int

    def spent(self) -> dict[str, float]:
        """Seconds by step as the shards report them, all shards together; empty where they report none."""
        total: Counter[str] = Counter()
        for shard in self.shards:
            total.update(shard.get("seconds", {}))
        return dict(total)


@dataclass(frozen=True, slots=True)
class Runner:
    """Starts and stops the worker of a stack."""

    stack: Stack
    environment: Mapping[str, str] = field(
        default_factory=lambda: {"SIGNING_SECRET": "a-secret-of-the-benchmark-with-enough-characters"}
    )

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A worker whose processes are fresh, ended afterwards."""
        celery = ("-m", "celery", "--quiet", "-A", "benchmarks.alerts_app", "worker", "--pool", "prefork")
        size = ("--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle")
        self.stack.start(WORKER, (*celery, *size), self.environment)
        self.stack.wait(lambda: self.stack.registered() == CHILDREN + 1, "the worker")
        try:
            yield
        finally:
            self.stack.supervisor.stop(WORKER)
            self.stack.wait(lambda: self.stack.registered() == 0, "the worker's end")

    def run_alerts(self) -> Finished:
        """One daily run over all alerts."""
        with self.worker():
            roots = self.stack.roots(WORKER, "dispatcher")
            before = cpu_seconds(roots)
            peaks = self.complete(catalogue.RUN, {"frequency": "daily", "period": PERIOD})
            cpu = {name: seconds - before[name] for name, seconds in cpu_seconds(roots).items()}
            resident = sum(_most_resident(pid) for pid in tree(roots[WORKER], process_times()))
        run = self.dicts(RUN, {"task": catalogue.RUN.name})[0]
        shards = self.dicts(SHARDS, run)
        if not shards or {shard["state"] for shard in shards} != {"succeeded"}:
            raise RuntimeError(f"The run of alerts ended without all of its shards: {run['result']}")
        stored = max(shard["ended"] for shard in shards)
        results = [shard["result"] for shard in shards]
        return Finished(stored, run["ended"], run["result"], results, cpu, peaks, resident)

    def complete(self, task: TaskDefinition, payload: Mapping[str, Any]) -> Peaks:
        """Ask for a run of this task and wait until it has ended. Raises RuntimeError unless it succeeds."""
        with self.stack.database.transaction() as connection:
            run_id = enqueue(connection, task, _payload(task, payload)).id
        peaks = Peaks()
        roots = self.stack.roots(WORKER)
        began = looked_at = time.monotonic()
        state, error = "queued", None
        with psycopg.connect(self.stack.database_url, autocommit=True) as connection:
            while state in ("queued", "running") and time.monotonic() < began + GIVE_UP:
                if time.monotonic() >= looked_at + LOOK_EVERY:
                    peaks.look(roots)
                    looked_at = time.monotonic()
                time.sleep(ASK_EVERY)
                looked = connection.execute("select state, error from task_runs where id = %s", (run_id,))
                state, error = looked.fetchall()[0]
        peaks.look(roots)
        if state != "succeeded":
            raise RuntimeError(f"{task.name} is {state} after {time.monotonic() - began:.0f} s: {error}")
        return peaks

    def dicts(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        with psycopg.connect(self.stack.database_url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(sql.encode(), parameters).fetchall()


def _payload(task: TaskDefinition, members: Mapping[str, Any]) -> Payload:
    return task.payload.model_validate(members)


def _held(pid: int) -> int:
    """Nothing for a process that has just ended."""
    try:
        return proportional_memory(pid)
    except (OSError, ValueError):
        return 0


def _most_resident(pid: int) -> int:
    """The most bytes that a process has ever held resident; nothing for one that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
