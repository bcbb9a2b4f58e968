"""What is forgotten, and what never is."""

from uuid import UUID

import pytest

from tests.factories import runs
from tests.factories.ledger import change, one, prepare, put, run_row, transact, write
from worker.kit.database import Database, execute
from worker.ledger import inbox
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.prune import prune

TASK = runs.TASK


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


def ended(database: Database, state: str, days: float) -> UUID:
    [run_id] = write(database)
    put(database, [run_id], state=state)
    change(
        database,
        "update task_runs set finished_at = now() - make_interval(hours => %s) where id = %s",
        int(days * 24),
        run_id,
    )
    return run_id


def exists(database: Database, run_id: UUID) -> bool:
    return bool(one(database, "select count(*) as n from task_runs where id = %s", run_id)["n"])


def pruned(database: Database, *, limit: int = 1000) -> dict[str, int]:
    return prune(lambda work: transact(database, work), limit)


def events_read(database: Database) -> int:
    """How many rows of the inbox were read so far."""
    transact(database, lambda connection: execute(connection, "select pg_stat_force_next_flush()"))
    counted = "select seq_tup_read + idx_tup_fetch as n from pg_stat_user_tables where relname = 'inbound_events'"
    return int(one(database, counted)["n"])


@pytest.mark.parametrize(
    ("state", "days", "stays"),
    [
        ("succeeded", 13.9, True),
        ("succeeded", 14.1, False),
        ("cancelled", 29.9, True),
        ("cancelled", 30.1, False),
        ("failed", 89.9, True),
        ("failed", 90.1, False),
        ("uncertain", 4000, True),
    ],
)
def test_how_long_runs_stay(database: Database, worker: UUID, state: str, days: float, stays: bool) -> None:
    run_id = ended(database, state, days)
    pruned(database)
    assert exists(database, run_id) is stays


def test_attempts_go_with_their_run(database: Database, worker: UUID) -> None:
    [run_id] = write(database)
    runs.start(database, worker, [run_id])
    put(database, [run_id], state="succeeded")
    change(database, "update task_runs set finished_at = now() - interval '15 days'")
    assert pruned(database)["task_runs"] == 1
    assert one(database, "select count(*) as n from task_attempts")["n"] == 0


def test_what_still_waits_is_never_pruned(database: Database, worker: UUID) -> None:
    [queued] = write(database)
    change(database, "update task_runs set created_at = now() - interval '1 year'")
    parent = ended(database, "succeeded", 20)
    [child] = write(database, parent_id=parent)
    pruned(database)
    assert all(exists(database, each) for each in (queued, parent, child))


def test_an_expired_run_that_nobody_dispatches_ends(database: Database, worker: UUID) -> None:
    expired, young = write(database, 2)
    change(database, "update queues set paused_at = now()")
    change(database, "update task_runs set expires_at = now() - interval '1 second' where id = %s", expired)
    pruned(database)
    row = run_row(database, expired)
    assert (row["state"], row["error"]["code"], run_row(database, young)["state"]) == (
        "failed",
        "run.expired",
        "queued",
    )


def test_keys_go_a_day_after_their_run_ended_and_before_it(database: Database, worker: UUID) -> None:
    [first, second] = transact(
        database,
        lambda connection: enqueue_all(connection, [NewRun(TASK, {}, unique_key=key) for key in "ab"]),
    )
    put(database, [first.id], state="succeeded")
    change(database, "update task_runs set finished_at = now() - interval '20 days' where id = %s", first.id)
    change(database, "update task_keys set created_at = now() - interval '20 days'")
    done = pruned(database)
    assert (done["task_keys"], done["task_runs"]) == (1, 1)
    assert one(database, "select key from task_keys")["key"] == "b"
    assert run_row(database, second.id)["state"] == "queued"


def test_effects_outlive_their_runs(database: Database, worker: UUID) -> None:
    change(
        database,
        """
        insert into effects (key, generation, provider, policy, request, run_id, lease, state, first_intended_at)
        select name, 0, 'test', 'ask', '', new_run_id(), 0, state, now() - make_interval(days => days)
          from (values ('young', 'done', 399), ('old', 'done', 401), ('open', 'intended', 401)) e(name, state, days)
        """,
    )
    assert pruned(database)["effects"] == 1
    assert one(database, "select array_agg(key order by key) as keys from effects")["keys"] == ["open", "young"]


def test_one_pass_takes_a_bounded_bite(database: Database, worker: UUID) -> None:
    for _ in range(5):
        ended(database, "succeeded", 20)
    assert [pruned(database, limit=2)["task_runs"] for _ in range(4)] == [2, 2, 1, 0]


def test_an_inbound_event_is_written_once(database: Database) -> None:
    def record(source: str, external_id: str) -> bool:
        return transact(database, lambda connection: inbox.record(connection, source, external_id, {"n": 1}))

    assert [record("a", "1"), record("a", "1"), record("b", "1")] == [True, False, True]
    change(database, "update inbound_events set received_at = now() - interval '91 days' where source = 'b'")
    assert pruned(database)["inbound_events"] == 1


def test_old_events_are_found_without_reading_the_others(database: Database) -> None:
    change(
        database,
        """
        insert into inbound_events (id, source, external_id, payload, received_at)
        select new_run_id(), 'a', n::text, '{}', now() - make_interval(days => case when n <= 5 then 91 else 1 end)
          from generate_series(1, 20000) n
        """,
    )
    change(database, "analyze inbound_events")

    before = events_read(database)
    assert pruned(database)["inbound_events"] == 5
    assert events_read(database) - before < 100
