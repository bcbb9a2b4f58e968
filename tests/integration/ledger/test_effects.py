"""An effect happens once: what every attempt finds, and what it does about it."""

import json
from uuid import UUID

import pytest
from typing_extensions import override

from tests.factories.ledger import (
    SEND,
    age_effect,
    attempt,
    change,
    claim_one,
    effect_row,
    intend,
    one,
    run_row,
    seconds_ahead,
    transact,
    write,
)
from tests.factories.sample_effects import Provider, SampleAsk, SampleLookup, SampleReplay, sample_row
from worker.kit.database import Database
from worker.kit.errors import (
    Doubtful,
    Misconfigured,
    NeedsReconnect,
    NotSent,
    Permanent,
    RateLimited,
    Refused,
    Retryable,
    RunError,
    UnknownOutcome,
    Unreachable,
)
from worker.ledger import controls, effects
from worker.ledger.apply import apply_outcome
from worker.ledger.outcomes import Done, Json
from worker.ledger.plans import Effect, Limit

UNKNOWN = UnknownOutcome("The answer never came.")


class Unstorable(SampleReplay):
    """Its provider's answer holds what Postgres cannot."""

    @override
    def call(self, effect: Effect, body: bytes, prepared: str, deadline: float) -> Json:
        return {"id": "a\0b", "more": ["\ud83d", {"k\0": 1}]}


def test_one_send_one_application(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider()
    plan = SampleReplay(provider)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["result"]) == ("succeeded", {"reference": {"id": "post-1"}})
    assert (effect_row(database)["state"], sample_row(database)["applied"], len(provider.calls)) == ("done", 1, 1)
    assert 0 < plan.deadlines[0] <= effects.SEND_WITHIN


def test_nothing_is_sent_when_the_lease_would_not_outlast_the_call(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    change(database, "update workers set expires_at = now() + interval '15 seconds'")
    provider = Provider()
    assert attempt(database, worker, run_id, SampleReplay(provider))["state"] == "queued"
    assert (provider.calls, one(database, "select count(*) as n from effects")["n"]) == ([], 0)


def test_three_looks_before_a_second_send(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleLookup(provider)
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
    plan = SampleLookup(provider)
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    provider.shown = {"id": "post-1"}
    age_effect(database, 480)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["result"], len(provider.calls)) == ("succeeded", {"reference": {"id": "post-1"}}, 1)


@pytest.mark.parametrize("blind", [Retryable("Busy."), Unreachable("Away."), UNKNOWN])
def test_a_look_that_fails_costs_no_attempt(database: Database, worker: UUID, run_id: UUID, blind: RunError) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleLookup(provider)
    first = attempt(database, worker, run_id, plan)
    provider.blind = blind
    for age, pause in ((30, 3), (3600, 363), (36_000, 600)):
        age_effect(database, age)
        row = attempt(database, worker, run_id, plan)
        assert (row["state"], row["attempt"], row["error"]["message"]) == ("queued", first["attempt"], str(blind))
        assert seconds_ahead(database, run_id) == pytest.approx(pause, abs=2)
    provider.blind, provider.shown = None, {"id": "post-1"}
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], provider.looks, len(provider.calls)) == ("succeeded", 4, 1)


