"""A run's life with one worker: claim, give back, outcomes, retries, expiry, batches, parents."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import (
    change,
    claim_one,
    kill,
    new_worker,
    one,
    prepare,
    put,
    run_row,
    seconds_ahead,
    transact,
    write,
)
from worker.kit.database import Database, execute, query
from worker.kit.errors import LeaseLost, Permanent, RateLimited, Retryable
from worker.kit.ids import new_id
from worker.ledger import claim, record, retry
from worker.ledger.apply import apply_failure, apply_outcome
from worker.ledger.executor import Executor, RunFailed
from worker.ledger.handlers import BoundTask, Handler, Outcome, RunContext
from worker.ledger.outcomes import Cancel, Done, Run, Snooze, Write

TASK = runs.TASK


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK, "test.other")


def execute_all(database: Database, worker: UUID, ids: list[UUID], handler: Handler) -> int:
    tasks = {TASK: BoundTask(runs.definition(TASK), handler)}
    return Executor(database, tasks).execute(TASK, ids, worker=worker, message=new_id())


def attempts(database: Database, run_id: UUID) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        return query(connection, "select * from task_attempts where run_id = %s order by lease", (run_id,))


def test_a_claim_takes_a_lease_and_leaves_an_attempt(database: Database, worker: UUID) -> None:
    ids = write(database, 2)
    message = new_id()
    claimed = claim.claim(database, TASK, ids, worker=worker, message=message, timeout=90)
    assert [(run.id, run.attempt) for run in claimed] == [(each, 1) for each in ids]
    assert claimed[0].lease < claimed[1].lease
    row = run_row(database, ids[0])
    assert (row["state"], row["worker_id"], row["message_id"]) == ("running", worker, message)
    assert row["deadline_at"] - row["started_at"] == timedelta(seconds=90)
    [attempt] = attempts(database, ids[0])
    assert (attempt["number"], attempt["worker_id"], attempt["outcome"]) == (1, worker, None)
    assert 0 <= attempt["waited_seconds"] < 60


@pytest.mark.parametrize(
    "obstacle",
    [
        "update task_runs set run_at = now() + interval '1 second'",
        "update task_runs set cancel_requested_at = now()",
        "update task_runs set state = 'succeeded'",
        "update queues set paused_at = now()",
        "update workers set tasks = '{test.other}'",
        "update workers set draining = true",
        "delete from workers",
    ],
)
def test_what_may_not_be_claimed(database: Database, worker: UUID, obstacle: str) -> None:
    ids = write(database)
    change(database, obstacle)
    assert runs.start(database, worker, ids) == []
    assert attempts(database, ids[0]) == []


def test_a_hint_for_another_task_claims_nothing(database: Database, worker: UUID) -> None:
    assert runs.start(database, worker, write(database), task="test.other") == []
    assert runs.start(database, worker, [new_id()]) == []


def test_giving_back_spends_no_attempt(database: Database, worker: UUID) -> None:
    ids = write(database, 2)
    claimed = runs.start(database, worker, ids)
    put(database, [ids[1]], cancel_requested_at=run_row(database, ids[1])["created_at"])
    assert transact(database, lambda connection: claim.give_back(connection, claimed)) == 2
    given, cancelled = (run_row(database, each) for each in ids)
    assert (given["state"], given["attempt"], given["lease"], given["started_at"]) == ("queued", 0, None, None)
    assert (cancelled["state"], cancelled["error"]["code"]) == ("cancelled", "run.cancelled")
    assert attempts(database, ids[0]) == []
    assert [run.attempt for run in runs.start(database, worker, ids)] == [1]


def test_only_the_owner_gives_back(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    old = claim_one(database, worker, run_id, task=TASK)
    kill(database, worker)
    claim_one(database, new_worker(database), run_id, task=TASK)
    assert transact(database, lambda connection: claim.give_back(connection, [old])) == 0
    assert run_row(database, run_id)["state"] == "running"


@pytest.mark.parametrize(
    "change_it",
    [
        lambda database, worker, run: put(database, [run.id], cancel_requested_at=run_row(database, run.id)["run_at"]),
        lambda database, worker, run: change(database, "update queues set paused_at = now()"),
        lambda database, worker, run: change(database, "update workers set draining = true"),
        lambda database, worker, run: kill(database, worker),
    ],
)
def test_which_claimed_runs_may_still_begin(
    database: Database, worker: UUID, change_it: Callable[[Database, UUID, Run], object]
) -> None:
    claimed = runs.start(database, worker, write(database))

    def still_wanted() -> set[UUID]:
        return transact(database, lambda connection: claim.still_wanted(connection, claimed))

    assert still_wanted() == {claimed[0].id}
    change_it(database, worker, claimed[0])
    assert still_wanted() == set()


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(0, 2.0), (1, 2.0), (2, 4.0), (5, 32.0), (12, 3600.0), (2000, 3600.0)]
)
def test_retry_times_are_exponential_with_full_jitter(attempt: int, ceiling: float) -> None:
    assert retry.delay(attempt, fraction=1.0) == ceiling
    assert retry.delay(attempt, fraction=0.5) == ceiling / 2
    assert all(0 <= retry.delay(attempt) <= ceiling for _ in range(50))


def fail_with(error: Exception) -> Handler:
    def handler(context: RunContext, payload: object) -> Outcome:
        raise error

    return handler


def test_attempts_run_out(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    change(database, "update task_runs set max_attempts = 3")
    for number in (1, 2, 3):
        with pytest.raises(RunFailed, match=r"run\.retryable: Not now\."):
            execute_all(database, worker, [run_id], fail_with(Retryable("Not now.", after=0.0)))
        assert run_row(database, run_id)["attempt"] == number
    row = run_row(database, run_id)
    assert (row["state"], row["error"]["code"], row["error"]["status"]) == ("failed", "run.retryable", 503)
    assert [each["outcome"] for each in attempts(database, run_id)] == ["retried", "retried", "failed"]


def test_an_asked_time_is_kept_and_a_fault_takes_the_policys(database: Database, worker: UUID) -> None:
    asked, fault = write(database, 2)
    with pytest.raises(RunFailed):
        execute_all(database, worker, [asked], fail_with(Retryable("Not now.", after=77.0)))
    with pytest.raises(RunFailed):
        execute_all(database, worker, [fault], fail_with(ZeroDivisionError("someone@example.org by zero")))
    assert seconds_ahead(database, asked) == pytest.approx(77, abs=2)
    assert seconds_ahead(database, fault) <= 2.0
    row = run_row(database, fault)
    assert row["error"]["message"] == "An unexpected fault: ZeroDivisionError."
    [attempt] = attempts(database, fault)
    assert "ZeroDivisionError: [address] by zero" in attempt["traceback"]
    assert (attempt["fingerprint"], attempt["error_class"]) == (row["error"]["fingerprint"], "ZeroDivisionError")


@pytest.mark.parametrize("error", [RateLimited("Slow down.", after=10.0)])
def test_what_is_not_the_runs_fault_spends_no_attempt(database: Database, worker: UUID, error: Exception) -> None:
    [run_id] = write(database)
    change(database, "update task_runs set max_attempts = 1")
    with pytest.raises(RunFailed):
        execute_all(database, worker, [run_id], fail_with(error))
    row = run_row(database, run_id)
    assert (row["state"], row["attempt"]) == ("queued", 0)
    assert [each["outcome"] for each in attempts(database, run_id)] == ["retried"]


def test_a_wrong_payload_fails_at_once_and_keeps_the_input_secret(database: Database, worker: UUID) -> None:
    [run_id] = write(database, payload={"number": "someone@example.org"})
    with pytest.raises(RunFailed):
        execute_all(database, worker, [run_id], lambda context, payload: Done())
    row = run_row(database, run_id)
    assert (row["state"], row["attempt"]) == ("failed", 1)
    assert row["error"]["message"].startswith("The payload has the wrong shape: number: ")
    assert "example.org" not in str(row["error"]) + str(attempts(database, run_id))


@pytest.mark.parametrize("answer", [Snooze(90_000.0), Retryable("Not now.", after=90_000.0)])
def test_a_return_past_the_expiry_ends_the_run(database: Database, worker: UUID, answer: Snooze | Retryable) -> None:
    [run_id] = write(database)
    if isinstance(answer, Snooze):
        execute_all(database, worker, [run_id], lambda context, payload: answer)
    else:
        with pytest.raises(RunFailed):
            execute_all(database, worker, [run_id], fail_with(answer))
    row = run_row(database, run_id)
    assert (row["state"], row["finished_at"] is not None) == ("failed", True)
    assert "The run's time to succeed is over." in row["error"]["message"]


@pytest.mark.parametrize("answer", [Snooze(60.0), Retryable("Not now.", after=60.0)])
def test_a_return_with_a_cancel_asked_ends_the_run(
    database: Database, worker: UUID, answer: Snooze | Retryable
) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    put(database, [run_id], cancel_requested_at=run_row(database, run_id)["created_at"])

    def work(connection: Connection) -> None:
        if isinstance(answer, Snooze):
            apply_outcome(connection, run, answer, ran=0.1)
        else:
            apply_failure(connection, run, answer, ran=0.1)

    transact(database, work)
    assert run_row(database, run_id)["state"] == "cancelled"


def test_a_handler_may_cancel_its_run(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    execute_all(database, worker, [run_id], lambda context, payload: Cancel("The offer is gone."))
    row = run_row(database, run_id)
    assert (row["state"], row["error"]["message"]) == ("cancelled", "The offer is gone.")


@pytest.mark.parametrize(
    "late",
    [
        lambda connection, run: apply_outcome(connection, run, Done(), ran=0.1),
        lambda connection, run: apply_outcome(connection, run, Snooze(1.0), ran=0.1),
        lambda connection, run: apply_outcome(connection, run, Cancel("x"), ran=0.1),
        lambda connection, run: apply_failure(connection, run, Permanent("x"), ran=0.1),
        lambda connection, run: apply_failure(connection, run, Retryable("x"), ran=0.1),
        lambda connection, run: record.store_progress(connection, run, {"at": 1}),
        lambda connection, run: record.lock(connection, [run]),
    ],
)
def test_every_write_is_fenced(database: Database, worker: UUID, late: Callable[[Connection, Run], object]) -> None:
    [run_id] = write(database)
    old = claim_one(database, worker, run_id, task=TASK)
    kill(database, worker)
    claim_one(database, new_worker(database), run_id, task=TASK)
    before = run_row(database, run_id)
    with pytest.raises(LeaseLost):
        transact(database, lambda connection: late(connection, old))
    after = run_row(database, run_id)
    assert {**before, "ahead": None} == {**after, "ahead": None}


def test_business_rows_go_with_the_fence(database: Database, worker: UUID) -> None:
    change(database, "create table test_written (run uuid)")
    [run_id] = write(database)

    def handler(context: RunContext, payload: object) -> Outcome:
        kill(database, worker)

        def work(connection: Connection) -> Done:
            execute(connection, "insert into test_written values (%s)", (run_id,))
            return Done()

        return Write(work)

    execute_all(database, worker, [run_id], handler)
    assert one(database, "select count(*) as n from test_written")["n"] == 0
    assert run_row(database, run_id)["state"] == "queued"


def test_a_batch_is_written_together_and_one_by_one_when_that_fails(database: Database, worker: UUID) -> None:
    change(database, "create table test_written (run uuid, transaction xid8)")
    ids = write(database, 6)

    def handler_of(broken: UUID | None) -> Handler:
        def handler(context: RunContext, payload: object) -> Outcome:
            def work(connection: Connection) -> Done:
                execute(connection, "insert into test_written values (%s, pg_current_xact_id())", (context.run.id,))
                if context.run.id == broken:
                    raise ValueError("this one cannot be written")
                return Done()

            return Write(work)

        return handler

    assert execute_all(database, worker, ids[:3], handler_of(None)) == 3
    with pytest.raises(RunFailed, match="ValueError"):
        execute_all(database, worker, ids[3:], handler_of(ids[4]))
    states = [run_row(database, each)["state"] for each in ids]
    assert states == ["succeeded"] * 4 + ["queued", "succeeded"]
    written = one(database, "select count(*) as n, count(distinct transaction) as t from test_written")
    assert (written["n"], written["t"]) == (5, 3)


def test_a_parent_waits_for_its_children(database: Database, worker: UUID) -> None:
    [parent] = write(database)

    def handler(context: RunContext, payload: object) -> Outcome:
        if context.run.progress is not None or context.run.parent_id is not None:
            return Done({"family": "complete"})

        def begin(connection: Connection) -> Snooze:
            record.store_progress(connection, context.run, {"begun": True})
            runs.write(connection, 3, parent_id=context.run.id)
            return Snooze(3600.0)

        return Write(begin)

    execute_all(database, worker, [parent], handler)
    assert seconds_ahead(database, parent) > 3000
    with database.transaction() as connection:
        children = [row["id"] for row in query(connection, "select id from task_runs where parent_id is not null")]
    assert execute_all(database, worker, children, handler) == 3
    assert seconds_ahead(database, parent) <= 0
    assert execute_all(database, worker, [parent], handler) == 1
    row = run_row(database, parent)
    assert (row["state"], row["attempt"], row["result"]) == ("succeeded", 1, {"family": "complete"})
