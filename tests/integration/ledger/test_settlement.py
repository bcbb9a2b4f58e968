"""What a person decides about an uncertain run, and what a known answer means for a cancel."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, Row, execute, query
from worker.ledger import controls, effect_rows
from worker.ledger.controls import ControlRefused
from worker.ledger.handlers import BoundTask
from worker.ledger.plans import Effect
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


class Uncertain:
    """A run that sent something, got no answer and waits for a person."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sending = runs.Sending()
        self.bound = BoundTask(runs.definition(SEND), self.sending.handle)
        with database.transaction() as connection:
            self.worker = runs.prepare(connection, SEND)
            self.id = runs.write(connection, task=SEND)[0]
        self.execute()
        self.execute()

    def execute(self) -> None:
        runs.execute_run(self.database, self.worker, self.bound, self.id)

    def view(self) -> RunView:
        with self.database.transaction() as connection:
            return view(connection, self.id)

    def settle(self, *, happened: bool, reference: dict[str, str] | None = None) -> str:
        with self.database.transaction() as connection:
            return controls.resolve(
                connection, self.id, happened=happened, reference=reference, reason="Looked it up", actor="user:7"
            )


@pytest.fixture
def uncertain(database: Database) -> Uncertain:
    waiting = Uncertain(database)
    assert waiting.view().state == "uncertain"
    assert waiting.sending.sent == 1
    return waiting


@pytest.mark.parametrize(
    ("given", "applied"), [({"id": "from-the-provider"}, {"id": "from-the-provider"}), (None, {"settled": True})]
)
def test_settled_as_happened_only_the_last_step_runs(
    uncertain: Uncertain, given: dict[str, str] | None, applied: dict[str, object]
) -> None:
    assert uncertain.settle(happened=True, reference=given) == "queued"
    uncertain.execute()

    assert uncertain.view().state == "succeeded"
    assert uncertain.sending.sent == 1, "nothing is sent again"
    assert uncertain.sending.applied == [applied]
    with uncertain.database.transaction() as connection:
        entry = audit_log(connection, uncertain.id)[0]
        assert entry["action"] == "run.settle"
        assert entry["reason"] == "Looked it up"
        assert entry["details"] == {"happened": True, "reference": given}


def test_settled_as_not_happened_it_is_sent_once_more(uncertain: Uncertain) -> None:
    assert uncertain.settle(happened=False) == "queued"
    assert uncertain.view().attempt == 0
    uncertain.execute()

    assert uncertain.view().state == "succeeded"
    assert uncertain.sending.sent == 2
    assert uncertain.sending.applied == [{"id": "message-2"}]


def test_settled_as_not_happened_a_run_somebody_cancelled_stays_cancelled(uncertain: Uncertain) -> None:
    with uncertain.database.transaction() as connection:
        execute(connection, "update task_runs set cancel_requested_at = now() where id = %s", (uncertain.id,))
    assert uncertain.settle(happened=False) == "cancelled"
    uncertain.execute()

    assert uncertain.view().state == "cancelled"
    assert uncertain.sending.sent == 1


def test_a_run_is_settled_once(uncertain: Uncertain) -> None:
    uncertain.settle(happened=True)
    with pytest.raises(ControlRefused, match="only an uncertain run"):
        uncertain.settle(happened=False)


def test_a_late_answer_of_the_provider_wins_over_a_decision(uncertain: Uncertain) -> None:
    """The decision read `uncertain` before the answer came and reaches the effect after it."""
    effect = Effect("test:1:send", 0, b"bytes")
    with uncertain.database.transaction() as connection:
        effect_rows.note_reference(connection, effect, {"id": "late"})
        runs.put(connection, [uncertain.id], state="uncertain")
    with pytest.raises(ControlRefused, match="the answer came late"):
        uncertain.settle(happened=False)


def test_a_late_answer_and_a_decision_at_the_same_time_do_not_deadlock(uncertain: Uncertain) -> None:
    """Both take the effect before the run."""
    outcome: list[str] = []

    def decide() -> None:
        try:
            outcome.append(uncertain.settle(happened=False))
        except ControlRefused as error:
            outcome.append(str(error))

    decision = threading.Thread(target=decide)
    with uncertain.database.transaction() as connection:
        effect_rows.note_reference(connection, Effect("test:1:send", 0, b"bytes"), {"id": "late"})
        decision.start()
        decision.join(0.3)
    decision.join(10)

    assert outcome[0].startswith("This run's effect is not open any more")
    uncertain.execute()
    assert uncertain.sending.applied == [{"id": "late"}]


def test_cancelling_a_queued_run_with_an_open_effect_leaves_it_uncertain(database: Database) -> None:
    sending = runs.Sending()
    bound = BoundTask(runs.definition(SEND), sending.handle)
    with database.transaction() as connection:
        worker = runs.prepare(connection, SEND)
        run_id = runs.write(connection, task=SEND)[0]
    runs.execute_run(database, worker, bound, run_id)

    assert controls.cancel(database, run_id, "user:7") == "uncertain"
    with database.transaction() as connection:
        assert controls.resolve(connection, run_id, happened=True, reason="It is there", actor="user:7") == "queued"
    runs.execute_run(database, worker, bound, run_id)
    with database.transaction() as connection:
        assert view(connection, run_id).state == "succeeded"


def test_an_answer_that_waits_to_be_applied_is_stronger_than_a_cancel(database: Database) -> None:
    sending = runs.Sending()
    bound = BoundTask(runs.definition(SEND), sending.handle)
    with database.transaction() as connection:
        worker = runs.prepare(connection, SEND)
        run_id = runs.write(connection, task=SEND)[0]
    runs.execute_run(database, worker, bound, run_id)
    with database.transaction() as connection:
        effect_rows.note_reference(connection, Effect("test:1:send", 0, b"bytes"), {"id": "late"})

    assert controls.cancel(database, run_id, "user:7") == "queued"
    runs.execute_run(database, worker, bound, run_id)

    with database.transaction() as connection:
        assert view(connection, run_id).state == "succeeded"
    assert sending.applied == [{"id": "late"}]
