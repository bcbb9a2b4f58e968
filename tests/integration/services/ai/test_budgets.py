"""What a language model's answers may cost: the budgets of a day."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from worker.contracts.usage import Usage
from worker.kit.database import Database, query
from worker.kit.errors import Permanent
from worker.kit.settings import Settings
from worker.services.ai import budgets
from worker.services.ai.budgets import Reservation

MOST = Usage(1_000, 2_000)  # 33,000 millionths of a dollar at the usual prices
COST = 33_000


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, ai_daily_budget_usd=0.1, ai_daily_budget_total_usd=0.15)


@pytest.fixture
def reserve(database: Database, settings: Settings) -> Callable[[int], Reservation]:
    def work(company_id: int) -> Reservation:
        with database.transaction() as connection:
            return budgets.reserve(connection, company_id, MOST, settings)

    return work


def spent(database: Database) -> dict[int, Any]:
    with database.transaction() as connection:
        rows = query(connection, "select company_id, calls, micro_usd from ai_spending order by company_id", {})
    return {row["company_id"]: (row["calls"], row["micro_usd"]) for row in rows}


@pytest.mark.parametrize(
    ("usage", "micro_usd"), [(Usage(0, 0), 0), (Usage(1, 0), 3), (Usage(0, 1), 15), (Usage(1_000_000, 0), 3_000_000)]
)
def test_prices_are_per_million_tokens(settings: Settings, usage: Usage, micro_usd: int) -> None:
    assert budgets.price(usage, settings) == micro_usd
    assert budgets.price(Usage(1, 0), settings.model_copy(update={"ai_input_price_usd": 0.25})) == 1, "rounded up"


def test_a_company_has_its_budget_and_all_have_one(database: Database, reserve: Callable[[int], Reservation]) -> None:
    for _ in range(3):
        reserve(1)
    with pytest.raises(Permanent, match=r"Your company's budget .* tomorrow.*AI_DAILY_BUDGET_USD") as caught:
        reserve(1)
    assert (caught.value.status, caught.value.code) == (429, "ai.budget_used_up")
    reserve(2)
    with pytest.raises(Permanent, match=r"The platform's budget .*AI_DAILY_BUDGET_TOTAL_USD"):
        reserve(2)
    assert spent(database) == {0: (4, 4 * COST), 1: (3, 3 * COST), 2: (1, COST)}, "what is refused is taken from nobody"


def test_the_true_cost_takes_the_place_of_the_most(
    database: Database, settings: Settings, reserve: Callable[[int], Reservation]
) -> None:
    for _ in range(20):
        held = reserve(1)
        with database.transaction() as connection:
            budgets.correct(connection, held, Usage(100, 200), settings)
    assert spent(database) == {0: (20, 20 * 3_300), 1: (20, 20 * 3_300)}
    with database.transaction() as connection:
        [row] = query(connection, "select input_tokens, output_tokens from ai_spending where company_id = 1", {})
    assert row == {"input_tokens": 2_000, "output_tokens": 4_000}


def test_a_new_day_is_a_new_budget(database: Database, reserve: Callable[[int], Reservation]) -> None:
    for _ in range(3):
        reserve(1)
    with database.transaction() as connection:
        query(connection, "update ai_spending set day = day - 1 returning day", {})
    reserve(1)
    assert sum(calls for calls, _ in spent(database).values()) > 0


@pytest.mark.parametrize("budget", [0.0, 0.0329])
def test_a_budget_below_one_call_allows_none(database: Database, settings: Settings, budget: float) -> None:
    small = settings.model_copy(update={"ai_daily_budget_usd": budget})
    with pytest.raises(Permanent), database.transaction() as connection:
        budgets.reserve(connection, 1, MOST, small)
    assert spent(database) == {}


def test_those_who_ask_together_do_not_overspend(database: Database, reserve: Callable[[int], Reservation]) -> None:
    refused: list[Permanent] = []

    def ask() -> None:
        try:
            reserve(1)
        except Permanent as error:
            refused.append(error)

    threads = [threading.Thread(target=ask, name=f"asker-{number}") for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert spent(database)[1] == (3, 3 * COST)
    assert len(refused) == 9
