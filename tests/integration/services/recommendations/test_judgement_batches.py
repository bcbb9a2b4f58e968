"""Pairs judged at night: in one batch per company, paid within its budget, handed over once, stored once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest

from tests.factories import main_web_app, scored_market
from tests.factories.emulators import AnthropicEmulator
from tests.integration.services.support import Platform
from worker.catalogue.recommendations import COLLECT_JUDGEMENTS, JUDGE_NIGHT, SCORE_JOB, SEND_JUDGEMENTS
from worker.kit.database import Row
from worker.services.recommendations.judgement_batches.choosing import make_batches
from worker.services.recommendations.open_offers import open_offer_cache


@pytest.fixture
def market(platform: Platform, anthropic: AnthropicEmulator) -> Iterator[Platform]:
    """Two undecided applications at one company's offer, scored by the formula; Claude's emulator is set."""
    open_offer_cache.forget()
    platform.app(scored_market.fill_profile)
    platform.app(scored_market.insert_offer)
    platform.app(lambda connection: main_web_app.insert_application(connection, 1, 1))
    platform.app(lambda connection: main_web_app.insert_application(connection, 1, 2))
    platform.connect_provider()
    run(platform, SCORE_JOB, job_id=1)
    connect(platform, anthropic)
    yield platform
    open_offer_cache.forget()


def connect(platform: Platform, anthropic: AnthropicEmulator, **changes: Any) -> None:
    platform.connect_provider(
        anthropic_api_key="sk-ant-test", anthropic_base_url=f"{anthropic.url}/anthropic", **changes
    )


def run(platform: Platform, task: Any, **payload: Any) -> Row:
    run_id = platform.enqueue(task, task.payload(**payload))
    platform.drain()
    return platform.run(run_id)


def due(platform: Platform) -> None:
    platform.change("update task_runs set run_at = now() where state = 'queued'")
    platform.drain()


def later(platform: Platform) -> None:
    """An hour has passed."""
    platform.change("update effects set intended_at = intended_at - interval '1 hour'")
    due(platform)


def end_batch(anthropic: AnthropicEmulator, number: str) -> None:
    """Whoever looks at a batch finds it ended."""
    headers = {"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"}
    address = f"{anthropic.url}/anthropic/v1/messages/batches/{number}"
    anthropic.session.get(address, headers=headers).raise_for_status()


def batches(platform: Platform) -> list[Row]:
    return platform.rows("select * from judgement_batches order by id")


def scores(platform: Platform) -> list[Row]:
    return platform.rows("select ai_score, ai_score_details from job_applications order by id")


def test_a_night_is_judged_in_one_batch_and_paid_for(market: Platform, anthropic: AnthropicEmulator) -> None:
    before = scores(market)
    anthropic.faults(batch_pending=1.0)
    assert run(market, JUDGE_NIGHT)["result"] == {"batches": 1, "pairs": 2}
    [held] = batches(market)
    assert (held["state"], held["payload"]) == ("sent", None)
    assert run(market, JUDGE_NIGHT)["result"] == {"batches": 0, "pairs": 0}, "they are under way"
    assert scores(market) == before
    anthropic.faults()
    due(market)
    assert [each["state"] for each in batches(market)] == ["collected"]
    for each in scores(market):
        assert each["ai_score_details"]["model"] == "claude-sonnet-4-6"
    [asked] = anthropic.get("anthropic/batches")["batches"]
    assert len(asked["requests"]) == 2
    ended = market.rows(
        "select state from task_runs where task in (%s, %s)", SEND_JUDGEMENTS.name, COLLECT_JUDGEMENTS.name
    )
    assert [each["state"] for each in ended] == ["succeeded", "succeeded"]
    [spent] = market.rows("select * from ai_spending where company_id <> 0")
    whole = 3 * spent["input_tokens"] + 15 * spent["output_tokens"]
    assert 0 < whole / 2 <= spent["micro_usd"] <= whole / 2 + 1, "half the price"
    assert run(market, JUDGE_NIGHT)["result"] == {"batches": 0, "pairs": 0}, "nothing is judged twice"


def test_two_nights_at_once_put_no_pair_into_two_batches(market: Platform, anthropic: AnthropicEmulator) -> None:
    begun = Event()

    def second() -> Any:
        begun.set()
        return market.do(lambda connection: make_batches(connection, market.settings)).result

    with ThreadPoolExecutor(1) as pool:
        with market.database.transaction() as connection:
            assert make_batches(connection, market.settings).result == {"batches": 1, "pairs": 2}
            other = pool.submit(second)
            begun.wait(5)
            wait([other], timeout=0.3)
        assert other.result() == {"batches": 0, "pairs": 0}
    assert anthropic.get("anthropic/batches")["batches"] == []


def test_a_batch_whose_answer_was_lost_is_adopted_and_never_handed_over_twice(
    market: Platform, anthropic: AnthropicEmulator
) -> None:
    anthropic.faults(drop_after=1.0, times=1)
    run(market, JUDGE_NIGHT)
    [lost] = batches(market)
    assert (lost["state"], lost["provider_id"]) == ("waiting", None)
    [kept] = anthropic.get("anthropic/batches")["batches"]
    anthropic.faults(batch_pending=1.0)
    for _ in range(5):
        later(market)
    assert len(anthropic.get("anthropic/batches")["batches"]) == 1, "while nobody can tell whose it is, it may be ours"
    anthropic.faults()
    end_batch(anthropic, kept["id"])
    for _ in range(3):
        later(market)
    [found] = batches(market)
    assert (found["state"], found["provider_id"]) == ("collected", kept["id"])
    assert len(anthropic.get("anthropic/batches")["batches"]) == 1
    assert market.row("select calls from ai_spending where company_id <> 0")["calls"] == 1


def test_a_budget_bounds_a_batch(market: Platform, anthropic: AnthropicEmulator) -> None:
    connect(market, anthropic, ai_daily_budget_usd=0.0)
    run(market, JUDGE_NIGHT)
    assert [each["state"] for each in batches(market)] == ["given_up"]
    assert anthropic.get("anthropic/batches")["batches"] == []
    connect(market, anthropic, ai_daily_budget_usd=0.03)
    run(market, JUDGE_NIGHT)
    due(market)
    [asked] = anthropic.get("anthropic/batches")["batches"]
    assert len(asked["requests"]) == 1
    assert market.row("select micro_usd from ai_spending where company_id <> 0")["micro_usd"] <= 30_000


def test_what_changed_meanwhile_keeps_its_score(market: Platform, anthropic: AnthropicEmulator) -> None:
    anthropic.faults(batch_pending=1.0)
    run(market, JUDGE_NIGHT)
    market.change("update candidates set title = 'Soudeur' where id = 1")
    anthropic.faults(invents=1.0)
    due(market)
    [first, second] = scores(market)
    assert first["ai_score_details"]["model"] == "deterministic-1"
    assert second["ai_score_details"]["model"] == "claude-sonnet-4-6"
    assert "Google" not in str(second)


def test_a_refused_batch_is_given_up_and_costs_nothing(market: Platform, anthropic: AnthropicEmulator) -> None:
    anthropic.faults(refuses_batches=1.0)
    run(market, JUDGE_NIGHT)
    assert [each["state"] for each in batches(market)] == ["given_up"]
    assert market.row("select micro_usd from ai_spending where company_id <> 0")["micro_usd"] == 0


def test_without_a_key_no_batch_is_made(market: Platform) -> None:
    market.connect_provider()
    assert run(market, JUDGE_NIGHT)["result"] == {"batches": 0, "pairs": 0}
