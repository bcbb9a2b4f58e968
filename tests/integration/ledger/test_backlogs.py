"""A table that has rows has one open run of its task, whoever looks and however often."""

from collections.abc import Iterator

import pytest

from tests.factories import runs
from tests.factories.ledger import OpenTransaction
from worker.kit.database import Database, Row, execute, query, raw
from worker.ledger import backlogs

FULL = {"test_work": runs.TASK}


@pytest.fixture
def work(database: Database) -> Iterator[Database]:
    """A table with one row, and a worker that knows the task."""
    with database.transaction() as connection:
        runs.prepare(connection, runs.TASK)
        execute(connection, "create table test_work (id integer)")
        execute(connection, "insert into test_work values (1)")
    yield database
    with database.transaction() as connection:
        execute(connection, "drop table test_work")


def enqueue_for_pending_rows(database: Database) -> int:
    with database.transaction() as connection:
        return backlogs.enqueue_for_pending_rows(connection, FULL)


def written(database: Database) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, "select * from task_runs")


def test_a_table_with_rows_gets_one_run(work: Database) -> None:
    assert [enqueue_for_pending_rows(work), enqueue_for_pending_rows(work)] == [1, 0]
    [run] = written(work)
    assert (run["task"], run["payload"], run["state"]) == (runs.TASK, {}, "queued")


@pytest.mark.parametrize(("state", "expected"), [("running", 0), ("succeeded", 1), ("failed", 1), ("cancelled", 1)])
def test_the_next_run_comes_when_the_last_has_ended(work: Database, state: str, expected: int) -> None:
    enqueue_for_pending_rows(work)
    with work.transaction() as connection:
        execute(connection, "update task_runs set state = %s", (state,))
    assert enqueue_for_pending_rows(work) == expected


def test_an_empty_table_needs_no_run(work: Database) -> None:
    with work.transaction() as connection:
        execute(connection, "delete from test_work")
    assert (enqueue_for_pending_rows(work), written(work)) == (0, [])


def test_two_that_look_at_once_write_one_run(work: Database) -> None:
    with OpenTransaction(work) as first, OpenTransaction(work) as second:
        assert first.do(lambda connection: backlogs.enqueue_for_pending_rows(connection, FULL)) == 1
        assert second.do(lambda connection: backlogs.enqueue_for_pending_rows(connection, FULL)) == 0
        first.commit()
        assert second.do(lambda connection: backlogs.enqueue_for_pending_rows(connection, FULL)) == 0
        second.commit()
    assert len(written(work)) == 1


def test_what_companies_have_waiting_and_what_has_ended_is_not_read(work: Database) -> None:
    """However much that is: every dispatcher looks each second."""
    with work.transaction() as connection:
        runs.prepare(connection, "test.other")
        many = runs.write(connection, 4000, task="test.other", company_id=7)
        runs.put(connection, many[:2000], state="succeeded", finished_at="2026-01-01")
        raw(connection).execute("analyze task_runs")
        plan = query(connection, f"explain (analyze, buffers, format json) {backlogs.UNDER_WAY}", {"task": runs.TASK})
    read = plan[0]["QUERY PLAN"][0]["Plan"]
    assert read["Shared Hit Blocks"] + read["Shared Read Blocks"] < 20
