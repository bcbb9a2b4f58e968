"""Writing runs: keys, bulk, and what the SQL function refuses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.factories import runs
from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    one,
    prepare,
    run_row,
    transact,
    wait_for_lock,
    write,
)
from worker.kit.database import Database
from worker.ledger.apply import apply_outcome
from worker.ledger.enqueue import Enqueued, NewRun, enqueue_all
from worker.ledger.outcomes import Done

TASK = runs.TASK


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def enqueue(database: Database, *new: NewRun, caller: str = "test") -> list[Enqueued]:
    return transact(database, lambda connection: enqueue_all(connection, new, caller=caller))


def keyed(unique: str | None = None, idempotency: str | None = None, body: str | None = None) -> NewRun:
    return NewRun(TASK, {"number": 1}, unique_key=unique, idempotency_key=idempotency, body_hash=body)


def count(database: Database, table: str) -> int:
    return int(one(database, f"select count(*) as n from {table}")["n"])


def finish(database: Database, worker: UUID, run_id: UUID, *, hours_ago: float) -> None:
    run = claim_one(database, worker, run_id, task=TASK)
    transact(database, lambda connection: apply_outcome(connection, run, Done({"n": 1}), ran=0.1))
    change(database, "update task_runs set finished_at = now() - make_interval(mins => %s)", int(hours_ago * 60))


@pytest.mark.parametrize("new", [keyed(unique="a"), keyed(idempotency="a", body="h")])
def test_the_same_key_gives_the_same_run(database: Database, worker: UUID, new: NewRun) -> None:
    [first] = enqueue(database, new)
    [second] = enqueue(database, new)
    assert (first.created, second) == (True, Enqueued(first.id, created=False, conflict=False))
    assert count(database, "task_runs") == 1


def test_a_key_belongs_to_its_caller(database: Database, worker: UUID) -> None:
    [first] = enqueue(database, keyed(unique="a"), caller="key:1")
    [second] = enqueue(database, keyed(unique="a"), caller="key:2")
    assert second.created
    assert first.id != second.id


def test_only_an_idempotency_key_conflicts_with_another_body(database: Database, worker: UUID) -> None:
    enqueue(database, keyed(unique="a", body="h1"), keyed(idempotency="a", body="h1"))
    unique, idempotency = enqueue(database, keyed(unique="a", body="h2"), keyed(idempotency="a", body="h2"))
    assert (unique.created, unique.conflict) == (False, False)
    assert (idempotency.created, idempotency.conflict) == (False, True)


def test_keys_inside_one_bulk_call(database: Database, worker: UUID) -> None:
    results = enqueue(database, keyed("b"), keyed("a"), keyed(), keyed("b"), keyed("a"))
    assert [each.created for each in results] == [True, True, True, False, False]
    assert (results[3].id, results[4].id) == (results[0].id, results[1].id)


def test_a_unique_and_an_idempotency_key_together(database: Database, worker: UUID) -> None:
    [first] = enqueue(database, keyed(unique="u"))
    [second] = enqueue(database, keyed(unique="u", idempotency="i", body="h"))
    assert (second.id, second.created, second.conflict) == (first.id, False, False)
    [third] = enqueue(database, keyed(idempotency="i", body="h"))
    assert third.id == first.id
    [other] = enqueue(database, keyed(unique="other", idempotency="i", body="h2"))
    assert (other.id, other.conflict) == (first.id, True)
    [fourth] = enqueue(database, keyed(unique="other"))
    assert fourth.id == first.id
    assert count(database, "task_runs") == 1


def test_two_keys_that_name_two_runs_follow_the_idempotency_key(database: Database, worker: UUID) -> None:
    by_unique, by_idempotency = enqueue(database, keyed(unique="u"), keyed(idempotency="i", body="h"))
    [both] = enqueue(database, keyed(unique="u", idempotency="i", body="h"))
    assert both.id == by_idempotency.id != by_unique.id


def test_a_key_lives_until_a_day_after_its_run_ended(database: Database, worker: UUID) -> None:
    [first] = enqueue(database, keyed(unique="u"))
    change(database, "update task_runs set created_at = now() - interval '30 days'")
    assert not enqueue(database, keyed(unique="u"))[0].created
    finish(database, worker, first.id, hours_ago=23.9)
    assert enqueue(database, keyed(unique="u"))[0].id == first.id
    change(database, "update task_runs set finished_at = now() - interval '24 hours 1 second'")
    [fresh] = enqueue(database, keyed(unique="u"))
    assert (fresh.created, fresh.id != first.id) == (True, True)


def in_two_hands(
    database: Database, first: Sequence[NewRun], second: Sequence[NewRun], *, commit: bool = True
) -> tuple[list[Enqueued], list[Enqueued]]:
    """The second call waits for the first one's keys."""
    with OpenTransaction(database) as one_side, OpenTransaction(database) as other:
        mine = one_side.do(lambda connection: enqueue_all(connection, first, caller="test"))
        waiting = other.start(lambda connection: enqueue_all(connection, second, caller="test"))
        wait_for_lock(database)
        one_side.commit() if commit else one_side.roll_back()
        theirs = waiting.result(5)
        other.commit()
    return mine, theirs


