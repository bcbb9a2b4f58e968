"""What people do to runs and queues: every change is made once, audited, and never against the ledger's rules."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, Row, execute, query
from worker.kit.ids import new_id
from worker.ledger import controls
from worker.ledger.controls import ControlRefused, NotFound
from worker.ledger.queries import RunView, get_run

SEND = "test.send"


def view(connection: Connection, run_id: UUID) -> RunView:
    found = get_run(connection, run_id)
    assert found is not None
    return found


def audit_log(connection: Connection, subject: object) -> list[Row]:
    return query(
        connection,
        "select actor, action, reason, details from audit_log where subject = %s order by id",
        (str(subject),),
    )


def test_cancelling_a_queued_run_ends_it_at_once_and_is_audited(database: Database) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        run_id = runs.write(connection)[0]

    assert controls.cancel(database, run_id, "user:7", reason="Wrong list") == "cancelled"

    with database.transaction() as connection:
        run = view(connection, run_id)
        assert (run.state, run.error and run.error["code"]) == ("cancelled", "run.cancelled")
        assert run.finished_at is not None
        assert audit_log(connection, run_id) == [
            {"actor": "user:7", "action": "run.cancel", "reason": "Wrong list", "details": {}}
        ]


def test_cancelling_a_running_run_asks_it_to_stop(database: Database) -> None:
    with database.transaction() as connection:
        worker = runs.prepare(connection)
        run_id = runs.write(connection)[0]
    runs.start(database, worker, [run_id])

    assert controls.cancel(database, run_id, "user:7") == "requested"
    assert controls.cancel(database, run_id, "user:7") == "requested"

    with database.transaction() as connection:
        run = view(connection, run_id)
        assert run.state == "running"
        assert run.cancel_requested_at is not None
        assert len(audit_log(connection, run_id)) == 1, "a second wish changes nothing"


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled", "uncertain"])
def test_cancelling_what_has_ended_changes_nothing(database: Database, state: str) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        run_id = runs.write(connection)[0]
        runs.end(connection, [run_id], state)

    assert controls.cancel(database, run_id, "user:7") == state

    with database.transaction() as connection:
        assert audit_log(connection, run_id) == []


def test_cancelling_an_unknown_run_answers_none(database: Database) -> None:
    assert controls.cancel(database, new_id(), "user:7") is None


def test_a_waiting_caller_hears_of_the_cancellation(database: Database) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        run_id = runs.write(connection, wanted=True)[0]

    with database.direct() as listener:
        listener.execute("listen task_done")
        controls.cancel(database, run_id, "user:7")
        heard = [each.payload for each in listener.notifies(timeout=5, stop_after=1)]

    assert heard == [str(run_id)]


def test_descendants_are_cancelled_with_their_ancestor(database: Database) -> None:
    with database.transaction() as connection:
        worker = runs.prepare(connection)
        parent = runs.write(connection)[0]
        children = runs.write(connection, 3, parent_id=parent)
        grandchild = runs.write(connection, parent_id=children[1])[0]
        runs.end(connection, [children[2]], "succeeded")
    runs.start(database, worker, [children[1]])

    controls.cancel(database, parent, "user:7")

    with database.transaction() as connection:
        states = [view(connection, each).state for each in (parent, *children, grandchild)]
        assert states == ["cancelled", "cancelled", "running", "succeeded", "cancelled"]
        assert view(connection, children[1]).cancel_requested_at is not None


def test_a_child_that_a_worker_holds_is_cancelled_when_it_is_free_again(database: Database) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        parent = runs.write(connection)[0]
        children = runs.write(connection, 2, parent_id=parent)

    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction() as connection:
            query(connection, "select 1 from task_runs where id = %s for update", (children[0],))
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    threading.Timer(0.3, done.set).start()
    controls.cancel(database, parent, "user:7")
    holder.join(10)

    with database.transaction() as connection:
        assert [view(connection, each).state for each in children] == ["cancelled", "cancelled"]


def test_the_last_child_cancelled_wakes_its_parent(database: Database) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        parent = runs.write(connection)[0]
        children = runs.write(connection, 2, parent_id=parent)
        execute(connection, "update task_runs set run_at = now() + interval '1 hour' where id = %s", (parent,))

    controls.cancel(database, children[0], "user:7")
    with database.transaction() as connection:
        assert not view(connection, parent).due
    controls.cancel(database, children[1], "user:7")
    with database.transaction() as connection:
        assert view(connection, parent).due


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_retry_starts_over_with_all_attempts_and_a_new_expiry(database: Database, state: str) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        run_id = runs.write(connection)[0]
        runs.end(connection, [run_id], state)
        runs.put(connection, [run_id], attempt=5, rescues=20)
        execute(
            connection,
            "update task_runs set expires_at = now() - interval '1 day', cancel_requested_at = now() where id = %s",
            (run_id,),
        )

    with database.transaction() as connection:
        assert controls.retry(connection, run_id, "user:7", reason="Fixed") == "queued"

    with database.transaction() as connection:
        run = view(connection, run_id)
        assert (run.state, run.attempt, run.rescues, run.error) == ("queued", 0, 0, None)
        assert run.cancel_requested_at is None
        assert run.finished_at is None
        assert run.expires_at is not None
        assert (run.expires_at - run.run_at).total_seconds() == 24 * 3600
        assert [each["action"] for each in audit_log(connection, run_id)] == ["run.retry"]


@pytest.mark.parametrize(
    ("state", "sentence"), [("queued", "is queued"), ("succeeded", "is succeeded"), ("uncertain", "settle it first")]
)
def test_a_retry_is_refused_with_the_reason(database: Database, state: str, sentence: str) -> None:
    with database.transaction() as connection:
        runs.prepare(connection)
        run_id = runs.write(connection)[0]
        runs.put(connection, [run_id], state=state)
    with database.transaction() as connection, pytest.raises(ControlRefused, match=sentence):
        controls.retry(connection, run_id, "user:7")
    with database.transaction() as connection:
        assert view(connection, run_id).state == state
        assert audit_log(connection, run_id) == []


def test_unknown_runs_and_queues_are_told_apart_from_refusals(database: Database) -> None:
    with database.transaction() as connection:
        with pytest.raises(NotFound, match="no run"):
            controls.retry(connection, new_id(), "user:7")
        with pytest.raises(NotFound, match="no run"):
            controls.resolve(connection, new_id(), happened=True, reason="", actor="user:7")
        with pytest.raises(NotFound, match="bulk, default, interactive, operations, upkeep"):
            controls.pause(connection, "nowhere", "user:7")


def test_a_paused_queue_is_not_claimed_from_and_a_resumed_one_is_published_again(database: Database) -> None:
    with database.transaction() as connection:
        worker = runs.prepare(connection)
        run_id = runs.write(connection)[0]
        execute(connection, "update task_runs set dispatches = 3, dispatch_at = now() + interval '5 minutes'")
        controls.pause(connection, "default", "user:7", reason="Provider is down")
        controls.pause(connection, "default", "user:8")
    assert runs.start(database, worker, [run_id]) == []
    with database.direct() as listener:
        listener.execute("listen task_runs")
        with database.transaction() as connection:
            controls.resume(connection, "default", "user:7")
        assert list(listener.notifies(timeout=5, stop_after=1))
    with database.transaction() as connection:
        due = query(connection, "select dispatches, dispatch_at <= now() as due from task_runs")
        assert due == [{"dispatches": 0, "due": True}]
        assert [each["action"] for each in audit_log(connection, "default")] == [
            "queue.pause",
            "queue.pause",
            "queue.resume",
        ]
    assert [run.id for run in runs.start(database, worker, [run_id])] == [run_id]


def test_revealing_a_payload_is_audited(database: Database) -> None:
    run_id = new_id()
    with database.transaction() as connection:
        controls.note_reveal(connection, run_id, "user:7")
        assert [each["action"] for each in audit_log(connection, run_id)] == ["run.reveal"]
