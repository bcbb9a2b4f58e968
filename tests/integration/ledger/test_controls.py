"""What people do to runs and queues: every change is made once, audited, and never against the ledger's rules."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, Row, execute, query
from worker.kit.ids import new_id
from worker.ledger import controls, effects
from worker.ledger.controls import ControlRefused, Unknown
from worker.ledger.outcomes import BoundTask, Effect
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
        with pytest.raises(Unknown, match="no run"):
            controls.retry(connection, new_id(), "user:7")
        with pytest.raises(Unknown, match="no run"):
            controls.settle(connection, new_id(), happened=True, reason="", actor="user:7")
        with pytest.raises(Unknown, match="bulk, default, interactive, upkeep"):
            controls.pause(connection, "nowhere", "user:7")


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
            return controls.settle(
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
        effects.note_reference(connection, effect, {"id": "late"})
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
        effects.note_reference(connection, Effect("test:1:send", 0, b"bytes"), {"id": "late"})
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
        assert controls.settle(connection, run_id, happened=True, reason="It is there", actor="user:7") == "queued"
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
        effects.note_reference(connection, Effect("test:1:send", 0, b"bytes"), {"id": "late"})

    assert controls.cancel(database, run_id, "user:7") == "queued"
    runs.execute_run(database, worker, bound, run_id)

    with database.transaction() as connection:
        assert view(connection, run_id).state == "succeeded"
    assert sending.applied == [{"id": "late"}]


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


def test_a_shown_payload_hides_text_and_keeps_ids_words_and_numbers() -> None:
    payload = {
        "application_id": 7,
        "batch_id": "0190-abc",
        "job_ids": ["a", 1],
        "paid": "yes, by Ada",
        "frequency": "daily",
        "to": "ada@example.org",
        "urgent": True,
        "score": 1.5,
        "nothing": None,
        "values": {"first_name": "Ada", "locale": "fr", "list": ["x", {"id": "y", "note": "z"}]},
    }
    assert controls.redact(payload) == {
        "application_id": 7,
        "batch_id": "0190-abc",
        "job_ids": ["a", 1],
        "paid": "•••",
        "frequency": "daily",
        "to": "•••",
        "urgent": True,
        "score": 1.5,
        "nothing": None,
        "values": {"first_name": "•••", "locale": "fr", "list": ["•••", {"id": "y", "note": "•••"}]},
    }
