"""Slots of a rate limit: reserved once, kept, never shared; a backlog takes them only shortly before they come."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import OpenTransaction, change, one, prepare, run_row, transact, write
from worker.kit.database import Database
from worker.ledger import rates
from worker.ledger.plans import Limit

NAME = "test"
TURNS = "test turns"
RATE = 4.0


@pytest.fixture
def ids(database: Database) -> list[UUID]:
    prepare(database, runs.TASK)
    return write(database, 100)


def reserve(
    database: Database, run_id: UUID, *, sleep_at_most: float = 2.0, urgent: bool = True, rate: float = RATE
) -> float | None:
    request = rates.SlotRequest(run_id, [Limit(NAME, rate)], urgent)
    return transact(
        database,
        lambda connection: rates.reserve(connection, rates.look(connection, request), sleep_at_most=sleep_at_most),
    )


def is_far(database: Database, run_id: UUID, *, urgent: bool) -> bool:
    request = rates.SlotRequest(run_id, [Limit(NAME, RATE)], urgent)
    return transact(database, lambda connection: rates.look(connection, request).is_far(2.0))


def kept_wait(database: Database, run_id: UUID) -> float:
    return transact(database, lambda connection: rates.kept_wait(connection, run_id))


def set_next(database: Database, seconds: float, name: str = NAME) -> None:
    change(
        database,
        """
        insert into rate_limits values (%s, now() + make_interval(secs => %s))
        on conflict (name) do update set next_at = excluded.next_at
        """,
        name,
        seconds,
    )


def set_kept(database: Database, run_id: UUID, seconds: float) -> None:
    change(
        database, "update task_runs set reserved_at = now() + make_interval(secs => %s) where id = %s", seconds, run_id
    )


def next_in(database: Database, name: str = NAME) -> float:
    row = one(
        database, "select extract(epoch from next_at - now())::float8 as s from rate_limits where name = %s", name
    )
    return float(row["s"])


@pytest.mark.parametrize("urgent", [True, False], ids=["slots", "turns"])
def test_a_hundred_at_once_stand_one_gap_apart(database: Database, ids: list[UUID], *, urgent: bool) -> None:
    set_next(database, 2.0)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda run_id: reserve(database, run_id, sleep_at_most=-1.0, urgent=urgent), ids))
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
    assert is_far(database, ids[11], urgent=True)
    assert is_far(database, ids[12], urgent=True)


def test_a_kept_slot_is_used_on_return(database: Database, ids: list[UUID]) -> None:
    set_next(database, 10)
    assert reserve(database, ids[0]) is None
    before = one(database, "select next_at from rate_limits")["next_at"]
    assert reserve(database, ids[0]) is None, "woken too early, it keeps the same slot"
    set_kept(database, ids[0], 1)
    assert not is_far(database, ids[0], urgent=True)
    assert reserve(database, ids[0]) == pytest.approx(1.0, abs=0.5)
    assert one(database, "select next_at from rate_limits")["next_at"] == before
    assert run_row(database, ids[0])["reserved_at"] is None


def test_a_kept_slot_is_given_up_after_thirty_seconds(database: Database, ids: list[UUID]) -> None:
    set_kept(database, ids[0], -31)
    assert reserve(database, ids[0]) == 0.0
    assert one(database, "select count(*) as n from rate_limits")["n"] == 1


@pytest.mark.parametrize("urgent", [True, False])
def test_a_slot_of_a_transaction_that_rolled_back_is_free_again(
    database: Database, ids: list[UUID], *, urgent: bool
) -> None:
    request = rates.SlotRequest(ids[0], [Limit(NAME, RATE)], urgent)
    with OpenTransaction(database) as undone:
        undone.do(lambda connection: rates.reserve(connection, rates.look(connection, request), sleep_at_most=2.0))
        undone.roll_back()
    assert reserve(database, ids[1], urgent=urgent) == 0.0


def test_whoever_waited_for_the_lock_counts_from_its_release(database: Database, ids: list[UUID]) -> None:
    """A transaction may be older than the slot that it takes: the slot must not lie in the past for that."""
    first = rates.SlotRequest(ids[0], [Limit(NAME, RATE)], urgent=True)
    set_next(database, -60)
    with OpenTransaction(database) as old:
        old.do(lambda connection: rates.look(connection, first))
        change(database, "update rate_limits set next_at = clock_timestamp() - interval '0.1 seconds'")
        old.do(lambda connection: rates.reserve(connection, rates.look(connection, first), sleep_at_most=2.0))
        old.commit()
    assert (reserve(database, ids[1]) or 0.0) > 0.5 / RATE


@pytest.mark.parametrize("urgent", [True, False])
def test_idle_time_saves_no_slots(database: Database, ids: list[UUID], *, urgent: bool) -> None:
    set_next(database, -3600)
    assert reserve(database, ids[0], urgent=urgent) == 0.0
    assert (reserve(database, ids[1], urgent=urgent) or 0.0) > 0.0


@pytest.mark.parametrize("urgent", [True, False])
def test_pushing_back_only_ever_delays(database: Database, ids: list[UUID], *, urgent: bool) -> None:
    for seconds in (20.0, 5.0):
        transact(database, lambda connection, seconds=seconds: rates.push_back(connection, Limit(NAME, RATE), seconds))  # type: ignore[misc]
    assert reserve(database, ids[0], urgent=urgent) is None
    assert kept_wait(database, ids[0]) == pytest.approx(20 if urgent else 20 - rates.AHEAD, abs=1)


def test_a_backlog_takes_slots_only_shortly_before_they_come(database: Database, ids: list[UUID]) -> None:
    answers = [reserve(database, run_id, urgent=False, rate=10.0) for run_id in ids]
    taken = [answer for answer in answers if answer is not None]
    assert taken[0] == 0.0
    assert all(answer <= rates.AHEAD for answer in taken)
    assert next_in(database) <= rates.AHEAD + 0.1
    assert answers[-1] is None, "the others were given turns, not slots"
    assert next_in(database, TURNS) > 5


def test_ten_thousand_waiting_batches_delay_an_urgent_mail_by_a_second(database: Database, ids: list[UUID]) -> None:
    for run_id in ids[:50]:
        reserve(database, run_id, urgent=False, rate=10.0)
    set_next(database, 1000.0, TURNS)
    assert reserve(database, ids[50], urgent=False, rate=10.0) is None
    assert kept_wait(database, ids[50]) > 990, "a late comer of the backlog goes to the end of its line"
    urgent = [reserve(database, run_id, rate=10.0) for run_id in ids[51:56]]
    assert all(answer is not None and answer <= rates.AHEAD + 0.6 for answer in urgent)


def test_nobody_passes_a_line(database: Database, ids: list[UUID]) -> None:
    set_next(database, 0.5, TURNS)
    set_next(database, 0.1)
    assert is_far(database, ids[0], urgent=False)
    assert reserve(database, ids[0], urgent=False) is None
    assert kept_wait(database, ids[0]) == pytest.approx(0.5, abs=0.3)
    assert reserve(database, ids[0], urgent=False) is None, "its turn has not come"


@pytest.mark.parametrize("late", [0.1, 300.0])
def test_a_turn_that_came_is_good_however_late(database: Database, ids: list[UUID], late: float) -> None:
    set_next(database, 60, TURNS)
    set_next(database, 0.5)
    set_kept(database, ids[0], -late)
    wait = reserve(database, ids[0], urgent=False)
    assert wait is not None
    assert wait <= 0.5
    assert run_row(database, ids[0])["reserved_at"] is None


def test_a_turn_is_given_anew_when_the_slots_went_to_others(database: Database, ids: list[UUID]) -> None:
    set_next(database, 60, TURNS)
    set_next(database, 20)
    set_kept(database, ids[0], -1)
    assert reserve(database, ids[0], urgent=False) is None
    assert kept_wait(database, ids[0]) == pytest.approx(60, abs=1)


def test_a_line_that_nobody_comes_from_is_forgotten(database: Database, ids: list[UUID]) -> None:
    set_next(database, 900, TURNS)
    set_next(database, -rates.DESERTED - 1)
    assert reserve(database, ids[0], urgent=False) == 0.0
    assert reserve(database, ids[1], urgent=False) is not None
