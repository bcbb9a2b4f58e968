"""A lease is a number, which a failover may give twice: only lease and worker together are the fence."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import change, new_worker, one, prepare, run_row, transact, write
from tests.factories.sample_effects import Provider, SampleReplay, create_sample_table
from worker.kit.database import Database
from worker.kit.errors import LeaseLost
from worker.ledger import claim, effects, gates, record
from worker.ledger.context import Context
from worker.ledger.failure import Failure
from worker.ledger.outcomes import Run
from worker.ledger.record import Success
from worker.ledger.rescue import rescue_runs

TASK = runs.TASK
FAILURE = Failure("test.failed", "It failed.")

Work = Callable[[Connection, Run], Any]


@pytest.fixture
def own(database: Database) -> Run:
    worker = prepare(database, TASK)
    [run_id] = write(database)
    [run] = runs.start(database, worker, [run_id])
    return run


@pytest.fixture(params=["worker_id", "lease"])
def stolen(database: Database, own: Run, request: pytest.FixtureRequest) -> Run:
    """A run that another living worker holds under the same number, or the same worker under another."""
    other = {"worker_id": new_worker(database), "lease": own.lease + 1}[request.param]
    change(database, f"update task_runs set {request.param} = %s", other)
    return own


REFUSED: dict[str, Work] = {
    "lock": lambda connection, run: record.lock(connection, [run]),
    "succeed": lambda connection, run: record.succeed(connection, [Success(run, {}, 0.1)]),
    "finish": lambda connection, run: record.finish(connection, run, "failed", FAILURE, ran=0.1),
    "requeue": lambda connection, run: record.requeue(connection, run, 1.0),
    "progress": lambda connection, run: record.store_progress(connection, run, {"n": 1}),
    "park": lambda connection, run: gates.park(connection, run, "gate", 0, FAILURE),
    "park_unless_opened": lambda connection, run: gates.park_unless_opened(connection, run, "gate", FAILURE),
    "intend": lambda connection, run: effects.intend(
        connection, effects.Attempt(run, SampleReplay(Provider()), "token", urgent=False)
    ),
    "answered": lambda connection, run: effects.answered(connection, run, SampleReplay(Provider())),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_is_written_for_another_workers_run(database: Database, stolen: Run, name: str) -> None:
    create_sample_table(database)
    before = run_row(database, stolen.id)
    with pytest.raises(LeaseLost):
        transact(database, lambda connection: REFUSED[name](connection, stolen))
    assert _kept(run_row(database, stolen.id)) == _kept(before)


def test_it_is_not_wanted_any_more(database: Database, stolen: Run) -> None:
    assert transact(database, lambda connection: claim.still_wanted(connection, [stolen])) == set()
    assert Context(database, stolen).cancelled()


def test_it_is_not_given_back(database: Database, stolen: Run) -> None:
    before = run_row(database, stolen.id)
    assert transact(database, lambda connection: claim.give_back(connection, [stolen])) == 0
    assert _kept(run_row(database, stolen.id)) == _kept(before)


@pytest.mark.parametrize("count", [1, 2])
def test_its_result_is_passed_over(database: Database, stolen: Run, count: int) -> None:
    [other_id] = write(database)
    mine = runs.start(database, prepare(database, TASK), [other_id])
    results = [Success(run, {"n": 1}, 0.1) for run in [stolen, *mine][:count]]
    record.succeed_at_once(database, results)
    assert run_row(database, stolen.id)["state"] == "running"
    assert run_row(database, other_id)["state"] == ("succeeded" if count == 2 else "running")


def test_it_is_not_rescued_on_old_news(database: Database, stolen: Run) -> None:
    seen = [{"id": stolen.id, "lease": stolen.lease, "worker_id": stolen.worker_id}]
    assert transact(database, lambda connection: rescue_runs(connection, seen)) == 0
    now = run_row(database, stolen.id)
    assert transact(database, lambda connection: rescue_runs(connection, [now])) == 1


ENDS: dict[str, Work] = {
    "closed": lambda connection, run: record.finish(connection, run, "failed", FAILURE, ran=0.1),
    "deleted": lambda connection, run: record.requeue(connection, run, 1.0),
}


@pytest.mark.parametrize("name", ENDS)
def test_another_workers_attempt_under_the_same_number_is_left_alone(database: Database, own: Run, name: str) -> None:
    change(database, "update task_attempts set worker_id = %s", new_worker(database))
    transact(database, lambda connection: ENDS[name](connection, own))
    assert one(database, "select outcome from task_attempts")["outcome"] is None


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "ahead"}
