"""A key's budget: exact to one share per process, and never a refusal because Redis is away."""

import pytest
from flask import Flask
from limits.storage import MemoryStorage, Storage, storage_from_string

from api_min.errors import ApiError
from api_min.limits import LARGEST_SHARE, KeyBudget, Tally, check_limit


def spent(budget: KeyBudget, name: str, times: int) -> int:
    return sum(budget.take(name) for _ in range(times))


def test_a_budget_is_spent_to_within_one_share() -> None:
    budget = KeyBudget(Tally(MemoryStorage()), per_second=600)
    assert 600 - LARGEST_SHARE < spent(budget, "key:a", 2000) <= 600
    assert not budget.take("key:a")
    assert budget.take("key:b"), "each key has its own"


def test_processes_share_one_budget() -> None:
    storage = MemoryStorage()
    processes = [KeyBudget(Tally(storage), per_second=600) for _ in range(4)]
    given = sum(budget.take("key:a") for _ in range(500) for budget in processes)
    assert 600 - 4 * LARGEST_SHARE < given <= 600


def test_without_redis_each_process_counts_for_itself() -> None:
    away = storage_from_string("redis://127.0.0.1:1/0", wrap_exceptions=True)
    assert isinstance(away, Storage)
    budget = KeyBudget(Tally(away), per_second=600)
    assert 600 - LARGEST_SHARE < spent(budget, "key:a", 2000) <= 600


def test_a_route_may_have_a_limit_of_its_own() -> None:
    app = Flask("test")
    app.extensions["intowork.tally"] = Tally(None)
    with app.app_context():
        for _ in range(3):
            check_limit("3 per minute", "previews", "user:7")
        with pytest.raises(ApiError) as refused:
            check_limit("3 per minute", "previews", "user:7")
        check_limit("3 per minute", "previews", "user:8")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "60"})
