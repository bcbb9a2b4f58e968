"""Rows that were written past `enqueue_tasks`: each ends by itself, and stops nothing and nobody else."""

from typing import Any
from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import OpenTransaction, change, one, prepare, put, run_row, transact, write
from worker.kit.database import Database, execute
from worker.kit.ids import new_id
from worker.kit.tasks import Schedule
from worker.ledger import bulk, controls, dispatch, rescue, schedules, unreadable
from worker.ledger.executor import Executor, RunFailed
from worker.ledger.handlers import BoundTask
from worker.ledger.health import queue_statistics
from worker.ledger.outcomes import Done
from worker.ledger.prune import prune
from worker.ledger.queries import RunFilter, get_run, list_runs
from worker.ledger.synchronise import synchronise_schedules

TASK = runs.TASK
DEEP = '{"a":' * 2000 + "1" + "}" * 2000
DIGITS = '{"number": ' + "9" * 5000 + "}"
PAYLOADS = [DEEP, DIGITS, "[]", '"text"', "7", "null"]
TIMES: list[dict[str, str]] = [
    {"run_at": "-infinity", "dispatch_at": "-infinity"},
    {"run_at": "0044-03-15 BC", "dispatch_at": "0044-03-15 BC"},
    {"run_at": "4713-01-01 BC"},
    {"run_at": "infinity", "dispatch_at": "infinity"},
    {"run_at": "20000-01-01", "dispatch_at": "20000-01-01"},
    {"dispatch_at": "infinity"},
    {"expires_at": "infinity"},
    {"expires_at": "-infinity"},
    {"expires_at": "294276-12-31 23:59:59"},
]
HARMLESS: list[dict[str, Any]] = [
    {"created_at": "-infinity"},
    {"reserved_at": "infinity"},
    {"attempt": 32767},
    {"rescues": 32767},
    {"dispatches": 2**31 - 1},
]


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def insert(database: Database, payload: str = "{}", **columns: Any) -> UUID:
    """A run that was inserted by hand."""
    run_id = new_id()
    change(
        database,
        """
        insert into task_runs (id, task, queue, priority, payload, max_attempts, expires_at)
        values (%s, %s, 'default', 5, %s::jsonb, 5, now() + interval '1 day')
        """,
        run_id,
        TASK,
        payload,
    )
    put(database, [run_id], **columns)
    return run_id


def look(database: Database, *ids: UUID) -> None:
    """What people and the dispatcher read."""

    def read(connection: Any) -> None:
        page = list_runs(connection, RunFilter(), limit=100)
        assert set(ids) <= {run.id for run in page.runs}
        assert all(get_run(connection, each) for each in ids)
        queue_statistics(connection)

    transact(database, read)


def go(database: Database, worker: UUID) -> None:
    """One round of everything that works by the clock, and the runs that it publishes."""
    rescue.rescue(database, lease=60)
    bound = BoundTask(runs.definition(TASK), lambda _context, _payload: Done({"n": 1}))
    executor = Executor(database, {TASK: bound})
    for message in transact(database, dispatch.pick):
        try:
            executor.execute(message.task, message.ids, worker=worker, message=new_id())
        except RunFailed:
            continue
    prune(lambda work: transact(database, work), 100)


@pytest.mark.parametrize("payload", PAYLOADS, ids=["deep", "digits", "list", "text", "number", "null"])
def test_a_payload_that_nobody_can_read_fails_alone(database: Database, worker: UUID, payload: str) -> None:
    bad = insert(database, payload)
    good = write(database, 3)
    change(database, "update task_catalogue set batch = 50 where name = %s", TASK)
    look(database, bad, *good)
    go(database, worker)
    look(database, bad, *good)
    row = run_row(database, bad)
    assert (row["state"], row["error"]["message"].startswith("The payload")) == ("failed", True)
    assert (row["error"]["code"] == "run.unreadable") == (payload in (DEEP, DIGITS))
    assert {run_row(database, each)["state"] for each in good} == {"succeeded"}


