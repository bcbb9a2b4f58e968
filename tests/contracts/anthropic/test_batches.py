"""Many pairs in one batch: handed over, found again by its questions' names, and collected."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contracts.anthropic.conftest import REQUEST
from tests.factories.emulators import AnthropicEmulator
from worker.contracts.judging_batches import BatchJudge
from worker.contracts.usage import Unusable
from worker.kit.errors import Misconfigured, Refused, Retryable
from worker.providers.anthropic.batches import AnthropicBatches

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
OTHER = replace(REQUEST, candidate={"cv": "Kubernetes"}, locale="en")


@pytest.fixture
def batches(make: Callable[..., Any]) -> BatchJudge:
    found: BatchJudge = make(AnthropicBatches)
    return found


def hand_over(batches: BatchJudge, *names: str) -> str:
    return batches.submit(batches.compose({name: (REQUEST, OTHER)[place % 2] for place, name in enumerate(names)}))


def test_a_batch_is_answered_by_the_names_of_its_questions(batches: BatchJudge, anthropic: AnthropicEmulator) -> None:
    anthropic.faults(batch_pending=1.0)
    batch = hand_over(batches, "mark-0", "mark-1")
    assert batches.collect(batch) is None
    anthropic.faults()
    found = batches.collect(batch)
    assert found is not None
    first, second = (found[name].judgement for name in ("mark-0", "mark-1"))
    assert first is not None
    assert second is not None
    assert (first.matched, first.missing) == (("Python",), ("Kubernetes",))
    assert (second.matched, second.strengths) == (("Kubernetes",), ("knowledge of Kubernetes",))
    assert found["mark-0"].usage == first.usage


def test_a_batch_is_found_again_by_its_mark(batches: BatchJudge, anthropic: AnthropicEmulator) -> None:
    assert batches.find("mark-", LONG_AGO, ()) is None
    known = [hand_over(batches, f"other-{number}") for number in range(3)]
    ours = hand_over(batches, "mark-0", "mark-1")
    with pytest.raises(Retryable, match="whose it is"):
        batches.find("mark-", LONG_AGO, known)
    batches.collect(ours)
    assert batches.find("mark-", LONG_AGO, known) == ours
    assert batches.find("mark-", LONG_AGO, [*known, ours]) is None
    assert batches.find("mark-", datetime.now(UTC) + timedelta(hours=1), ()) is None


def test_a_batch_whose_answer_was_lost_is_there(batches: BatchJudge, anthropic: AnthropicEmulator) -> None:
    anthropic.faults(drop_after=1.0)
    with pytest.raises(Retryable) as caught:
        hand_over(batches, "mark-0")
    assert caught.value.code == "provider.no_answer"
    anthropic.faults()
    [kept] = anthropic.get("anthropic/batches")["batches"]
    batches.collect(kept["id"])
    assert batches.find("mark-", LONG_AGO, ()) == kept["id"]


def test_a_question_without_an_answer_has_none(batches: BatchJudge, anthropic: AnthropicEmulator) -> None:
    anthropic.faults(batch_expires=1.0, times=1)
    found = batches.collect(hand_over(batches, "mark-0", "mark-1"))
    assert found is not None
    assert (found["mark-0"].judgement, found["mark-0"].usage) != (found["mark-1"].judgement, found["mark-1"].usage)
    anthropic.faults(cut_off=1.0, output_tokens=500)
    found = batches.collect(hand_over(batches, "mark-0"))
    assert found is not None
    assert found["mark-0"].judgement is None
    assert found["mark-0"].usage is not None
    assert found["mark-0"].usage.output_tokens == 500


def test_what_goes_wrong_is_told_apart(
    make: Callable[..., Any], batches: BatchJudge, anthropic: AnthropicEmulator
) -> None:
    with pytest.raises(Refused, match="custom_id"):
        hand_over(batches, "é")
    with pytest.raises(Misconfigured):
        hand_over(make(AnthropicBatches, api_key="sk-ant-invalid"), "mark-0")
    batch = hand_over(batches, "mark-0")
    for fault in ("html_200", "overloaded"):
        anthropic.faults(**{fault: 1.0})
        for ask in (lambda: batches.collect(batch), lambda: batches.find("m", LONG_AGO, ()) or hand_over(batches, "a")):
            with pytest.raises(Retryable):
                ask()


def test_results_are_fetched_from_the_api_alone(
    make: Callable[..., Any], batches: BatchJudge, anthropic: AnthropicEmulator
) -> None:
    """The emulator names the address by which a batch was handed over."""
    batch = hand_over(batches, "mark-0")
    elsewhere = make(AnthropicBatches, anthropic.url.replace("127.0.0.1", "localhost") + "/anthropic")
    with pytest.raises(Unusable, match="foreign address"):
        elsewhere.collect(batch)
