"""Slots of a rate limit: reserved once, kept, never shared."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import pytest

from tests.factories import runs
from tests.integration.ledger.support import Hand, change, one, prepare, run_row, transact, write
from worker.kit.database import Database
from worker.ledger import rates

NAME = "test"
RATE = 4.0


@pytest.fixture
def ids(database: Database) -> list[UUID]:
    prepare(database, runs.TASK)
    return write(database, 100)


def reserve(database: Database, run_id: UUID, *, sleep_at_most: float = 2.0) -> float | None:
    return transact(
        database, lambda connection: rates.reserve(connection, run_id, NAME, RATE, sleep_at_most=sleep_at_most)
    )


def kept_wait(database: Database, run_id: UUID) -> float:
    return transact(database, lambda connection: rates.kept_wait(connection, run_id))


def test_a_hundred_at_once_get_slots_one_gap_apart(database: Database, ids: list[UUID]) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda run_id: reserve(database, run_id, sleep_at_most=-1.0), ids))
    assert answers == [None] * 100
    slots = sorted(run_row(database, run_id)["reserved_at"] for run_id in ids)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(slots)]
    assert min(gaps) >= 1 / RATE - 1e-6
    assert (slots[-1] - slots[0]).total_seconds() < 99 / RATE + 5


def test_a_near_slot_is_slept_for_a_far_one_is_kept(database: Database, ids: list[UUID]) -> None:
    answers = [reserve(database, run_id) for run_id in ids[:12]]
    assert answers[0] == 0.0
    near = [answer for answer in answers if answer is not None]
    assert near == sorted(near)
    assert all(answer <= 2.0 for answer in near)
    assert answers[-1] is None
    assert 2.0 < kept_wait(database, ids[11]) < 12 / RATE


def test_a_kept_slot_is_used_on_return(database: Database, ids: list[UUID]) -> None:
    change(database, "insert into rate_limits values (%s, now() + interval '10 seconds')", NAME)
    assert reserve(database, ids[0]) is None
    before = one(database, "select next_at from rate_limits")["next_at"]
    assert reserve(database, ids[0]) is None, "woken too early, it keeps the same slot"
    change(database, "update task_runs set reserved_at = now() + interval '1 second' where id = %s", ids[0])
    assert reserve(database, ids[0]) == pytest.approx(1.0, abs=0.5)
    assert one(database, "select next_at from rate_limits")["next_at"] == before
    assert run_row(database, ids[0])["reserved_at"] is None


def test_a_kept_slot_is_given_up_after_thirty_seconds(database: Database, ids: list[UUID]) -> None:
    change(database, "update task_runs set reserved_at = now() - interval '31 seconds' where id = %s", ids[0])
    assert reserve(database, ids[0]) == 0.0
    assert one(database, "select count(*) as n from rate_limits")["n"] == 1


def test_a_slot_of_a_transaction_that_rolled_back_is_free_again(database: Database, ids: list[UUID]) -> None:
    with Hand(database) as undone:
        undone.do(lambda connection: rates.reserve(connection, ids[0], NAME, RATE, sleep_at_most=2.0))
        undone.roll_back()
    assert reserve(database, ids[1]) == 0.0


def test_idle_time_saves_no_slots(database: Database, ids: list[UUID]) -> None:
    change(database, "insert into rate_limits values (%s, now() - interval '1 hour')", NAME)
    assert reserve(database, ids[0]) == 0.0
    assert (reserve(database, ids[1]) or 0.0) > 0.0


def test_pushing_back_only_ever_delays(database: Database, ids: list[UUID]) -> None:
    for seconds in (20.0, 5.0):
        transact(database, lambda connection, seconds=seconds: rates.push_back(connection, NAME, seconds))  # type: ignore[misc]
    assert reserve(database, ids[0]) is None
    assert kept_wait(database, ids[0]) == pytest.approx(20, abs=1)
