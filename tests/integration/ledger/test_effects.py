"""An effect happens once: what every attempt finds, and what it does about it."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.integration.ledger.support import (
    SEND,
    Hand,
    Posting,
    Provider,
    age_effect,
    attempt,
    change,
    claim_one,
    effect_row,
    kill,
    new_worker,
    one,
    posting,
    posting_table,
    prepare,
    run_row,
    seconds_ahead,
    transact,
    wait_for_lock,
    write,
)
from worker.kit.database import Database
from worker.kit.errors import (
    LeaseLost,
    NeedsReconnect,
    NotSent,
    Permanent,
    RateLimited,
    Refused,
    Retryable,
    UnknownOutcome,
    Unreachable,
)
from worker.ledger import effects, record, rescue, settle
from worker.ledger.outcomes import Done, Effect, Run

UNKNOWN = UnknownOutcome("The answer never came.")


@pytest.fixture
def worker(database: Database) -> Iterator[UUID]:
    with posting_table(database):
        yield prepare(database, SEND)


@pytest.fixture
def run_id(database: Database, worker: UUID) -> UUID:
    [run_id] = write(database, task=SEND)
    return run_id


def intend(database: Database, run: Run, plan: Posting) -> effects.Step:
    return transact(database, lambda connection: effects.intend(connection, run, plan))


def note(database: Database, effect: Effect, identifier: str) -> Effect:
    return transact(database, lambda connection: effects.note_reference(connection, effect, {"id": identifier}))


def ask_to_cancel(database: Database, run_id: UUID) -> None:
    change(database, "update task_runs set cancel_requested_at = now() where id = %s", run_id)


def test_one_send_one_application(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider()
    plan = Posting(provider)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["result"]) == ("succeeded", {"reference": {"id": "post-1"}})
    assert (effect_row(database)["state"], posting(database)["applied"], len(provider.calls)) == ("done", 1, 1)
    assert 0 < plan.deadlines[0] <= effects.SEND_WITHIN


def test_the_reference_outlives_the_fence(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(lambda: kill(database, worker))
    row = attempt(database, worker, run_id, Posting(provider))
    assert (row["state"], row["rescues"], row["attempt"]) == ("queued", 1, 0)
    assert (effect_row(database)["reference"], posting(database)["applied"]) == ({"id": "post-1"}, 0)

    row = attempt(database, new_worker(database), run_id, Posting(provider))
    assert (row["state"], len(provider.calls), posting(database)["applied"]) == ("succeeded", 1, 1)


def test_a_frozen_worker_that_wakes_writes_nothing_but_the_reference(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    frozen = claim_one(database, worker, run_id)
    step = intend(database, frozen, Posting(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    row = attempt(database, new_worker(database), run_id, Posting(Provider()))
    assert (row["state"], effect_row(database)["sends"]) == ("succeeded", 2)

    with pytest.raises(LeaseLost):
        transact(database, lambda connection: record.lock(connection, [frozen]))
    with pytest.raises(LeaseLost):
        transact(database, lambda connection: settle.outcome(connection, frozen, Done({"late": True}), ran=1.0))
    with pytest.raises(LeaseLost):
        intend(database, frozen, Posting(Provider()))
    assert not transact(database, lambda connection: effects.close(connection, frozen, step.effect, "cleared"))
    assert run_row(database, run_id)["result"] == {"reference": {"id": "post-1"}}


def test_nothing_is_sent_when_the_lease_would_not_outlast_the_call(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    change(database, "update workers set expires_at = now() + interval '15 seconds'")
    provider = Provider()
    assert attempt(database, worker, run_id, Posting(provider))["state"] == "running"
    assert (provider.calls, one(database, "select count(*) as n from effects")["n"]) == ([], 0)


def test_an_intent_whose_commit_was_not_heard_counts_one_send(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    plan = Posting(Provider(), policy="ask")
    first, again = intend(database, run, plan), intend(database, run, plan)
    assert isinstance(first, effects.Send)
    assert isinstance(again, effects.Send)
    assert again.effect == first.effect
    assert (effect_row(database)["sends"], plan.frozen) == (1, 1)


def test_three_looks_before_a_second_send(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider, policy="lookup")
    attempt(database, worker, run_id, plan)
    since = 0
    for look, wait in enumerate((30, 120, 600)):
        attempt(database, worker, run_id, plan)
        assert seconds_ahead(database, run_id) == pytest.approx(wait - since, abs=2)
        assert (provider.looks, len(provider.calls)) == (look, 1)
        age_effect(database, wait - since)
        since = wait
        attempt(database, worker, run_id, plan)
        assert (provider.looks, len(provider.calls)) == (look + 1, 1)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], provider.looks, len(provider.calls)) == ("succeeded", 3, 2)


def test_the_provider_shows_the_first_post_late(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider, policy="lookup")
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    provider.shown = {"id": "post-1"}
    age_effect(database, 480)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["result"], len(provider.calls)) == ("succeeded", {"reference": {"id": "post-1"}}, 1)


def test_looks_start_anew_after_a_second_send(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN, UNKNOWN)
    plan = Posting(provider, policy="lookup")
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90, 480):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    attempt(database, worker, run_id, plan)
    assert (len(provider.calls), provider.looks, effect_row(database)["looks"]) == (2, 3, 0)

    attempt(database, worker, run_id, plan)
    assert seconds_ahead(database, run_id) == pytest.approx(30, abs=2)
    assert (len(provider.calls), provider.looks) == (2, 3)


def test_two_runs_on_one_business_key(database: Database, worker: UUID, run_id: UUID) -> None:
    [second] = write(database, task=SEND)
    other = new_worker(database)
    seen: list[tuple[str, int]] = []

    def meanwhile() -> None:
        row = attempt(database, other, second, Posting(provider))
        seen.append((row["state"], len(provider.calls)))

    provider = Provider(meanwhile)
    first_row = attempt(database, worker, run_id, Posting(provider))
    assert seen == [("queued", 1)]
    row = attempt(database, other, second, Posting(provider))
    assert (first_row["state"], row["state"], row["result"]) == (
        "succeeded",
        "succeeded",
        {"applied": "by another run"},
    )
    assert (len(provider.calls), posting(database)["applied"]) == (1, 1)


def test_a_run_that_takes_an_effect_over_frees_the_uncertain_one(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider)
    change(database, "update task_runs set max_attempts = 1 where id = %s", run_id)
    assert attempt(database, worker, run_id, plan)["state"] == "uncertain"

    [second] = write(database, task=SEND)
    assert attempt(database, worker, second, plan)["state"] == "succeeded"
    assert run_row(database, run_id)["state"] == "queued"
    assert attempt(database, worker, run_id, plan)["result"] == {"applied": "by another run"}
    assert (len(provider.calls), posting(database)["applied"]) == (2, 1)


def test_a_late_writer_does_not_overwrite_the_reference(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    attempt(database, new_worker(database), run_id, Posting(Provider()))

    assert note(database, step.effect, "late").reference == {"id": "post-1"}
    row = effect_row(database)
    assert (row["reference"], row["others"]) == ({"id": "post-1"}, [{"id": "late"}])
    note(database, step.effect, "post-1")
    assert effect_row(database)["others"] == [{"id": "late"}]


def test_the_first_reference_is_the_one_applied(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)
    provider = Provider(lambda: note(database, step.effect, "early"))
    row = attempt(database, new_worker(database), run_id, Posting(provider))
    assert row["result"] == {"reference": {"id": "early"}}
    assert (posting(database)["reference"], effect_row(database)["others"]) == ({"id": "early"}, [{"id": "post-1"}])


def test_a_repeat_sends_the_frozen_bytes(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider)
    attempt(database, worker, run_id, plan)
    change(database, "update test_postings set text = 'changed meanwhile'")
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (provider.calls[0], plan.frozen) == (provider.calls[1], 1)


def test_outside_the_keys_window_only_a_person_can_tell(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider, window=3600)
    attempt(database, worker, run_id, plan)
    age_effect(database, 3601)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["error"]["code"], len(provider.calls)) == ("uncertain", "effect.uncertain", 1)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RateLimited("Slow down.", after=5.0), "cleared"),
        (Unreachable("No connection."), "cleared"),
        (NotSent("Too late."), "cleared"),
        (NeedsReconnect("The token is dead.", gate="test:1"), "cleared"),
        (Permanent("No such organisation."), "cleared"),
        (Refused("Not allowed."), "refused"),
        (Retryable("The provider stumbled."), "intended"),
        (UNKNOWN, "intended"),
        (ValueError("the answer could not be read"), "intended"),
    ],
)
def test_what_an_error_of_the_first_send_proves(
    database: Database, worker: UUID, run_id: UUID, error: Exception, state: str
) -> None:
    attempt(database, worker, run_id, Posting(Provider(error)))
    assert effect_row(database)["state"] == state


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("Slow down.", after=5.0),
        NeedsReconnect("The token is dead.", gate="test:1"),
        Unreachable("No connection."),
        NotSent("Too late."),
        Retryable("The provider stumbled."),
        UNKNOWN,
    ],
)
def test_a_repeat_proves_nothing(database: Database, worker: UUID, run_id: UUID, error: Exception) -> None:
    provider = Provider(UNKNOWN, error)
    plan = Posting(provider)
    attempt(database, worker, run_id, plan)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], effect_row(database)["state"], posting(database)["generation"]) == ("queued", "intended", 0)
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (len(set(provider.calls)), len(provider.calls)) == (1, 3)


def test_a_rate_limit_pushes_everybody_back(database: Database, worker: UUID, run_id: UUID) -> None:
    row = attempt(database, worker, run_id, Posting(Provider(RateLimited("Slow down.", after=40.0))))
    assert (row["state"], row["attempt"]) == ("queued", 0)
    assert seconds_ahead(database, run_id) == pytest.approx(40, abs=2)
    ahead = one(database, "select extract(epoch from next_at - now())::float8 as s from rate_limits")["s"]
    assert ahead == pytest.approx(40, abs=2)


def test_a_refusal_closes_the_generation(database: Database, worker: UUID, run_id: UUID) -> None:
    row = attempt(database, worker, run_id, Posting(Provider(Refused("The text is too long."))))
    assert (row["state"], row["error"]["message"]) == ("failed", "The text is too long.")
    assert (effect_row(database)["state"], posting(database)["generation"]) == ("refused", 1)
    [again] = write(database, task=SEND)
    assert attempt(database, worker, again, Posting(Provider()))["state"] == "succeeded"


def test_a_refusal_of_a_repeat_counts_only_where_the_provider_remembers_the_key(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    plan = Posting(Provider(UNKNOWN, Refused("The text is too long.")))
    attempt(database, worker, run_id, plan)
    assert attempt(database, worker, run_id, plan)["state"] == "failed"
    assert effect_row(database)["state"] == "refused"


def test_a_refusal_of_a_repeat_is_no_proof_where_the_provider_only_can_be_asked(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    provider = Provider(UNKNOWN, Refused("There is such a post."))
    plan = Posting(provider, policy="lookup")
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90, 480):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], effect_row(database)["state"], posting(database)["generation"]) == (
        "uncertain",
        "intended",
        0,
    )


def test_a_refusal_that_crosses_a_late_answer(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    kill(database, worker)

    def answered_then_refused() -> None:
        note(database, step.effect, "late")
        raise Refused("Such a request was made before.")

    other = new_worker(database)
    row = attempt(database, other, run_id, Posting(Provider(answered_then_refused)))
    assert (row["state"], effect_row(database)["state"], posting(database)["generation"]) == ("queued", "done", 0)
    assert attempt(database, other, run_id, Posting(Provider()))["result"] == {"reference": {"id": "late"}}


def test_an_operation_waits_for_the_unsettled_one_of_its_row(database: Database, worker: UUID, run_id: UUID) -> None:
    create, cancel = Provider(UNKNOWN), Provider()
    attempt(database, worker, run_id, Posting(create))
    [second] = write(database, task=SEND)
    removing = Posting(cancel, operation="cancel")
    row = attempt(database, worker, second, removing)
    assert (row["state"], row["attempt"], cancel.calls) == ("queued", 0, [])
    assert seconds_ahead(database, second) == pytest.approx(30, abs=2)

    attempt(database, worker, run_id, Posting(create))
    assert attempt(database, worker, second, removing)["state"] == "succeeded"
    assert len(cancel.calls) == 1


def test_a_generation_waits_for_the_unsettled_one_before(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    attempt(database, worker, run_id, Posting(provider, policy="ask"))
    change(database, "update test_postings set generation = 1")
    [second] = write(database, task=SEND)
    assert attempt(database, worker, second, Posting(provider))["state"] == "queued"
    assert len(provider.calls) == 1


def test_cancel_asked_while_the_create_is_unsettled(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Posting(provider)
    attempt(database, worker, run_id, plan)
    run = claim_one(database, worker, run_id)
    ask_to_cancel(database, run_id)

    def third_attempt() -> None:
        step = intend(database, run, plan)
        assert not isinstance(step, effects.Send | effects.Known | effects.Look)
        transact(database, lambda connection: settle.outcome(connection, run, step, ran=0.0))

    third_attempt()
    assert (run_row(database, run_id)["state"], len(provider.calls)) == ("uncertain", 1)


def test_cancel_asked_before_the_first_send(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    ask_to_cancel(database, run_id)
    step = intend(database, run, Posting(Provider()))
    transact(database, lambda connection: settle.outcome(connection, run, step, ran=0.0))  # type: ignore[arg-type]
    assert run_row(database, run_id)["state"] == "cancelled"


def test_cancel_asked_during_the_call_comes_too_late(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(lambda: ask_to_cancel(database, run_id))
    assert attempt(database, worker, run_id, Posting(provider))["state"] == "succeeded"


@pytest.mark.parametrize(("policy", "intent", "state"), [("replay", True, "uncertain"), ("replay", False, "cancelled")])
def test_cancel_asked_and_the_child_killed(
    database: Database, worker: UUID, run_id: UUID, policy: str, intent: bool, state: str
) -> None:
    run = claim_one(database, worker, run_id)
    if intent:
        intend(database, run, Posting(Provider(), policy=policy))
    ask_to_cancel(database, run_id)
    assert kill(database, worker) == 1
    row = run_row(database, run_id)
    assert (row["state"], row["lease"], row["error"]["code"]) == (
        state,
        None,
        "effect.uncertain" if intent else "run.cancelled",
    )


def test_a_late_answer_brings_an_uncertain_run_back(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    ask_to_cancel(database, run_id)
    kill(database, worker)
    assert run_row(database, run_id)["state"] == "uncertain"

    note(database, step.effect, "late")
    row = run_row(database, run_id)
    assert (row["state"], row["cancel_requested_at"], row["error"]) == ("queued", None, None)
    provider = Provider()
    assert attempt(database, new_worker(database), run_id, Posting(provider))["state"] == "succeeded"
    assert (provider.calls, posting(database)["applied"]) == ([], 1)


def test_a_known_answer_is_written_down_though_cancel_was_asked_and_the_child_killed(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    note(database, step.effect, "known")
    ask_to_cancel(database, run_id)
    kill(database, worker)
    assert run_row(database, run_id)["state"] == "queued"
    assert attempt(database, new_worker(database), run_id, Posting(Provider()))["state"] == "succeeded"
    assert posting(database)["reference"] == {"id": "known"}


def test_an_answer_that_crosses_the_end_of_its_run_is_found(database: Database, worker: UUID, run_id: UUID) -> None:
    step = intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    assert isinstance(step, effects.Send)
    ask_to_cancel(database, run_id)
    with Hand(database) as zombie:
        zombie.do(lambda connection: effects.note_reference(connection, step.effect, {"id": "late"}))
        kill(database, worker)
        zombie.commit()
    assert (run_row(database, run_id)["state"], effect_row(database)["state"]) == ("uncertain", "done")
    rescue.rescue(database, lease=60)
    assert run_row(database, run_id)["state"] == "queued"


@pytest.mark.parametrize("first_commits", [True, False])
def test_two_runs_apply_one_effect_once(database: Database, worker: UUID, run_id: UUID, first_commits: bool) -> None:
    [second] = write(database, task=SEND)
    runs = [claim_one(database, worker, each) for each in (run_id, second)]
    step = intend(database, runs[0], Posting(Provider()))
    assert isinstance(step, effects.Send)
    effect = note(database, step.effect, "post-1")
    with Hand(database) as one_hand, Hand(database) as other:
        for hand, run in ((one_hand, runs[0]), (other, runs[1])):
            hand.do(lambda connection, run=run: record.lock(connection, [run]))  # type: ignore[misc]
        assert one_hand.do(lambda connection: effects.mark_applied(connection, effect))
        waiting = other.start(lambda connection: effects.mark_applied(connection, effect))
        wait_for_lock(database)
        one_hand.commit() if first_commits else one_hand.roll_back()
        assert waiting.result(5) is not first_commits


def test_an_attempt_that_asks_does_not_deadlock_with_one_that_applies(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    [second] = write(database, task=SEND)
    applying, asking = (claim_one(database, worker, each) for each in (run_id, second))
    plan = Posting(Provider())
    step = intend(database, applying, plan)
    assert isinstance(step, effects.Send)
    effect = note(database, step.effect, "post-1")
    with Hand(database) as third, Hand(database) as first:
        third.do(lambda connection: record.lock(connection, [applying]))
        third.do(lambda connection: effects.mark_applied(connection, effect))
        assert isinstance(first.do(lambda connection: effects.intend(connection, asking, plan)), effects.Known)
        waiting = third.start(lambda connection: plan.apply(connection, effect))
        wait_for_lock(database)
        first.commit()
        assert isinstance(waiting.result(5), Done)


def test_two_attempts_cannot_both_take_an_abandoned_effect(database: Database, worker: UUID, run_id: UUID) -> None:
    intend(database, claim_one(database, worker, run_id), Posting(Provider()))
    kill(database, worker)
    other = new_worker(database)
    ids = write(database, 2, task=SEND)
    runs = [claim_one(database, other, each) for each in ids]
    with Hand(database) as one_hand, Hand(database) as second:
        step = one_hand.do(lambda connection: effects.intend(connection, runs[0], Posting(Provider())))
        assert isinstance(step, effects.Send)
        waiting = second.start(lambda connection: effects.intend(connection, runs[1], Posting(Provider())))
        wait_for_lock(database)
        one_hand.commit()
        assert not isinstance(waiting.result(5), effects.Send)
    assert effect_row(database)["sends"] == 2


def test_a_run_with_an_open_effect_cannot_succeed(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    intend(database, run, Posting(Provider()))
    transact(database, lambda connection: settle.outcome(connection, run, Done({"well": "no"}), ran=0.1))
    row = run_row(database, run_id)
    assert (row["state"], row["error"]["code"]) == ("uncertain", "effect.uncertain")


def test_a_slot_far_away_is_kept_and_nothing_is_frozen(database: Database, worker: UUID, run_id: UUID) -> None:
    change(database, "insert into rate_limits (name, next_at) values ('test', now() + interval '20 seconds')")
    provider = Provider()
    plan = Posting(provider, rate=2.0)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["attempt"], plan.frozen, provider.calls) == ("queued", 0, 0, [])
    assert seconds_ahead(database, run_id) == pytest.approx(20, abs=2)
    change(database, "update task_runs set reserved_at = now() where id = %s", run_id)
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
