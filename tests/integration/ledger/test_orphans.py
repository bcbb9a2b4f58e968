"""Children of a cancelled run that its cancellation did not reach."""

from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import change, claim_one, prepare, put, run_row, transact, write
from worker.kit.database import Database
from worker.ledger import controls, dispatch
from worker.ledger.apply import apply_outcome
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.outcomes import Snooze

TASK = runs.TASK


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def family(database: Database) -> tuple[UUID, UUID]:
    [parent] = write(database)
    [child] = write(database, parent_id=parent)
    put(database, [parent], state="cancelled")
    return parent, child


def test_children_written_after_the_cancel_never_begin(database: Database, worker: UUID) -> None:
    [parent] = write(database)
    run = claim_one(database, worker, parent, task=TASK)
    assert controls.cancel(database, parent, "user:5") == "requested"
    with database.transaction() as connection:
        [child] = enqueue_all(connection, [NewRun(TASK, {}, parent_id=parent)])
        apply_outcome(connection, run, Snooze(5.0), ran=0.1)
    assert run_row(database, parent)["state"] == "cancelled"
    assert transact(database, dispatch.pick) == []
    row = run_row(database, child.id)
    assert (row["state"], row["error"]["code"]) == ("cancelled", "run.cancelled")


def test_a_hint_that_was_published_before_claims_no_orphan(database: Database, worker: UUID) -> None:
    _, child = family(database)
    assert runs.start(database, worker, [child]) == []
    assert run_row(database, child)["state"] == "queued"


def test_grandchildren_follow(database: Database, worker: UUID) -> None:
    _, child = family(database)
    [grandchild] = write(database, parent_id=child, run_at=None)
    change(database, "update task_runs set dispatch_at = now() + interval '1 hour' where id = %s", grandchild)
    transact(database, dispatch.pick)
    change(database, "update task_runs set dispatch_at = now() where id = %s", grandchild)
    transact(database, dispatch.pick)
    assert [run_row(database, each)["state"] for each in (child, grandchild)] == ["cancelled", "cancelled"]


def test_an_orphan_whose_request_is_in_doubt_waits_for_a_person(database: Database, worker: UUID) -> None:
    _, child = family(database)
    change(
        database,
        "insert into effects (key, generation, provider, policy, request, run_id, lease) "
        "values ('x', 1, 'test', 'ask', '', %s, 1)",
        child,
    )
    transact(database, dispatch.pick)
    assert run_row(database, child)["state"] == "uncertain"


def test_an_answer_on_record_is_still_written_down(database: Database, worker: UUID) -> None:
    _, child = family(database)
    change(
        database,
        "insert into effects (key, generation, provider, policy, request, run_id, lease, state) "
        "values ('x', 1, 'test', 'ask', '', %s, 1, 'done')",
        child,
    )
    assert [message.ids for message in transact(database, dispatch.pick)] == [(child,)]
    assert [run.id for run in runs.start(database, worker, [child])] == [child]


def test_children_of_a_run_that_ended_otherwise_go_on(database: Database, worker: UUID) -> None:
    parent, child = family(database)
    put(database, [parent], state="failed")
    assert [message.ids for message in transact(database, dispatch.pick)] == [(child,)]
    assert [run.id for run in runs.start(database, worker, [child])] == [child]
