"""Scores of applications that Claude gives, in time or later, and who is told what meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from tests.factories import scored_market
from tests.factories.api import Api
from tests.factories.emulators import AnthropicEmulator
from tests.factories.scored_market import ScoredMarket
from worker.kit.settings import Settings

RECRUITER, CANDIDATE = 1, 2
CLAUDE, DETERMINISTIC = "claude-sonnet-4-6", "deterministic-1"


@pytest.fixture
def settings(settings: Settings, emulator_url: str) -> Settings:
    key = SecretStr("sk-ant-test")
    address = f"{emulator_url}/anthropic"
    return settings.model_copy(
        update={"anthropic_api_key": key, "anthropic_base_url": address, "anthropic_rate": 1000.0}
    )


@pytest.fixture
def market(api: Api, settings: Settings, anthropic: AnthropicEmulator, emulator_url: str) -> Iterator[ScoredMarket]:
    anthropic.faults(scores=[42, 75])
    market = ScoredMarket.open(api, settings, emulator_url)
    assert market.wiring.judge() is not None
    yield market
    market.close()


def test_a_pair_is_asked_about_once_and_has_one_number(market: ScoredMarket, anthropic: AnthropicEmulator) -> None:
    twin = market.apply(1, 1)
    with market.working():
        first = market.score(1, **market.LATER).json
        again = market.score(1, **market.LATER).json
        other = market.score(twin, **market.LATER).json
    assert (first["ai_score"], first["model"], first["pending"]) == (42.0, CLAUDE, False)
    assert again == first
    assert (other["ai_score"], other["computed_at"]) == (42.0, first["computed_at"])
    listed = market.listed()["applications"]
    assert [(each["ai_score"], each["ai_analyzed_at"]) for each in listed] == [(42.0, first["computed_at"])] * 2
    assert [each["ai_score_details"] for each in listed] == [first["ai_score_details"]] * 2
    [match] = [each for each in market.matches()["matches"] if each["job_id"] == 1]
    assert (match["match_score"], match["model"]) == (42.0, CLAUDE)
    assert len(anthropic.asked()) == 1


def test_whoever_asks_while_another_asks_waits_for_his_answer(
    market: ScoredMarket, anthropic: AnthropicEmulator
) -> None:
    anthropic.faults(scores=[42, 75], slow_seconds=0.5)
    for number in (1, market.apply(1, 1)):
        assert market.score(number).json["pending"]
    runs = [(row["task"], row["id"]) for row in market.rows("select id, task from task_runs order by id")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: market.execute(*run), runs))
    market.rows("update task_runs set run_at = now() where state = 'queued' returning id")
    market.work()
    assert {each["ai_score"] for each in market.listed()["applications"]} == {42.0}
    assert {row["state"] for row in market.rows("select state from task_runs")} == {"succeeded"}
    assert len(anthropic.asked()) == 1


def test_the_formula_answers_at_once_and_claude_takes_its_place(
    market: ScoredMarket, anthropic: AnthropicEmulator
) -> None:
    market.apply(1, 1)
    first, second = market.score(1).json, market.score(2).json
    assert (first["model"], first["pending"], second["ai_score"]) == (DETERMINISTIC, True, first["ai_score"])
    market.work()
    assert len(anthropic.asked()) == 1, "two runs about one pair"
    later = market.score(1).json
    assert (later["ai_score"], later["model"], later["pending"]) == (42.0, CLAUDE, False)
    market.rows(
        "insert into skills (candidate_id, name, level, category) values (1, 'Kubernetes', 3, 'TECHNICAL') returning id"
    )
    changed = market.score(1).json
    assert (changed["model"], changed["pending"]) == (DETERMINISTIC, True), "of another profile"
    market.work()
    assert market.score(1).json["ai_score"] == 75.0


def test_words_follow_the_reader_and_the_number_stays(market: ScoredMarket, anthropic: AnthropicEmulator) -> None:
    with market.working():
        french = market.score(1, **market.LATER).json
    assert french["ai_score_details"]["strengths"][0].startswith("Connaissance")
    market.speak(RECRUITER, "en")
    [at_once] = market.listed()["applications"]
    assert at_once["ai_score"] == 42.0
    assert at_once["ai_score_details"]["strengths"] != french["ai_score_details"]["strengths"]
    assert "Connaissance" not in str(at_once["ai_score_details"])
    assert market.listed()["applications"] == [at_once]
    assert len(market.rows("select 1 from task_runs where task = 'recommendations.judge_pair'")) == 1
    market.work()
    [later] = market.listed()["applications"]
    assert (later["ai_score"], later["ai_analyzed_at"]) == (42.0, french["computed_at"])
    assert later["ai_score_details"]["strengths"][0].startswith("Knowledge")
    assert len(anthropic.asked()) == 2


def test_without_money_or_an_answer_the_formula_stays_and_is_marked(
    market: ScoredMarket, anthropic: AnthropicEmulator
) -> None:
    anthropic.faults(cut_off=1.0)
    with market.working():
        found = market.score(1, **market.LATER).json
    assert found["model"] == DETERMINISTIC
    assert len(anthropic.asked()) == 2, "once more with more room"
    anthropic.faults(cut_off=0.0)
    market.rows(
        """
        insert into ai_spending (day, company_id, micro_usd) select d, 0, 10000000000
          from generate_series(current_date - 1, current_date + 1, interval '1 day') d
        on conflict (day, company_id) do update set micro_usd = excluded.micro_usd returning day
        """
    )
    with market.working():
        assert market.score(1, **market.LATER).json["ai_score"] == found["ai_score"]
    assert len(anthropic.asked()) == 2


def test_who_tells_nothing_is_not_asked_about(market: ScoredMarket, anthropic: AnthropicEmulator) -> None:
    number = market.apply(1, 3)
    with market.working():
        assert market.score(number, **market.LATER).json["ai_score"] == 0.0
        market.user(RECRUITER).post("/api/ai-scoring/score-job-applications", {"job_id": 1}, headers=market.LATER)
    market.work()
    assert len(anthropic.asked()) == 1, "about the developer"


def test_an_interview_is_prepared_for_this_candidate_once(market: ScoredMarket, anthropic: AnthropicEmulator) -> None:
    candidate = market.user(CANDIDATE)
    bank = candidate.post("/api/ai-scoring/interview-prep", {"job_id": 1}, headers=market.NOW).json
    assert (bank["model"], len(bank["questions"])) == ("bank-1", 12)
    assert len(market.rows("select 1 from task_runs where task = 'recommendations.prepare_interview'")) == 1
    market.work()
    written = candidate.post("/api/ai-scoring/interview-prep", {"job_id": 1}, headers=market.NOW).json
    assert (written["model"], len(written["questions"])) == (CLAUDE, 12)
    assert candidate.post("/api/ai-scoring/interview-prep", {"job_id": 1}).json == written
    assert len(anthropic.asked()) == 1


def test_who_changes_his_profile_again_and_again_spends_little(
    market: ScoredMarket, anthropic: AnthropicEmulator
) -> None:
    asked = "select count(*) as asked from task_runs where task = 'recommendations.judge_pair'"
    for _ in range(32):
        market.app(scored_market.insert_offer)
    seen = []
    for years in range(1, 6):
        market.rows("update candidates set years_experience = %s where id = 1 returning id", years)
        assert len(market.matches("?limit=10")["matches"]) == 10
        seen.append(market.rows(asked)[0]["asked"])
    assert seen == [10, 20, 30, 30, 30]
    assert anthropic.asked() == []