def test_looks_that_fail_for_more_than_a_day_count(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleLookup(provider)
    first = attempt(database, worker, run_id, plan)
    provider.blind = Retryable("Busy.")
    age_effect(database, effects.FAILED_LOOKS_ARE_FREE)
    assert attempt(database, worker, run_id, plan)["attempt"] == first["attempt"] + 1


def test_a_provider_that_names_its_pause_is_not_asked_sooner(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleLookup(provider)
    attempt(database, worker, run_id, plan)
    provider.blind = Retryable("Busy.", after=1200.0)
    age_effect(database, 30)
    attempt(database, worker, run_id, plan)
    assert seconds_ahead(database, run_id) == pytest.approx(1200, abs=2)


def test_looks_start_anew_after_a_second_send(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN, UNKNOWN)
    plan = SampleLookup(provider)
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90, 480):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    attempt(database, worker, run_id, plan)
    assert (len(provider.calls), provider.looks, effect_row(database)["looks"]) == (2, 3, 0)

    attempt(database, worker, run_id, plan)
    assert seconds_ahead(database, run_id) == pytest.approx(30, abs=2)
    assert (len(provider.calls), provider.looks) == (2, 3)


def test_a_repeat_sends_the_frozen_bytes(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleReplay(provider)
    attempt(database, worker, run_id, plan)
    change(database, "update test_samples set text = 'changed meanwhile'")
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (provider.calls[0], plan.frozen) == (provider.calls[1], 1)


def test_outside_the_keys_window_only_a_person_can_tell(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = SampleReplay(provider)
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
        (Misconfigured("The key is wrong.", provider="test"), "cleared"),
        (Doubtful("The key is taken."), "intended"),
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
    attempt(database, worker, run_id, SampleReplay(Provider(error)))
    assert effect_row(database)["state"] == state


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("Slow down.", after=5.0),
        Unreachable("No connection."),
        NotSent("Too late."),
        NeedsReconnect("The token is dead.", gate="test:1"),
        Misconfigured("The key is wrong.", provider="test"),
    ],
)
def test_what_was_proven_not_sent_is_made_anew(
    database: Database, worker: UUID, run_id: UUID, error: Exception
) -> None:
    provider = Provider(error)
    plan = SampleReplay(provider)
    assert attempt(database, worker, run_id, plan)["state"] == "queued"
    change(database, "update test_samples set text = 'changed meanwhile'")
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert [json.loads(each)["text"] for each in provider.calls] == ["first", "changed meanwhile"]
    assert len(set(plan.keys)) == 2


def test_a_key_holds_when_its_row_was_written(database: Database, worker: UUID, run_id: UUID) -> None:
    plan = SampleReplay(Provider())
    attempt(database, worker, run_id, plan)
    change(database, "delete from effects")
    change(database, "update test_samples set created_at = created_at + interval '1 microsecond'")
    [again] = write(database, task=SEND)
    attempt(database, worker, again, plan)
    first, second = plan.keys
    assert first.rpartition("/")[0] == second.rpartition("/")[0] == "sample:1:create/0"
    assert int(second.rpartition("/")[2]) - int(first.rpartition("/")[2]) == 1


def test_a_key_that_stands_for_other_content_proves_nothing(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(Doubtful("The key is taken.", code="provider.key_conflict"))
    row = attempt(database, worker, run_id, SampleReplay(provider))
    assert (row["state"], row["error"]["code"]) == ("uncertain", "provider.key_conflict")
    assert (effect_row(database)["state"], sample_row(database)["generation"]) == ("intended", 0)


def test_a_reference_that_cannot_be_stored_is_stored_without_what_prevents_it(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    row = attempt(database, worker, run_id, Unstorable(Provider()))
    assert row["result"] == {"reference": {"id": "ab", "more": ["", {"k": 1}]}}


@pytest.mark.parametrize("error", [Permanent("No such \0 place."), ValueError("half \ud83d a character")])
def test_a_failure_that_cannot_be_stored_is_stored_without_what_prevents_it(
    database: Database, worker: UUID, run_id: UUID, error: Exception
) -> None:
    row = attempt(database, worker, run_id, SampleReplay(Provider(error)))
    assert row["error"]["message"] in ("No such  place.", "An unexpected fault: ValueError.")
    fault = one(database, "select message, traceback from task_attempts where run_id = %s", run_id)
    assert fault["message"] == row["error"]["message"]


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("Slow down.", after=5.0),
        NeedsReconnect("The token is dead.", gate="test:1"),
        Misconfigured("The key is wrong.", provider="test"),
        Unreachable("No connection."),
        NotSent("Too late."),
        Retryable("The provider stumbled."),
        UNKNOWN,
    ],
)
def test_a_repeat_proves_nothing(database: Database, worker: UUID, run_id: UUID, error: Exception) -> None:
    provider = Provider(UNKNOWN, error)
    plan = SampleReplay(provider)
    attempt(database, worker, run_id, plan)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], effect_row(database)["state"], sample_row(database)["generation"]) == (
        "queued",
        "intended",
        0,
    )
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (len(set(provider.calls)), len(provider.calls)) == (1, 3)


