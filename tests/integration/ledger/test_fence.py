"""A lease is a number, which a failover may give twice: only lease and worker together are the fence."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import change, prepare, run_row, transact, write
from worker.kit.database import Database
from worker.kit.errors import LeaseLost
from worker.kit.ids import new_id
from worker.ledger import claim, gates, record
from worker.ledger.context import Context
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Run
from worker.ledger.record import Success
from worker.ledger.rescue import rescue_runs

TASK = runs.TASK
FAILURE = Failure("test.failed", "It failed.")

Work = Callable[[Connection, Run], Any]


@pytest.fixture
def stolen(database: Database) -> Run:
    """A run that another worker holds under the same number."""
    worker = prepare(database, TASK)
    [run_id] = write(database)
    [run] = runs.start(database, worker, [run_id])
    change(database, "update task_runs set worker_id = %s", new_id())
    return run


REFUSED: dict[str, Work] = {
    "lock": lambda connection, run: record.lock(connection, [run]),
    "succeed": lambda connection, run: record.succeed(connection, [Success(run, {}, 0.1)]),
    "finish": lambda connection, run: record.finish(connection, run, "failed", FAILURE, ran=0.1),
    "requeue": lambda connection, run: record.requeue(connection, run, 1.0),
    "progress": lambda connection, run: record.store_progress(connection, run, {"n": 1}),
    "park": lambda connection, run: gates.park(connection, run, "gate", 0, FAILURE),
    "park_unless_opened": lambda connection, run: gates.park_unless_opened(connection, run, "gate", FAILURE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_written_for_another_workers_run(database: Database, stolen: Run, name: str) -> None:
    before = run_row(database, stolen.id)
    with pytest.raises(LeaseLost):
        transact(database, lambda connection: REFUSED[name](connection, stolen))
    assert _kept(run_row(database, stolen.id)) == _kept(before)


def test_it_is_neither_given_back_nor_still_wanted(database: Database, stolen: Run) -> None:
    before = run_row(database, stolen.id)
    assert transact(database, lambda connection: claim.give_back(connection, [stolen])) == 0
    assert transact(database, lambda connection: claim.still_wanted(connection, [stolen])) == set()
    assert Context(database, stolen).cancelled()
    assert _kept(run_row(database, stolen.id)) == _kept(before)


@pytest.mark.parametrize("count", [1, 2])
def test_its_result_is_passed_over(database: Database, stolen: Run, count: int) -> None:
    [other_id] = write(database)
    own = runs.start(database, prepare(database, TASK), [other_id])
    results = [Success(run, {"n": 1}, 0.1) for run in [stolen, *own][:count]]
    record.succeed_at_once(database, results)
    assert run_row(database, stolen.id)["state"] == "running"
    assert run_row(database, other_id)["state"] == ("succeeded" if count == 2 else "running")


def test_it_is_not_rescued_on_old_news(database: Database, stolen: Run) -> None:
    seen = [{"id": stolen.id, "lease": stolen.lease, "worker_id": stolen.worker_id}]
    assert transact(database, lambda connection: rescue_runs(connection, seen)) == 0
    now = [{"id": stolen.id, "lease": stolen.lease, "worker_id": _worker(database, stolen.id)}]
    assert transact(database, lambda connection: rescue_runs(connection, now)) == 1


def _worker(database: Database, run_id: UUID) -> UUID:
    worker: UUID = run_row(database, run_id)["worker_id"]
    return worker


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "ahead"}