@pytest.mark.parametrize("columns", TIMES, ids=lambda columns: "-".join(map(str, columns.items())))
def test_times_that_nobody_can_keep_fail_alone(database: Database, worker: UUID, columns: dict[str, str]) -> None:
    bad = insert(database, **columns)
    good = write(database, 2)
    look(database, bad, *good)
    go(database, worker)
    look(database, bad, *good)
    row = run_row(database, bad)
    assert (row["state"], row["error"]["status"] in (422, 504)) == ("failed", True)
    assert {run_row(database, each)["state"] for each in good} == {"succeeded"}
    assert one(database, "select isfinite(run_at) and isfinite(dispatch_at) as ok from task_runs where id = %s", bad)


@pytest.mark.parametrize("columns", HARMLESS, ids="-".join)
def test_other_odd_values_hinder_nobody(database: Database, worker: UUID, columns: dict[str, Any]) -> None:
    odd = insert(database, **columns)
    good = write(database, 2)
    go(database, worker)
    look(database, odd, *good)
    assert {run_row(database, each)["state"] for each in (odd, *good)} == {"succeeded"}


def test_a_message_is_claimed_beside_an_odd_time(database: Database, worker: UUID) -> None:
    odd = insert(database, run_at="-infinity")
    good = write(database, 2)
    change(database, "update task_catalogue set batch = 50 where name = %s", TASK)
    bound = BoundTask(runs.definition(TASK), lambda _context, _payload: Done({"n": 1}))
    Executor(database, {TASK: bound}).execute(TASK, [odd, *good], worker=worker, message=new_id())
    assert one(database, "select array_agg(distinct state) as states from task_runs")["states"] == ["succeeded"]
    look(database, odd, *good)
    assert one(database, "select max(waited_seconds) as longest from task_attempts")["longest"] == 1e9
    waits = [view.wait_p95 for view in transact(database, queue_statistics) if view.name == "default"]
    assert all(wait is None or wait < 1e9 for wait in waits)


@pytest.mark.parametrize(
    "columns",
    [
        {"deadline_at": "infinity"},
        {"deadline_at": "-infinity"},
        {"started_at": "-infinity"},
        {"lease": None},
        {"rescues": 32767},
        {"run_at": "-infinity"},
    ],
    ids="-".join,
)
def test_running_rows_are_freed_one_like_the_other(database: Database, worker: UUID, columns: dict[str, Any]) -> None:
    """Nobody holds them: their worker has no row."""
    odd = insert(database, state="running", lease=1, worker_id=new_id())
    put(database, [odd], **columns)
    plain = insert(database, state="running", lease=2, worker_id=new_id(), deadline_at="2020-01-01")
    look(database, odd, plain)
    assert rescue.rescue(database, lease=60) == 2
    assert run_row(database, plain)["state"] == "queued"
    assert run_row(database, odd)["state"] in ("queued", "failed")
    assert rescue.rescue(database, lease=60) == 0


def test_one_attempt_with_odd_times_does_not_stop_the_rescue(database: Database, worker: UUID) -> None:
    [odd, plain] = write(database, 2)
    runs.start(database, worker, [odd, plain])
    change(
        database,
        "update task_attempts set started_at = '-infinity', waited_seconds = 'infinity' where run_id = %s",
        odd,
    )
    change(database, "delete from workers")
    assert rescue.rescue(database, lease=60) == 2
    look(database, odd, plain)


def test_people_may_cancel_and_retry_them(database: Database, worker: UUID) -> None:
    deep, early = insert(database, DEEP), insert(database, run_at="-infinity", dispatch_at="-infinity")
    assert [controls.cancel(database, each, "cli") for each in (deep, early)] == ["cancelled", "cancelled"]
    with database.transaction() as connection:
        assert controls.retry(connection, early, "cli") == "queued"
    go(database, worker)
    assert run_row(database, early)["state"] == "succeeded"
    [bulk_id] = write(database)
    with database.transaction() as connection:
        step = bulk.act_on_chunk(
            connection, "retry", RunFilter(task=TASK), bulk_id=bulk_id, after_id=None, reason="They were cancelled."
        )
    assert step.changed == (deep,)


