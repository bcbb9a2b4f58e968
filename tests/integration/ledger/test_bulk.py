"""Bulk actions: chunk by chunk, repeatable, and never beyond what existed when they were asked for."""

import threading
from uuid import UUID

import pytest
from pydantic import ValidationError

from tasks import upkeep as handlers
from tests.factories import runs
from worker.catalogue import upkeep
from worker.kit.database import Database, query
from worker.ledger import bulk, controls
from worker.ledger.handlers import BoundTask
from worker.ledger.queries import RunFilter, RunView, get_run

BULK = BoundTask(upkeep.BULK, handlers.bulk)


class Ledger:
    """A database with one worker, and bulk runs carried out by a real executor."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as connection:
            self.worker = runs.prepare(connection)

    def write(self, count: int, state: str | None = None) -> list[UUID]:
        with self.database.transaction() as connection:
            ids = runs.write(connection, count)
            if state:
                runs.end(connection, ids, state)
        return ids

    def ask(self, action: str, **criteria: object) -> UUID:
        payload = upkeep.Bulk.model_validate({"action": action, "reason": "A reason", **criteria})
        with self.database.transaction() as connection:
            return runs.write(connection, task=upkeep.BULK.name, payload=payload.model_dump(mode="json"))[0]

    def execute(self, bulk_id: UUID) -> RunView:
        runs.execute_run(self.database, self.worker, BULK, bulk_id)
        return self.view(bulk_id)

    def view(self, run_id: UUID) -> RunView:
        with self.database.transaction() as connection:
            found = get_run(connection, run_id)
        assert found is not None
        return found

    def states(self, ids: list[UUID]) -> set[str]:
        return {self.view(each).state for each in ids}


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def test_retry_touches_what_matches_and_nothing_else(ledger: Ledger) -> None:
    failed = ledger.write(7, "failed")
    cancelled = ledger.write(2, "cancelled")
    uncertain = ledger.write(1, "uncertain")

    bulk_id = ledger.ask("retry", state="failed")
    run = ledger.execute(bulk_id)

    assert run.result == {"touched": 7, "seen": 7, "skipped": 0}
    assert ledger.states(failed) == {"queued"}
    assert ledger.states(cancelled) == {"cancelled"}
    assert ledger.states(uncertain) == {"uncertain"}
    with ledger.database.transaction() as connection:
        log = query(connection, "select distinct actor, action, reason from audit_log")
    assert log == [{"actor": f"run:{bulk_id}", "action": "run.retry", "reason": "A reason"}]


def test_retry_leaves_uncertain_runs_to_people_whatever_the_filter(ledger: Ledger) -> None:
    uncertain = ledger.write(2, "uncertain")
    assert ledger.execute(ledger.ask("retry", task=runs.TASK)).result == {"touched": 0, "seen": 0, "skipped": 0}
    assert ledger.states(uncertain) == {"uncertain"}


def test_cancel_reaches_queued_and_running_runs_but_not_itself_nor_younger_ones(ledger: Ledger) -> None:
    queued = ledger.write(3)
    running = ledger.write(1)
    runs.start(ledger.database, ledger.worker, running)
    bulk_id = ledger.ask("cancel", since="2000-01-01T00:00:00Z")
    younger = ledger.write(2)

    run = ledger.execute(bulk_id)

    assert (run.state, run.result) == ("succeeded", {"touched": 4, "seen": 4, "skipped": 0})
    assert ledger.states(queued) == {"cancelled"}
    assert ledger.view(running[0]).cancel_requested_at is not None
    assert ledger.states(younger) == {"queued"}


def test_cancel_reaches_children_that_do_not_match_and_wakes_parents(ledger: Ledger) -> None:
    with ledger.database.transaction() as connection:
        above = runs.write(connection, priority=1)[0]
        parent = runs.write(connection, parent_id=above, company_id=5)[0]
        child = runs.write(connection, parent_id=parent)[0]
        query(connection, "update task_runs set run_at = now() + interval '1 hour' where id = %s", (above,))

    ledger.execute(ledger.ask("cancel", company_id=5))

    assert ledger.states([parent, child]) == {"cancelled"}
    assert ledger.view(above).due


def test_many_chunks_report_their_progress(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNKS_PER_TURN", 2)
    ledger.write(1700, "failed")
    bulk_id = ledger.ask("retry", state="failed")

    run = ledger.execute(bulk_id)
    assert run.state == "queued"
    assert run.progress is not None
    assert (run.progress["touched"], run.progress["seen"]) == (1000, 1000)
    assert run.attempt == 0, "a turn spends no attempt"

    run = ledger.execute(bulk_id)
    assert run.result == {"touched": 1700, "seen": 1700, "skipped": 0}


def test_a_repeated_step_changes_nothing_twice(ledger: Ledger) -> None:
    """As after a kill between a chunk's commit and the next: what failed again meanwhile stays failed."""
    failed = ledger.write(3, "failed")
    bulk_id = ledger.ask("retry", state="failed")

    def step() -> bulk.Chunk:
        with ledger.database.transaction() as connection:
            return bulk.act_on_chunk(connection, "retry", RunFilter(state="failed"), bulk_id=bulk_id, after_id=None)

    assert step().changed == tuple(failed)
    with ledger.database.transaction() as connection:
        runs.end(connection, failed, "failed")
    assert step() == bulk.Chunk(0, (), None)


def test_rows_that_a_worker_holds_are_tried_again_in_the_next_pass(ledger: Ledger) -> None:
    ids = ledger.write(3)
    bulk_id = ledger.ask("cancel", task=runs.TASK)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger.database.transaction() as connection:
            query(connection, "select 1 from task_runs where id = %s for update", (ids[1],))
            held.set()
            done.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    first = ledger.execute(bulk_id)
    done.set()
    holder.join(10)
    second = ledger.execute(bulk_id)

    assert first.state == "queued"
    assert second.result == {"touched": 3, "seen": 3, "skipped": 0}
    assert ledger.states(ids) == {"cancelled"}


def test_a_bulk_run_stops_when_asked(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNKS_PER_TURN", 1)
    ledger.write(600, "failed")
    bulk_id = ledger.ask("retry", state="failed")
    ledger.execute(bulk_id)

    assert controls.cancel(ledger.database, bulk_id, "user:7") == "cancelled"
    assert ledger.execute(bulk_id).state == "cancelled"
    with ledger.database.transaction() as connection:
        left = query(connection, "select count(*) as n from task_runs where state = 'failed'")
    assert left == [{"n": 100}]


def test_a_bulk_run_stops_between_two_chunks(ledger: Ledger) -> None:
    """A trigger asks for the cancellation in the moment in which the first chunk is stored."""
    ledger.write(600, "failed")
    bulk_id = ledger.ask("retry", state="failed")
    with ledger.database.transaction() as connection:
        query(
            connection,
            f"""
            create function ask() returns trigger language plpgsql as $$
                begin new.cancel_requested_at := now(); return new; end $$;
            create trigger ask before update of progress on task_runs for each row
                when (new.progress is not null and new.id = '{bulk_id}') execute function ask();
            """,
        )
    run = ledger.execute(bulk_id)

    assert run.state == "cancelled"
    assert run.error is not None
    assert run.error["message"] == "Stopped on request after 500 runs."


def test_a_bulk_action_needs_a_criterion_and_a_reason() -> None:
    with pytest.raises(ValidationError, match="at least one of task, state"):
        upkeep.Bulk(action="cancel", reason="All of it")
    with pytest.raises(ValidationError, match="reason"):
        upkeep.Bulk.model_validate({"action": "cancel", "task": "email.send"})
