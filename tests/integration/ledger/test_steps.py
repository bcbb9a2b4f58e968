"""What a handler does besides answering: steps that are committed at once, progress, and a look at a cancel request."""

from functools import partial
from uuid import UUID

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection

from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    one,
    prepare,
    run_row,
    transact,
    write,
)
from tests.factories.runs import TASK
from worker.kit.database import Database, execute
from worker.kit.errors import LeaseLost, Retryable
from worker.ledger.apply import apply_failure, apply_outcome
from worker.ledger.context import Context
from worker.ledger.outcomes import Done, Json, Snooze


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def test_progress_and_cancellation_as_a_handler_sees_them(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    context = Context(database, run)
    context.progress({"seen": 10})
    assert run_row(database, run_id)["progress"] == {"seen": 10}
    assert not context.cancelled()
    change(database, "update task_runs set cancel_requested_at = now()")
    assert context.cancelled()
    transact(database, lambda connection: apply_outcome(connection, run, Done(), ran=0.1))
    with pytest.raises(LeaseLost):
        context.progress({"seen": 11})


def test_a_step_is_written_with_its_progress_or_not_at_all(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    context = Context(database, run)
    change(database, "create table test_written (number integer)")

    def work(connection: Connection) -> tuple[int, Json]:
        execute(connection, "insert into test_written values (1)")
        return 7, {"written": 1}

    assert context.step(work) == 7
    assert run_row(database, run_id)["progress"] == {"written": 1}
    transact(database, lambda connection: apply_outcome(connection, run, Done(), ran=0.1))
    with pytest.raises(LeaseLost):
        context.step(work)
    assert one(database, "select count(*) as n from test_written")["n"] == 1


def test_a_step_whose_run_is_taken_while_it_works_leaves_nothing(database: Database, worker: UUID) -> None:
    """The run is locked before the work: whoever takes it waits, and finds all of it."""
    [run_id] = write(database)
    context = Context(database, claim_one(database, worker, run_id, task=TASK))

    def work(connection: Connection) -> tuple[None, Json]:
        with OpenTransaction(database) as other, pytest.raises(LockNotAvailable):
            other.do(lambda inner: execute(inner, "select 1 from task_runs where id = %s for update nowait", (run_id,)))
        return None, {"written": 1}

    context.step(work)
    assert run_row(database, run_id)["progress"] == {"written": 1}


def test_what_snoozes_may_say_how_far_it_is(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    for answer in (Snooze(0.0, {"seen": 3}), Snooze(0.0)):
        run = claim_one(database, worker, run_id, task=TASK)
        transact(database, partial(apply_outcome, run=run, answer=answer, ran=0.1))
        row = run_row(database, run_id)
        assert (row["state"], row["attempt"], row["progress"]) == ("queued", 0, {"seen": 3})


def test_progress_outlives_a_return_to_the_queue(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    Context(database, run).progress({"seen": 10})
    transact(database, lambda connection: apply_failure(connection, run, Retryable("x", after=0.0), ran=0.1))
    assert claim_one(database, worker, run_id, task=TASK).progress == {"seen": 10}