def test_a_schedule_with_an_odd_time_starts_anew_and_hinders_nobody(database: Database, worker: UUID) -> None:
    rules = [Schedule(name, TASK, "0 * * * *") for name in ("early", "late", "plain")]
    transact(database, lambda connection: synchronise_schedules(connection, rules, "UTC"))
    change(database, "update schedules set next_at = '-infinity' where name = 'early'")
    change(database, "update schedules set next_at = 'infinity' where name = 'late'")
    change(database, "update schedules set next_at = date_trunc('hour', now()) where name = 'plain'")
    assert schedules.tick(database) == 1
    row = one(
        database,
        "select min(next_at) > now() as later, max(next_at) <= now() + interval '1 hour' as soon from schedules",
    )
    assert row == {"later": True, "soon": True}


def test_pruning_goes_on_beside_odd_times(database: Database, worker: UUID) -> None:
    ended = insert(database, state="succeeded")
    change(database, "update task_runs set finished_at = '294276-12-31 23:59:59' where id = %s", ended)
    change(
        database,
        "insert into task_keys (scope, kind, key, run_id, expires_at) values ('a', 'unique', 'k', %s, '-infinity')",
        ended,
    )
    change(
        database,
        "insert into task_keys (scope, kind, key, run_id) values ('a', 'unique', 'l', %s)",
        ended,
    )
    assert prune(lambda work: transact(database, work), 100)["task_keys"] == 1


@pytest.mark.parametrize("times", [{"run_at": "-infinity"}, {"run_at": "infinity", "dispatch_at": "infinity"}])
def test_a_parent_that_somebody_holds_holds_up_nothing(database: Database, worker: UUID, times: dict[str, str]) -> None:
    [parent] = write(database)
    put(database, [parent], dispatch_at="2100-01-01")
    bad = insert(database, parent_id=parent, **times)
    with OpenTransaction(database) as holder:
        holder.do(
            lambda connection: execute(connection, "update task_runs set progress = '{}' where id = %s", (parent,))
        )
        [other] = write(database)
        assert [message.ids for message in transact(database, dispatch.pick)] == [(other,)]
        transact(database, unreadable.end_never_due)
        assert one(database, "select state from task_runs where id = %s", bad)["state"] == "queued"
        holder.commit()
    change(
        database, "update task_runs set dispatch_at = least(dispatch_at, now()) where id = %s and dispatches > 0", bad
    )
    transact(database, dispatch.pick)
    transact(database, unreadable.end_never_due)
    assert one(database, "select state from task_runs where id = %s", bad)["state"] == "failed"


def test_a_fault_in_one_table_lets_the_others_be_pruned(database: Database, worker: UUID) -> None:
    change(
        database,
        "insert into inbound_events (id, source, external_id, payload, received_at) values (%s, 'a', '1', '{}', "
        "now() - interval '91 days')",
        new_id(),
    )
    change(database, "alter table schedule_periods rename to elsewhere")
    try:
        with pytest.raises(Exception, match="schedule_periods"):
            prune(lambda work: transact(database, work), 100)
    finally:
        change(database, "alter table elsewhere rename to schedule_periods")
    assert one(database, "select count(*) as n from inbound_events")["n"] == 0


def test_what_one_table_deleted_is_committed_before_the_next(database: Database, worker: UUID) -> None:
    works: list[object] = []
    with database.transaction() as connection:
        execute(connection, "select 1")

    def transact_and_count(work: Any) -> Any:
        works.append(work)
        return transact(database, work)

    prune(transact_and_count, 100)
    assert len(works) > 6