@pytest.mark.parametrize(
    "error",
    [RateLimited("Slow down.", after=5.0), Unreachable("No connection."), Misconfigured("No.", provider="test")],
)
def test_what_a_person_sends_anew_stays_the_same_until_it_is_carried_out(
    database: Database, worker: UUID, run_id: UUID, error: Exception
) -> None:
    """The person may be wrong: the provider must know the first send again, whatever a later one is told."""
    provider = Provider(UNKNOWN, error)
    plan = SampleAsk(provider)
    attempt(database, worker, run_id, plan)
    assert attempt(database, worker, run_id, plan)["state"] == "uncertain"
    transact(
        database, lambda connection: controls.resolve(connection, run_id, happened=False, reason="test", actor="user:7")
    )
    change(database, "update test_samples set text = 'changed meanwhile'")
    assert attempt(database, worker, run_id, plan)["state"] == "queued"
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (len(provider.calls), len(set(provider.calls)), len(set(plan.keys))) == (3, 1, 1)
    assert sample_row(database)["generation"] == 0


def test_a_rate_limit_pushes_everybody_back(database: Database, worker: UUID, run_id: UUID) -> None:
    plan = SampleReplay(Provider(RateLimited("Slow down.", after=40.0)), Limit("test", 100.0))
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["attempt"]) == ("queued", 0)
    assert seconds_ahead(database, run_id) == pytest.approx(40, abs=2)
    ahead = one(database, "select extract(epoch from next_at - now())::float8 as s from rate_limits")["s"]
    assert ahead == pytest.approx(40, abs=2)


def test_a_refusal_closes_the_generation(database: Database, worker: UUID, run_id: UUID) -> None:
    row = attempt(database, worker, run_id, SampleReplay(Provider(Refused("The text is too long."))))
    assert (row["state"], row["error"]["message"]) == ("failed", "The text is too long.")
    assert (effect_row(database)["state"], sample_row(database)["generation"]) == ("refused", 1)
    [again] = write(database, task=SEND)
    assert attempt(database, worker, again, SampleReplay(Provider()))["state"] == "succeeded"


def test_a_refusal_of_a_repeat_counts_only_where_the_provider_remembers_the_key(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    plan = SampleReplay(Provider(UNKNOWN, Refused("The text is too long.")))
    attempt(database, worker, run_id, plan)
    assert attempt(database, worker, run_id, plan)["state"] == "failed"
    assert effect_row(database)["state"] == "refused"


def test_a_refusal_of_a_repeat_is_no_proof_where_the_provider_only_can_be_asked(
    database: Database, worker: UUID, run_id: UUID
) -> None:
    provider = Provider(UNKNOWN, Refused("There is such a post."))
    plan = SampleLookup(provider)
    attempt(database, worker, run_id, plan)
    for seconds in (30, 90, 480):
        age_effect(database, seconds)
        attempt(database, worker, run_id, plan)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], effect_row(database)["state"], sample_row(database)["generation"]) == (
        "uncertain",
        "intended",
        0,
    )


def test_an_operation_waits_for_the_unsettled_one_of_its_row(database: Database, worker: UUID, run_id: UUID) -> None:
    create, cancel = Provider(UNKNOWN), Provider()
    attempt(database, worker, run_id, SampleReplay(create))
    [second] = write(database, task=SEND)
    removing = SampleReplay(cancel, operation="cancel")
    row = attempt(database, worker, second, removing)
    assert (row["state"], row["attempt"], cancel.calls) == ("queued", 0, [])
    assert seconds_ahead(database, second) == pytest.approx(30, abs=2)

    attempt(database, worker, run_id, SampleReplay(create))
    assert attempt(database, worker, second, removing)["state"] == "succeeded"
    assert len(cancel.calls) == 1


def test_a_generation_waits_for_the_unsettled_one_before(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    attempt(database, worker, run_id, SampleAsk(provider))
    change(database, "update test_samples set generation = 1")
    [second] = write(database, task=SEND)
    assert attempt(database, worker, second, SampleReplay(provider))["state"] == "queued"
    assert len(provider.calls) == 1


def test_a_run_with_an_open_effect_cannot_succeed(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    intend(database, run, SampleReplay(Provider()))
    transact(database, lambda connection: apply_outcome(connection, run, Done({"well": "no"}), ran=0.1))
    row = run_row(database, run_id)
    assert (row["state"], row["error"]["code"]) == ("uncertain", "effect.uncertain")
