"""Two connections in the orders that review found dangerous; effects have a file of their own."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    kill,
    new_worker,
    one,
    poll,
    prepare,
    put,
    run_row,
    seconds_ahead,
    transact,
    wait_for_lock,
    write,
)
from worker.kit.database import Database, execute
from worker.kit.errors import NeedsReconnect, Permanent
from worker.kit.ids import new_id
from worker.kit.locks import lock_number
from worker.ledger import claim, controls, dispatch, gates, record, rescue, workers
from worker.ledger.apply import apply_failure, apply_outcome
from worker.ledger.outcomes import Cancel, Done, Park, Run, Snooze
from worker.ledger.record import Success
from worker.ledger.workers import WorkerSession

TASK = runs.TASK
BATCH = "test.batch"


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK, BATCH)


def outcome(database: Database, run: Run, answer: Done | Snooze | Cancel | Park) -> None:
    transact(database, lambda connection: apply_outcome(connection, run, answer, ran=0.1))


def test_a_duplicate_hint_finds_a_snoozed_run_not_due(database: Database, worker: UUID) -> None:
    ids = write(database)
    outcome(database, claim_one(database, worker, ids[0], task=TASK), Snooze(60.0))
    assert runs.start(database, worker, ids) == []
    row = run_row(database, ids[0])
    assert (row["state"], row["attempt"], row["lease"]) == ("queued", 0, None)
    assert one(database, "select count(*) as n from task_attempts")["n"] == 0


def test_of_two_hints_at_the_same_time_one_claims(database: Database, worker: UUID) -> None:
    ids = write(database, 3)
    with OpenTransaction(database) as first:
        first.do(lambda connection: execute(connection, "select 1 from task_runs where id = %s for update", (ids[1],)))
        assert [run.id for run in runs.start(database, worker, ids)] == [ids[0], ids[2]]
        first.commit()
    assert [run.id for run in runs.start(database, worker, ids)] == [ids[1]]


def test_heartbeats_and_batches_lock_different_rows(database: Database, worker: UUID) -> None:
    claimed = runs.start(database, worker, write(database, 50))

    def beat(connection: Connection) -> None:
        execute(connection, "update workers set expires_at = now() + interval '60 seconds' where id = %s", (worker,))

    def complete(connection: Connection) -> None:
        record.succeed(connection, [Success(run, {}, 0.1) for run in claimed])

    with OpenTransaction(database) as batch, OpenTransaction(database) as heart:
        heart.do(beat)
        batch.do(complete)
        assert [run.id for run in runs.start(database, worker, write(database))]
        heart.do(beat)
        batch.commit()
        heart.commit()
    assert one(database, "select count(*) as n from task_runs where state = 'succeeded'")["n"] == 50


def test_a_poison_run_charges_its_neighbours_once(database: Database, worker: UUID) -> None:
    change(database, "update task_catalogue set batch = 50 where name = %s", BATCH)
    ids = write(database, 50, task=BATCH)
    [message] = transact(database, dispatch.pick)
    assert len(claim.claim(database, BATCH, message.ids, worker=worker, message=new_id(), timeout=60)) == 50
    assert kill(database, worker) == 50

    new_worker(database)
    messages = transact(database, dispatch.pick)
    assert [len(each.ids) for each in messages] == [1] * 50
    other = new_worker(database)
    poison = ids[17]
    claim.claim(database, BATCH, [poison], worker=other, message=new_id(), timeout=60)
    assert kill(database, other) == 1
    rows = [run_row(database, each) for each in ids]
    assert [row["rescues"] for row in rows if row["id"] != poison] == [1] * 49
    assert {row["attempt"] for row in rows} == {0}
    assert run_row(database, poison)["rescues"] == 2


def test_hints_that_a_killed_worker_had_taken_are_published_again(database: Database, worker: UUID) -> None:
    change(database, "update workers set queues = '{default}' where id = %s", worker)
    ids = write(database)
    [message] = transact(database, dispatch.pick)
    assert list(message.ids) == ids
    assert transact(database, dispatch.pick) == []
    kill(database, worker)
    new_worker(database)
    assert [list(each.ids) for each in transact(database, dispatch.pick)] == [ids]


def test_the_hint_of_a_child_that_died_before_its_claim_is_published_again(database: Database, worker: UUID) -> None:
    ids = write(database)
    transact(database, dispatch.pick)
    assert transact(database, lambda connection: rescue.rescue_message(connection, new_id(), ids)) == 0
    assert [list(each.ids) for each in transact(database, dispatch.pick)] == [ids]


def family(database: Database, worker: UUID, children: int) -> tuple[UUID, list[Run]]:
    """A parent that waits for an hour, and its claimed children."""
    [parent] = write(database)
    outcome(database, claim_one(database, worker, parent, task=TASK), Snooze(3600.0))
    ids = write(database, children, parent_id=parent)
    return parent, runs.start(database, worker, ids)


def test_two_last_children_do_not_miss_each_other(database: Database, worker: UUID) -> None:
    parent, [one_child, other_child] = family(database, worker, 2)
    with OpenTransaction(database) as first, OpenTransaction(database) as second:
        first.do(lambda connection: apply_outcome(connection, one_child, Done(), ran=0.1))
        waiting = second.start(lambda connection: apply_outcome(connection, other_child, Done(), ran=0.1))
        wait_for_lock(database)
        first.commit()
        waiting.result(5)
        second.commit()
    assert seconds_ahead(database, parent) <= 0


def test_only_the_last_child_wakes_its_parent(database: Database, worker: UUID) -> None:
    parent, children = family(database, worker, 3)
    outcome(database, children[0], Done())
    transact(database, lambda connection: apply_failure(connection, children[1], Permanent("No."), ran=0.1))
    assert seconds_ahead(database, parent) > 3000
    put(database, [children[2].id], cancel_requested_at=run_row(database, parent)["created_at"])
    transact(database, lambda connection: claim.give_back(connection, [children[2]]))
    assert run_row(database, children[2].id)["state"] == "cancelled"
    assert seconds_ahead(database, parent) <= 0


def test_a_parents_hint_that_comes_while_its_last_child_ends_is_published_again(
    database: Database, worker: UUID
) -> None:
    parent, [child] = family(database, worker, 1)
    change(database, "update task_runs set run_at = now(), dispatch_at = now() where id = %s", parent)
    assert [list(each.ids) for each in transact(database, dispatch.pick)] == [[parent]]
    with OpenTransaction(database) as last:
        last.do(lambda connection: apply_outcome(connection, child, Done(), ran=0.1))
        assert runs.start(database, worker, [parent]) == []
        last.commit()
    assert [list(each.ids) for each in transact(database, dispatch.pick)] == [[parent]]


def test_a_child_finishes_while_its_parent_is_cancelled(database: Database, worker: UUID) -> None:
    parent, [child] = family(database, worker, 1)
    with OpenTransaction(database) as cancelling, OpenTransaction(database) as finishing:
        cancelling.do(lambda connection: runs.end(connection, [parent], "cancelled"))
        waiting = finishing.start(lambda connection: apply_outcome(connection, child, Done(), ran=0.1))
        wait_for_lock(database)
        cancelling.commit()
        waiting.result(5)
        finishing.commit()
    assert (run_row(database, parent)["state"], run_row(database, child.id)["state"]) == ("cancelled", "succeeded")


def test_cancelling_a_family_does_not_deadlock_with_a_finishing_child(database: Database, worker: UUID) -> None:
    parent, [child] = family(database, worker, 1)
    with OpenTransaction(database) as finishing, OpenTransaction(database) as cancelling:
        finishing.do(lambda connection: record.lock(connection, [child]))
        cancelling.do(lambda connection: controls.cancel_locked(connection, [parent], "cli", None))
        waiting = finishing.start(lambda connection: apply_outcome(connection, child, Done(), ran=0.1))
        wait_for_lock(database)
        cancelling.commit()
        waiting.result(5)
        finishing.commit()
    assert controls.cancel(database, parent, "cli") == "cancelled"
    assert run_row(database, child.id)["state"] == "succeeded"


def test_a_lost_connection_parks_only_on_news_younger_than_its_gate(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    dead = NeedsReconnect("The connection to test is lost; reconnect it.", gate="test:7")

    def fail(run: Run) -> None:
        transact(database, lambda connection: apply_failure(connection, run, dead, ran=0.1))

    fail(claim_one(database, worker, run_id, task=TASK))
    assert 0 < seconds_ahead(database, run_id) <= gates.AGAIN
    fail(claim_one(database, worker, run_id, task=TASK))
    assert seconds_ahead(database, run_id) == pytest.approx(gates.BACKSTOP, abs=5)
    assert run_row(database, run_id)["attempt"] == 0

    assert transact(database, lambda connection: gates.open_gate(connection, "test:7")) == 1
    assert seconds_ahead(database, run_id) <= 0


def test_a_run_that_used_the_old_token_comes_back_after_the_reconnection(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    assert transact(database, lambda connection: gates.open_gate(connection, "test:7")) == 0
    dead = NeedsReconnect("The connection to test is lost; reconnect it.", gate="test:7")
    transact(database, lambda connection: apply_failure(connection, run, dead, ran=0.1))
    assert seconds_ahead(database, run_id) <= gates.AGAIN


def test_a_run_that_parks_just_after_the_reconnection_stays_due(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    seen = transact(database, lambda connection: gates.gate_version(connection, "test:7"))
    with OpenTransaction(database) as opening, OpenTransaction(database) as parking:
        assert opening.do(lambda connection: gates.open_gate(connection, "test:7")) == 0
        waiting = parking.start(
            lambda connection: apply_outcome(connection, run, Park("test:7", seen, "Not connected."), ran=0.1)
        )
        wait_for_lock(database)
        opening.commit()
        waiting.result(5)
        parking.commit()
    assert seconds_ahead(database, run_id) <= 0


def test_a_reconnection_just_after_parking_frees_the_run(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    run = claim_one(database, worker, run_id, task=TASK)
    with OpenTransaction(database) as parking, OpenTransaction(database) as opening:
        seen = parking.do(lambda connection: gates.gate_version(connection, "test:7"))
        parking.do(lambda connection: apply_outcome(connection, run, Park("test:7", seen, "No."), ran=0.1))
        waiting = opening.start(lambda connection: gates.open_gate(connection, "test:7"))
        wait_for_lock(database)
        parking.commit()
        assert waiting.result(5) == 1
        opening.commit()
    assert seconds_ahead(database, run_id) <= 0


def succeed(connection: Connection, run: Run) -> None:
    apply_outcome(connection, run, Done(), ran=0.1)


def fail(connection: Connection, run: Run) -> None:
    apply_failure(connection, run, Permanent("No."), ran=0.1)


def cancel(connection: Connection, run: Run) -> None:
    apply_outcome(connection, run, Cancel("Pointless."), ran=0.1)


def snooze_past_the_end(connection: Connection, run: Run) -> None:
    apply_outcome(connection, run, Snooze(10**6), ran=0.1)


def give_back_cancelled(connection: Connection, run: Run) -> None:
    execute(connection, "update task_runs set cancel_requested_at = now() where id = %s", (run.id,))
    claim.give_back(connection, [run])


def lose_cancelled(connection: Connection, run: Run) -> None:
    execute(connection, "update task_runs set cancel_requested_at = now() where id = %s", (run.id,))
    rescue.rescue_runs(connection, [{"id": run.id, "lease": run.lease, "worker_id": run.worker_id}])


ENDINGS = (succeed, fail, cancel, snooze_past_the_end, give_back_cancelled, lose_cancelled)


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("wanted", [True, False])
def test_every_end_tells_those_who_wait(
    database: Database, worker: UUID, end: Callable[[Connection, Run], None], wanted: bool
) -> None:
    [run_id] = write(database, wanted=wanted)
    run = claim_one(database, worker, run_id, task=TASK)
    with database.direct() as listener:
        listener.execute("listen task_done")
        transact(database, lambda connection: end(connection, run))
        heard = [each.payload for each in listener.notifies(timeout=2 if wanted else 0.1, stop_after=1)]
    assert heard == ([str(run_id)] if wanted else [])
    assert run_row(database, run_id)["finished_at"] is not None


def test_a_run_that_ended_before_anybody_listened_shows_it_in_its_row(database: Database, worker: UUID) -> None:
    [run_id] = write(database, wanted=True)
    run = claim_one(database, worker, run_id, task=TASK)
    outcome(database, run, Done({"answer": 42}))
    with database.direct() as listener:
        listener.execute("listen task_done")
        row = listener.execute("select state, result from task_runs where id = %s", (run_id,)).fetchone()
        assert list(listener.notifies(timeout=0.1)) == []
    assert row == {"state": "succeeded", "result": {"answer": 42}}


def test_a_worker_that_wakes_after_its_row_is_gone_registers_anew(
    database: Database, database_url: str, worker: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "HEARTBEAT", 0.05)
    session = WorkerSession(database_url, tasks=[TASK], queues=["default"], lease=60)
    session.start()
    try:
        first = session.current_id()
        assert first is not None
        [run_id] = write(database)
        run = claim_one(database, first, run_id, task=TASK)
        assert kill(database, first) == 1
        second = poll(lambda: session.id if session.id != first else None)
        poll(lambda: change(database, "update workers set draining = false where id = %s", second))
        assert second is not None
        assert session.current_id() == second
        with pytest.raises(Exception, match="another worker"):
            outcome(database, run, Done())
        assert [each.id for each in runs.start(database, second, [run_id])] == [run_id]
    finally:
        session.stop()
    assert one(database, "select count(*) as n from workers where id = %s", second)["n"] == 0


def test_a_worker_whose_lock_was_taken_registers_anew(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "HEARTBEAT", 0.05)
    session = WorkerSession(database_url, tasks=[TASK], queues=[], lease=60)
    first = session.id
    with OpenTransaction(database) as rescuer:
        rescuer.do(lambda connection: execute(connection, "select pg_advisory_xact_lock(%s)", (lock_number(first),)))
        session.start()
        poll(lambda: session.id != first)
        rescuer.commit()
    assert session.current_id() != first
    session.stop()
