"""The pieces of a plan: what is prepared, what is frozen, which limits hold, and what a policy allows."""

import json
from uuid import UUID

import pytest
from sqlalchemy import Connection
from typing_extensions import override

from tests.factories.ledger import (
    age_effect,
    attempt,
    claim_one,
    effect_row,
    intend,
    kill,
    new_worker,
    one,
    run_row,
    seconds_ahead,
    transact,
)
from tests.factories.sample_effects import Provider, SampleAsk, SampleLookup, SampleReplay, sample_row
from worker.kit.database import Database
from worker.kit.errors import NeedsReconnect, Permanent, Retryable, UnknownOutcome
from worker.ledger.gates import open_gate
from worker.ledger.outcomes import Recorded
from worker.ledger.plans import Effect, Frozen

UNKNOWN = UnknownOutcome("The answer never came.")
LOST = NeedsReconnect("The account has to be connected again.", gate="account:1")


class Disconnected(SampleReplay):
    """Its preparation fails while `fault` is set."""

    fault: Exception | None = LOST

    @override
    def prepare(self) -> str:
        if self.fault:
            raise self.fault
        return super().prepare()


class Digested(SampleReplay):
    """Its evidence is a digest; the body is kept beside the business row, as mails are."""

    @override
    def freeze(self, connection: Connection, prepared: str) -> Frozen | Recorded:
        frozen = super().freeze(connection, prepared)
        assert isinstance(frozen, Frozen)
        return Frozen(b"digest", frozen.body)

    @override
    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        assert effect.evidence == b"digest"
        return b"as it was frozen"


def test_a_lost_connection_parks_the_run_until_its_gate_opens(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider()
    plan = Disconnected(provider)
    for _ in range(2):
        row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["gate"], row["attempt"]) == ("queued", "account:1", 0)
    assert seconds_ahead(database, run_id) > 3000
    assert (plan.frozen, one(database, "select count(*) as n from effects")["n"]) == (0, 0)

    plan.fault = None
    transact(database, lambda connection: open_gate(connection, "account:1"))
    assert seconds_ahead(database, run_id) <= 0
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (len(provider.calls), sample_row(database)["applied"]) == (1, 1)


@pytest.mark.parametrize("fault", [LOST, Permanent("No."), ZeroDivisionError("A fault of ours.")])
def test_an_answer_on_record_is_applied_though_nothing_can_be_prepared(
    database: Database, worker: UUID, run_id: UUID, fault: Exception
) -> None:
    provider = Provider(lambda: kill(database, worker))
    plan = Disconnected(provider)
    plan.fault = None
    assert attempt(database, worker, run_id, plan)["state"] == "queued"
    assert effect_row(database)["state"] == "done"

    plan.fault = fault
    row = attempt(database, new_worker(database), run_id, plan)
    assert (row["state"], row["result"]) == ("succeeded", {"reference": {"id": "post-1"}})
    assert (len(provider.calls), sample_row(database)["applied"]) == (1, 1)


@pytest.mark.parametrize(("fault", "state"), [(LOST, "queued"), (Permanent("No."), "uncertain")])
def test_a_send_in_doubt_stays_open_while_nothing_can_be_prepared(
    database: Database, worker: UUID, run_id: UUID, fault: Exception, state: str
) -> None:
    plan = Disconnected(Provider(UNKNOWN))
    plan.fault = None
    attempt(database, worker, run_id, plan)
    plan.fault = fault
    assert attempt(database, worker, run_id, plan)["state"] == state
    assert (effect_row(database)["state"], effect_row(database)["sends"]) == ("intended", 1)


def test_a_preparation_that_may_work_later_counts_as_an_attempt(database: Database, worker: UUID, run_id: UUID) -> None:
    plan = Disconnected(Provider())
    plan.fault = Retryable("The upload was cut off.", after=7.0)
    row = attempt(database, worker, run_id, plan)
    assert (row["state"], row["attempt"]) == ("queued", 1)
    assert seconds_ahead(database, run_id) == pytest.approx(7, abs=2)


def test_a_repeat_sends_the_body_that_is_kept_elsewhere(database: Database, worker: UUID, run_id: UUID) -> None:
    provider = Provider(UNKNOWN)
    plan = Digested(provider)
    attempt(database, worker, run_id, plan)
    assert bytes(effect_row(database)["request"]) == b"digest"
    assert attempt(database, worker, run_id, plan)["state"] == "succeeded"
    assert (provider.calls, plan.frozen) == ([json.dumps({"text": "first"}).encode(), b"as it was frozen"], 1)


def test_a_plan_that_can_no_longer_look_leaves_it_to_a_person(database: Database, worker: UUID, run_id: UUID) -> None:
    attempt(database, worker, run_id, SampleLookup(Provider(UNKNOWN)))
    age_effect(database, 3600)
    provider = Provider()
    assert attempt(database, worker, run_id, SampleAsk(provider))["state"] == "uncertain"
    assert provider.calls == []


def test_the_window_of_a_replay_is_on_record(database: Database, worker: UUID, run_id: UUID) -> None:
    run = claim_one(database, worker, run_id)
    intend(database, run, SampleReplay(Provider()))
    assert (effect_row(database)["policy"], effect_row(database)["provider_key_seconds"]) == ("replay", 3600)
    assert run_row(database, run_id)["state"] == "running"
