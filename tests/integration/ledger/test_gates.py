"""Gates that are closed by several runs at once, and tried again although whoever should try them is gone."""

from functools import partial
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    one,
    poll,
    prepare,
    put,
    run_row,
    seconds_ahead,
    transact,
    write,
)
from worker.kit.database import Database, execute
from worker.kit.errors import Misconfigured
from worker.ledger import gates
from worker.ledger.apply import apply_failure
from worker.ledger.outcomes import Run

TASK = runs.TASK
GATE = "provider:test"
WRONG = Misconfigured("The key is wrong.", provider="test")


@pytest.fixture
def parked(database: Database) -> list[UUID]:
    """Three runs at a closed gate; the first is to try it."""
    worker = prepare(database, TASK)
    ids = write(database, 3)
    for run_id in ids:
        fail(database, claim_one(database, worker, run_id, task=TASK))
    return ids


def fail(database: Database, run: Run) -> None:
    transact(database, lambda connection: apply_failure(connection, run, WRONG, ran=0.1))


def send_probes(database: Database) -> None:
    transact(database, gates.send_probes)


def test_two_runs_that_close_a_gate_wait_for_each_other_in_line(database: Database) -> None:
    worker = prepare(database, TASK)
    first, second = runs.start(database, worker, write(database, 2))
    transact(database, lambda connection: gates.gate_version(connection, GATE))

    def lock(connection: Connection) -> None:
        execute(connection, "select 1 from park_gates where key = %s for update", (GATE,))

    waiting = "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = %s"
    with (
        OpenTransaction(database) as holder,
        OpenTransaction(database) as one_side,
        OpenTransaction(database) as other_side,
    ):
        holder.do(lock)
        closing = [
            each.start(partial(apply_failure, run=run, error=WRONG, ran=0.1))
            for each, run in ((one_side, first), (other_side, second))
        ]
        poll(lambda: one(database, waiting, "Lock")["n"] == 2)
        holder.commit()
        poll(lambda: any(each.done() for each in closing))
        quicker = (one_side, other_side)[0 if closing[0].done() else 1]
        quicker.commit()
        assert [each.result(5) is not None for each in closing] == [True, True]
        (other_side if quicker is one_side else one_side).commit()
    assert one(database, "select count(*) as n from audit_log where action = 'gate.close'")["n"] == 1
    assert sorted(round(seconds_ahead(database, run.id), -1) for run in (first, second)) == [
        gates.PROBE,
        gates.BACKSTOP,
    ]


def test_a_gate_is_tried_though_whoever_should_try_it_has_ended(database: Database, parked: list[UUID]) -> None:
    prober, *others = parked
    change(database, "update task_runs set state = 'succeeded', finished_at = now() where id = %s", prober)
    send_probes(database)
    assert min(seconds_ahead(database, each) for each in others) > gates.PROBE
    change(database, "update park_gates set probe_at = now() - make_interval(secs => %s)", gates.OVERDUE + 1)
    for _ in range(2):
        send_probes(database)
        assert sorted(seconds_ahead(database, each) <= 0 for each in others) == [False, True]


def test_whoever_tried_in_vain_leaves_the_next_try_to_another(database: Database, parked: list[UUID]) -> None:
    """A fault of one run that is taken for one of the settings must not hold up the others for good."""
    worker = prepare(database, TASK)
    tried = parked * 2
    for run_id, following in pairwise(tried):
        assert one(database, "select prober from park_gates")["prober"] == run_id
        fail(database, claim_one(database, worker, run_id, task=TASK))
        assert one(database, "select prober from park_gates")["prober"] == following
        assert seconds_ahead(database, run_id) == pytest.approx(gates.BACKSTOP, abs=30)
        assert seconds_ahead(database, following) == pytest.approx(gates.PROBE, abs=30)


def test_no_run_of_a_paused_queue_is_to_try(database: Database, parked: list[UUID]) -> None:
    change(database, "update queues set paused_at = now() where name = 'bulk'")
    put(database, parked[:2], queue="bulk")
    change(database, "update park_gates set probe_at = now() - make_interval(secs => %s)", gates.OVERDUE + 1)
    send_probes(database)
    assert [seconds_ahead(database, each) <= 0 for each in parked] == [False, False, True]


def test_an_open_gate_is_not_tried(database: Database, parked: list[UUID]) -> None:
    change(database, "update park_gates set closed_at = null, probe_at = now() - interval '1 hour'")
    send_probes(database)
    assert all(run_row(database, each)["ahead"].total_seconds() > 0 for each in parked)