def test_crossing_keys_of_two_bulk_calls(database: Database, worker: UUID) -> None:
    mine, theirs = in_two_hands(database, [keyed("a"), keyed("b")], [keyed("b"), keyed("a"), keyed("c")])
    assert [each.id for each in theirs[:2]] == [mine[1].id, mine[0].id]
    assert [each.created for each in theirs] == [False, False, True]


def test_crossing_keys_that_have_expired(database: Database, worker: UUID) -> None:
    for result in enqueue(database, keyed("a"), keyed("b")):
        finish(database, worker, result.id, hours_ago=25)
    mine, theirs = in_two_hands(database, [keyed("a"), keyed("b")], [keyed("b"), keyed("a")])
    assert [each.created for each in mine + theirs] == [True, True, False, False]


def test_a_key_whose_writer_rolled_back_is_free(database: Database, worker: UUID) -> None:
    _, theirs = in_two_hands(database, [keyed("a")], [keyed("a")], commit=False)
    assert theirs[0].created


def test_a_key_whose_writer_does_not_end_is_given_up(database: Database, worker: UUID) -> None:
    with OpenTransaction(database) as slow:
        slow.do(lambda connection: enqueue_all(connection, [keyed("a")], caller="test"))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            enqueue(database, keyed("a"))


def test_an_unknown_task_is_refused_with_its_name(database: Database, worker: UUID) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=r'unknown task "email\.sned"') as caught:
        enqueue(database, keyed(), NewRun("email.sned", {}))
    assert caught.value.diag.message_hint
    assert count(database, "task_runs") == 0


def test_what_a_run_takes_from_its_task_and_from_its_caller(database: Database, worker: UUID) -> None:
    at = datetime.now(UTC) + timedelta(hours=3)
    results = enqueue(
        database,
        NewRun(TASK, {"number": 3}),
        NewRun(TASK, {}, run_at=at, priority=0, company_id=9, caused_by=4, wanted=True),
    )
    plain, rich = (run_row(database, each.id) for each in results)
    assert (plain["queue"], plain["priority"], plain["max_attempts"], plain["payload"]) == (
        "default",
        5,
        5,
        {"number": 3},
    )
    assert plain["expires_at"] - plain["run_at"] == timedelta(days=1)
    assert (rich["run_at"], rich["dispatch_at"], rich["expires_at"]) == (at, at, at + timedelta(days=1))
    assert (rich["priority"], rich["company_id"], rich["caused_by"], rich["wanted"]) == (0, 9, 4, True)


def test_runs_of_a_transaction_that_rolls_back_never_existed(database: Database, worker: UUID) -> None:
    with OpenTransaction(database) as holder:
        holder.do(lambda connection: enqueue_all(connection, [keyed("a")], caller="test"))
        holder.roll_back()
    assert (count(database, "task_runs"), count(database, "task_keys")) == (0, 0)


def test_ids_made_by_the_function_sort_by_time(database: Database, worker: UUID) -> None:
    rows = [one(database, "select new_run_id() as id")["id"] for _ in range(20)]
    assert {(row.version, row.variant) for row in rows} == {(7, "specified in RFC 4122")}
    assert [row.int >> 80 for row in rows] == sorted(row.int >> 80 for row in rows)


def test_the_sql_door_for_any_language(database: Database, worker: UUID) -> None:
    call = "select enqueue_task(%s, %s, unique_key => %s, priority => %s, company_id => %s) as id"
    first = one(database, call, TASK, Jsonb({"number": 2}), "x", 1, 5)["id"]
    assert one(database, call, TASK, Jsonb({"number": 2}), "x", 1, 5)["id"] == first
    row = run_row(database, first)
    assert (row["payload"], row["priority"], row["company_id"], row["state"]) == ({"number": 2}, 1, 5, "queued")
    assert one(database, "select enqueue_task(%s) as id", TASK)["id"] != first


def test_an_enqueue_wakes_the_dispatcher(database: Database, worker: UUID) -> None:
    with database.direct() as listener:
        listener.execute("listen task_runs")
        write(database)
        assert [each.channel for each in listener.notifies(timeout=2, stop_after=1)] == ["task_runs"]
