"""An effect happens once, whoever dies, wakes, cancels or answers late."""

from uuid import UUID

import pytest

from tests.factories.ledger import (
    SEND,
    OpenTransaction,
    ask_to_cancel,
    attempt,
    attempt_of,
    change,
    claim_one,
    effect_row,
    intend,
    kill,
    new_worker,
    note,
    run_row,
    transact,
    wait_for_lock,
    write,
)
from tests.factories.sample_effects import Provider, SampleAsk, SampleReplay, sample_row
from worker.kit.database import Database
from worker.kit.errors import LeaseLost, RateLimited, Refused, UnknownOutcome
from worker.ledger import controls, effect_rows, effects, record, rescue
from worker.ledger.apply import apply_outcome
from worker.ledger.outcomes import Done, Run
from worker.ledger.performer import Performer

UNKNOWN = UnknownOutcome("The answer never came.")


def test_the_reference_outlives_the_fence(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(lambda: kill(database, worker))
    row = attempt(database, worker, run_id, SampleReplay(provider))
    assert (row["state"], row["rescues"], row["attempt"]) == ("queued", 1, 0)
    assert (effect_row(database)["reference"], sample_row(database)["applied"]) == ({"id": "post-1"}, 0)

    row = attempt(database, new_worker(database), run_id, SampleReplay(provider))
    assert (row["state"], len(provider.calls), sample_row(database)["applied"]) == ("succeeded", 1, 1)


def test_a_frozen_worker_that_wakes_writes_nothing_but_the_reference(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    frozen = claim_one(database, worker, run_id)
    step = intend(database, frozen, SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    row = attempt(database, new_worker(database), run_id, SampleReplay(Provider()))
    assert (row["state"], effect_row(database)["sends"]) == ("succeeded", 2)

    with pytest.raises(LeaseLost):
        transact(database, lambda connection: record.lock(connection, [frozen]))
    with pytest.raises(LeaseLost):
        transact(database, lambda connection: apply_outcome(connection, frozen, Done({"late": True}), ran=1.0))
    with pytest.raises(LeaseLost):
        intend(database, frozen, SampleReplay(Provider()))
    assert not transact(database, lambda connection: effect_rows.close(connection, frozen, step.effect, "cleared"))
    assert run_row(database, run_id)["result"] == {"reference": {"id": "post-1"}}


def test_an_intent_whose_commit_was_not_heard_counts_one_send(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    plan = SampleAsk(Provider())
    first, again = intend(database, run, plan), intend(database, run, plan)
    assert isinstance(first, effects.Send)
    assert isinstance(again, effects.Send)
    assert again.effect == first.effect
    assert (effect_row(database)["sends"], plan.frozen) == (1, 1)


def test_a_settlement_is_remembered_though_the_commit_of_the_next_intent_was_not_heard(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    plan = SampleAsk(Provider(UNKNOWN, RateLimited("Slow down.", after=5.0)))
    attempt(database, worker, run_id, plan)
    attempt(database, worker, run_id, plan)
    transact(
        database, lambda connection: controls.resolve(connection, run_id, happened=False, reason="test", actor="user:7")
    )
    run = claim_one(database, worker, run_id)
    intend(database, run, plan)
    Performer(database).perform(run, plan)
    assert (run_row(database, run_id)["state"], sample_row(database)["generation"]) == ("queued", 0)
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert len(set(plan.keys)) == 1


def test_two_runs_on_one_business_key(database: Database, worker: UUID, run_id: UUID) -> None:
    [second] = write(database, task=SEND)
    other = new_worker(database)
    seen: list[tuple[str, int]] = []

    def meanwhile() -> None:
        row = attempt(database, other, second, SampleReplay(provider))
        seen.append((row["state"], len(provider.calls)))

    provider = Provider(meanwhile)
    first_row = attempt(database, worker, run_id, SampleReplay(provider))
    assert seen == [("queued", 1)]
    row = attempt(database, other, second, SampleReplay(provider))
    assert (first_row["state"], row["state"], row["result"]) == (
        "succeeded",
        "succeeded",
        {"applied": "by another run"},
    )
    assert (len(provider.calls), sample_row(database)["applied"]) == (1, 1)


def test_a_run_that_takes_an_effect_over_frees_the_uncertain_one(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleReplay(provider)
    change(database, "update task_runs set max_attempts = 1 where id = %s", run_id)
    assert attempt(database, worker, run_id, plan)["state"] == "uncertain"

    [second] = write(database, task=SEND)
    assert attempt(database, worker, second, plan)["state"] == "succeeded"
    assert run_row(database, run_id)["state"] == "queued"
    assert attempt(database, worker, run_id, plan)["result"] == {"applied": "by another run"}
    assert (len(provider.calls), sample_row(database)["applied"]) == (2, 1)


def test_a_late_writer_does_not_overwrite_the_reference(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    attempt(database, new_worker(database), run_id, SampleReplay(Provider()))

    assert note(database, step.effect, "late").reference == {"id": "post-1"}
    row = effect_row(database)
    assert (row["reference"], row["others"]) == ({"id": "post-1"}, [{"id": "late"}])
    note(database, step.effect, "post-1")
    assert effect_row(database)["others"] == [{"id": "late"}]


def test_the_first_reference_is_the_one_applied(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    provider = Provider(lambda: note(database, step.effect, "early"))
    row = attempt(database, new_worker(database), run_id, SampleReplay(provider))
    assert row["result"] == {"reference": {"id": "early"}}
    assert (sample_row(database)["reference"], effect_row(database)["others"]) == ({"id": "early"}, [{"id": "post-1"}])


def test_a_refusal_that_crosses_a_late_answer(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)

    def answered_then_refused() -> None:
        note(database, step.effect, "late")
        raise Refused("Such a request was made before.")

    other = new_worker(database)
    row = attempt(database, other, run_id, SampleReplay(Provider(answered_then_refused)))
    assert (row["state"], effect_row(database)["state"], sample_row(database)["generation"]) == ("queued", "done", 0)
    assert attempt(database, other, run_id, SampleReplay(Provider()))["result"] == {"reference": {"id": "late"}}


def settle_step(database: Database, run: Run, step: effects.Step) -> None:
    """Record a step that sends nothing."""
    assert not isinstance(step, effects.Send | effects.Answered | effects.Look)
    transact(database, lambda connection: apply_outcome(connection, run, step, ran=0.0))


def test_cancel_asked_while_the_create_is_unsettled(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleReplay(provider)
    attempt(database, worker, run_id, plan)
    run = claim_one(database, worker, run_id)
    ask_to_cancel(database, run_id)

    settle_step(database, run, intend(database, run, plan))
    assert (run_row(database, run_id)["state"], len(provider.calls)) == ("uncertain", 1)


def test_cancel_asked_before_the_first_send(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    ask_to_cancel(database, run_id)
    settle_step(database, run, intend(database, run, SampleReplay(Provider())))
    assert run_row(database, run_id)["state"] == "cancelled"


def test_cancel_asked_during_the_call_comes_too_late(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(lambda: ask_to_cancel(database, run_id))
    assert attempt(database, worker, run_id, SampleReplay(provider))["state"] == "succeeded"


@pytest.mark.parametrize(("intent", "state"), [(True, "uncertain"), (False, "cancelled")])
def test_cancel_asked_and_the_child_killed(
    database: Database, worker: UUID, run_id: UUID, intent: bool, state: str
) -> None:
    run = claim_one(database, worker, run_id)
    if intent:
        intend(database, run, SampleReplay(Provider()))
    ask_to_cancel(database, run_id)
    assert kill(database, worker) == 1
    row = run_row(database, run_id)
    assert (row["state"], row["lease"], row["error"]["code"]) == (
        state,
        None,
        "effect.uncertain" if intent else "run.cancelled",
    )


def test_a_late_answer_brings_an_uncertain_run_back(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    ask_to_cancel(database, run_id)
    kill(database, worker)
    assert run_row(database, run_id)["state"] == "uncertain"

    note(database, step.effect, "late")
    row = run_row(database, run_id)
    assert (row["state"], row["cancel_requested_at"], row["error"]) == ("queued", None, None)
    provider = Provider()
    assert attempt(database, new_worker(database), run_id, SampleReplay(provider))["state"] == "succeeded"
    assert (provider.calls, sample_row(database)["applied"]) == ([], 1)


def test_a_known_answer_is_written_down_though_cancel_was_asked_and_the_child_killed(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    note(database, step.effect, "known")
    ask_to_cancel(database, run_id)
    kill(database, worker)
    assert run_row(database, run_id)["state"] == "queued"
    assert attempt(database, new_worker(database), run_id, SampleReplay(Provider()))["state"] == "succeeded"
    assert sample_row(database)["reference"] == {"id": "known"}


def test_an_answer_that_crosses_the_end_of_its_run_is_found(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    ask_to_cancel(database, run_id)
    with OpenTransaction(database) as zombie:
        zombie.do(lambda connection: effect_rows.note_reference(connection, step.effect, {"id": "late"}))
        kill(database, worker)
        zombie.commit()
    assert (run_row(database, run_id)["state"], effect_row(database)["state"]) == ("uncertain", "done")
    rescue.rescue(database, lease=60)
    assert run_row(database, run_id)["state"] == "queued"


@pytest.mark.parametrize("first_commits", [True, False])
def test_two_runs_apply_one_effect_once(database: Database, worker: UUID, run_id: UUID, first_commits: bool) -> None:
    [second] = write(database, task=SEND)
    runs = [claim_one(database, worker, each) for each in (run_id, second)]
    step = intend(database, runs[0], SampleReplay(Provider()))
    assert isinstance(step, effects.Send)
    effect = note(database, step.effect, "post-1")
    with OpenTransaction(database) as one_side, OpenTransaction(database) as other:
        for holder, run in ((one_side, runs[0]), (other, runs[1])):
            holder.do(lambda connection, run=run: record.lock(connection, [run]))  # type: ignore[misc]
        assert one_side.do(lambda connection: effect_rows.mark_applied(connection, effect))
        waiting = other.start(lambda connection: effect_rows.mark_applied(connection, effect))
        wait_for_lock(database)
        one_side.commit() if first_commits else one_side.roll_back()
        assert waiting.result(5) is not first_commits


def test_an_attempt_that_asks_does_not_deadlock_with_one_that_applies(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    [second] = write(database, task=SEND)
    applying, asking = (claim_one(database, worker, each) for each in (run_id, second))
    plan = SampleReplay(Provider())
    step = intend(database, applying, plan)
    assert isinstance(step, effects.Send)
    effect = note(database, step.effect, "post-1")
    asked = attempt_of(asking, plan)
    with OpenTransaction(database) as third, OpenTransaction(database) as first:
        third.do(lambda connection: record.lock(connection, [applying]))
        third.do(lambda connection: effect_rows.mark_applied(connection, effect))
        assert isinstance(first.do(lambda connection: effects.intend(connection, asked)), effects.Answered)
        waiting = third.start(lambda connection: plan.apply(connection, effect))
        wait_for_lock(database)
        first.commit()
        assert isinstance(waiting.result(5), Done)


def test_two_attempts_cannot_both_take_an_abandoned_effect(database: Database, worker: UUID, run_id: UUID) -> None:
    intend(database, claim_one(database, worker, run_id), SampleReplay(Provider()))
    kill(database, worker)
    other = new_worker(database)
    ids = write(database, 2, task=SEND)
    runs = [claim_one(database, other, each) for each in ids]
    attempts = [attempt_of(run, SampleReplay(Provider())) for run in runs]
    with OpenTransaction(database) as one_side, OpenTransaction(database) as second:
        step = one_side.do(lambda connection: effects.intend(connection, attempts[0]))
        assert isinstance(step, effects.Send)
        waiting = second.start(lambda connection: effects.intend(connection, attempts[1]))
        wait_for_lock(database)
        one_side.commit()
        assert not isinstance(waiting.result(5), effects.Send)
    assert effect_row(database)["sends"] == 2
