"""How soon somebody else takes up what a lost worker was running, by the way it was lost."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any
from uuid import UUID

import pytest

from sandbox.stack import Stack
from tests.chaos.conftest import StackMaker
from worker.kit.database import Database, Row, query
from worker.kit.outages import retry_on_outage
from worker.ledger.enqueue import NewRun, enqueue_all

LEASE = 60.0
GRACE = 15.0


def enqueue_long_run(database: Database, seconds: float) -> UUID:
    with database.transaction() as connection:
        return enqueue_all(connection, [NewRun("test.long", {"seconds": seconds})])[0].id


def look(database: Database, run_id: UUID) -> Row:
    """The run with its worker's process, and its attempts."""

    def once() -> Row:
        with database.transaction() as connection:
            run = query(
                connection,
                """
                select r.state, r.lease, r.attempt, r.rescues, r.worker_id, w.pid
                  from task_runs r left join workers w on w.id = r.worker_id where r.id = %s
                """,
                (run_id,),
            )[0]
            attempts = query(
                connection, "select outcome from task_attempts where run_id = %s order by lease", (run_id,)
            )
        return {**run, "attempts": [attempt["outcome"] for attempt in attempts]}

    return retry_on_outage(once, seconds=10.0)


def wait_for(database: Database, run_id: UUID, reached: Callable[[Row], Any], within: float) -> tuple[Row, float]:
    """The run when `reached` holds, and how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        run = look(database, run_id)
        if reached(run):
            return run, time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"not reached within {within} s: {look(database, run_id)}")


def kill_whole_worker(stack: Stack, child: int) -> None:
    """SIGKILL to the main process and all children of the worker that `child` belongs to."""
    for index in range(stack.parts["worker"]):
        pids = stack.pids("worker", index)
        if child in pids:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return
    raise AssertionError(f"no worker has the child {child}")


@pytest.mark.chaos
@pytest.mark.timeout(240)
def test_a_killed_worker_is_noticed_by_its_free_lock(start_stack: StackMaker) -> None:
    stack = start_stack(dispatchers=1)
    with closing(Database(stack.url("postgres"))) as database:
        # The rescuers trust free locks only when neither Postgres nor they themselves have just started.
        run_id = enqueue_long_run(database, seconds=25.0)
        first, _ = wait_for(database, run_id, lambda run: run["state"] == "running" and run["pid"], within=60.0)
        time.sleep(12.0)
        kill_whole_worker(stack, first["pid"])
        again, seconds = wait_for(
            database, run_id, lambda run: run["state"] == "running" and run["lease"] != first["lease"], within=40.0
        )
        assert seconds < 15.0
        assert (again["attempt"], again["rescues"]) == (1, 1)
        done, _ = wait_for(database, run_id, lambda run: run["state"] == "succeeded", within=60.0)
        assert done["attempts"] == ["lost", "succeeded"]


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_a_frozen_worker_is_noticed_by_its_lease_and_fenced_when_it_wakes(start_stack: StackMaker) -> None:
    stack = start_stack(dispatchers=1)
    with closing(Database(stack.url("postgres"))) as database:
        run_id = enqueue_long_run(database, seconds=3.0)
        first, _ = wait_for(database, run_id, lambda run: run["state"] == "running" and run["pid"], within=60.0)
        os.kill(first["pid"], signal.SIGSTOP)
        try:
            again, seconds = wait_for(
                database, run_id, lambda run: run["state"] == "running" and run["lease"] != first["lease"], within=120.0
            )
            assert LEASE < seconds < LEASE + GRACE + 15.0
            assert again["pid"] != first["pid"]
        finally:
            os.kill(first["pid"], signal.SIGCONT)
        done, _ = wait_for(database, run_id, lambda run: run["state"] == "succeeded", within=60.0)
        assert done["attempts"] == ["lost", "succeeded"]
        assert (done["attempt"], done["rescues"]) == (1, 1)
        wait_for_registration(database, first["pid"], not_as=first["worker_id"])


def wait_for_registration(database: Database, pid: int, *, not_as: UUID) -> None:
    """The woken process found its row gone and registered anew."""
    until = time.monotonic() + 20.0
    while time.monotonic() < until:
        with database.transaction() as connection:
            if query(connection, "select 1 from workers where pid = %s and id <> %s", (pid, not_as)):
                return
        time.sleep(0.1)
    raise AssertionError("the woken worker did not register anew")
