"""Who is dead, who only seems to be, and what happens to their runs."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Connection

from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from tests.factories import runs
from tests.factories.databases import FAST
from tests.factories.ledger import (
    OpenTransaction,
    change,
    claim_one,
    kill,
    new_worker,
    one,
    poll,
    prepare,
    put,
    run_row,
    transact,
    write,
)
from worker.kit.database import Database, execute
from worker.kit.ids import new_id
from worker.ledger import claim, rescue

TASK = runs.TASK
LEASE = 60
OLD_SESSIONS = """
select min(now() - backend_start) > interval '0.5 seconds' as old from pg_stat_activity
 where datname = current_database()
"""


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if Postgres and our session had run for long."""
    monkeypatch.setattr(rescue, "CALM", 0.0)


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, TASK)


@pytest.fixture
def run_id(database: Database, worker: UUID) -> UUID:
    [run_id] = write(database)
    claim_one(database, worker, run_id, task=TASK)
    return run_id


def last_beat(database: Database, seconds_ago: float) -> None:
    change(database, "update workers set expires_at = now() + make_interval(secs => %s)", LEASE - seconds_ago)


def rescued(database: Database) -> int:
    return rescue.rescue(database, lease=LEASE)


@pytest.mark.usefixtures("calm")
def test_a_silent_worker_without_its_lock_is_dead(database: Database, run_id: UUID) -> None:
    last_beat(database, 5.5)
    assert rescued(database) == 1
    row = run_row(database, run_id)
    assert (row["state"], row["rescues"], row["attempt"], row["lease"], row["worker_id"]) == (
        "queued",
        1,
        0,
        None,
        None,
    )
    assert one(database, "select count(*) as n from workers")["n"] == 0
    assert one(database, "select outcome from task_attempts")["outcome"] == "lost"


@pytest.mark.usefixtures("calm")
def test_one_missed_heartbeat_is_nothing(database: Database, run_id: UUID) -> None:
    last_beat(database, 3.0)
    assert rescued(database) == 0


@pytest.mark.usefixtures("calm")
def test_a_silent_worker_that_holds_its_lock_lives(database: Database, run_id: UUID) -> None:
    last_beat(database, 30.0)
    with OpenTransaction(database) as alive:
        alive.do(lambda connection: execute(connection, "select pg_advisory_xact_lock(1)"))
        assert rescued(database) == 0
        alive.commit()
    assert rescued(database) == 1


def test_a_young_session_of_ours_proves_nothing(database: Database, run_id: UUID) -> None:
    last_beat(database, 30.0)
    database.close()
    assert rescued(database) == 0


@pytest.mark.usefixtures("calm")
def test_an_ended_lease_needs_no_lock(database: Database, run_id: UUID) -> None:
    with OpenTransaction(database) as frozen:
        frozen.do(lambda connection: execute(connection, "select pg_advisory_xact_lock(1)"))
        last_beat(database, LEASE + rescue.GRACE - 1)
        assert rescued(database) == 0
        last_beat(database, LEASE + rescue.GRACE + 1)
        assert rescued(database) == 1
    assert run_row(database, run_id)["state"] == "queued"


def test_leases_that_ended_in_an_outage_prove_nothing(database: Database, run_id: UUID) -> None:
    """Nobody could renew them; the first who is back must not declare all others dead."""
    last_beat(database, LEASE + 300.0)
    database.close()
    assert rescued(database) == 0
    assert run_row(database, run_id)["state"] == "running"


@pytest.mark.usefixtures("calm")
def test_a_server_that_stood_still_proves_nothing(
    database: Database, run_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection broke, and none is young: only who waited for an answer knows."""
    last_beat(database, LEASE + 300.0)
    poll(lambda: one(database, OLD_SESSIONS)["old"])
    watch = rescue.Watch()
    monkeypatch.setattr(rescue, "CALM", 0.5)
    monkeypatch.setattr(rescue, "GAP", 0.2)
    time.sleep(0.3)
    assert rescue.rescue(database, lease=LEASE, watch=watch) == 0
    monkeypatch.setattr(rescue, "GAP", rescue.GRACE)
    monkeypatch.setattr(rescue, "CALM", 0.0)
    poll(lambda: rescue.rescue(database, lease=LEASE, watch=watch))
    assert run_row(database, run_id)["state"] == "queued"


def test_a_run_past_its_deadline_is_taken_though_its_worker_lives(database: Database, run_id: UUID) -> None:
    assert rescued(database) == 0
    change(database, "update task_runs set deadline_at = now() - interval '1 second'")
    assert rescued(database) == 1
    assert one(database, "select count(*) as n from workers")["n"] == 1


def test_a_run_whose_worker_has_no_row_is_taken(database: Database, run_id: UUID) -> None:
    change(database, "delete from workers")
    assert rescued(database) == 1


def test_a_row_that_moved_on_is_left_alone(database: Database, worker: UUID, run_id: UUID) -> None:
    stale = {"id": run_id, "lease": run_row(database, run_id)["lease"], "worker_id": worker}
    kill(database, worker)
    claim_one(database, new_worker(database), run_id, task=TASK)
    assert transact(database, lambda connection: rescue.rescue_runs(connection, [stale])) == 0
    assert run_row(database, run_id)["rescues"] == 1


def test_a_row_that_its_worker_is_just_writing_is_skipped(database: Database, worker: UUID, run_id: UUID) -> None:
    with OpenTransaction(database) as writing:
        writing.do(
            lambda connection: execute(connection, "select 1 from task_runs where id = %s for update", (run_id,))
        )
        assert kill(database, worker) == 0
        writing.commit()
    assert run_row(database, run_id)["state"] == "running"
    assert rescued(database) == 1


def test_a_run_that_kills_every_worker_is_given_up(database: Database, worker: UUID, run_id: UUID) -> None:
    put(database, [run_id], rescues=rescue.MOST_RESCUES - 1, attempt=3)
    assert kill(database, worker) == 1
    assert (run_row(database, run_id)["state"], run_row(database, run_id)["rescues"]) == ("queued", rescue.MOST_RESCUES)
    other = new_worker(database)
    claim_one(database, other, run_id, task=TASK)
    assert kill(database, other) == 1
    row = run_row(database, run_id)
    assert (row["state"], row["error"]["code"], row["attempt"]) == ("failed", "run.lost", 2)


def test_the_parent_that_saw_the_death_frees_the_message(database: Database, worker: UUID) -> None:
    message = new_id()
    ids = write(database, 3)
    claim.claim(database, TASK, ids[:2], worker=worker, message=message, timeout=60)
    assert transact(database, lambda connection: rescue.rescue_message(connection, message, ids)) == 2
    assert [run_row(database, each)["alone"] for each in ids] == [True, True, False]
    assert one(database, "select count(*) as n from workers")["n"] == 0
    assert transact(database, lambda connection: rescue.rescue_message(connection, message, ids)) == 0


@pytest.fixture
def own_postgres(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(server_folder / "restarted", options=FAST)
    try:
        server.start()
        yield server
    finally:
        server.stop("immediate")


def test_a_restart_of_postgres_frees_every_lock_and_kills_nobody(own_postgres: EmbeddedPostgres) -> None:
    url = own_postgres.create_database("restarted")
    command.upgrade(alembic_config(url), "head")
    database = Database(url, name="intowork-tests")
    try:
        worker = prepare(database, TASK)
        [run_id] = write(database)
        holder = database.direct()
        holder.execute("select pg_advisory_lock(1)")
        claim_one(database, worker, run_id, task=TASK)
        database.close()
        own_postgres.stop("fast")
        own_postgres.start()
        assert holder.closed is False or holder.broken
        holder.close()

        last_beat(database, 30.0)
        assert one(database, "select pg_try_advisory_xact_lock(1) as free")["free"]
        assert rescued(database) == 0
        assert run_row(database, run_id)["state"] == "running"
    finally:
        database.close()


def hold(connection: Connection, run_id: UUID) -> None:
    execute(connection, "update task_runs set progress = '{}' where id = %s", (run_id,))


def test_a_parent_that_somebody_holds_holds_up_no_rescue(database: Database, worker: UUID) -> None:
    """What is queued anew needs no parent; what ends waits for the next pass, and then wakes its parent."""
    [parent] = write(database)
    children = write(database, 3, parent_id=parent)
    for child in children:
        claim_one(database, worker, child, task=TASK)
    put(database, children[1:2], rescues=rescue.MOST_RESCUES)
    put(database, children[2:], cancel_requested_at=datetime.now(UTC))
    put(database, [parent], run_at=datetime.now(UTC) + timedelta(hours=1))
    with OpenTransaction(database) as holder:
        holder.do(lambda connection: hold(connection, parent))
        assert kill(database, worker) == 1
        assert [run_row(database, child)["state"] for child in children] == ["queued", "running", "running"]
        holder.commit()
    change(database, "update task_runs set state = 'succeeded' where id = %s", children[0])
    assert rescued(database) == 2
    assert [run_row(database, child)["state"] for child in children[1:]] == ["failed", "cancelled"]
    assert run_row(database, parent)["ahead"].total_seconds() <= 0


@pytest.mark.usefixtures("calm")
def test_a_row_that_somebody_holds_keeps_nobody_else_from_being_freed(database: Database, database_url: str) -> None:
    held, free = prepare(database, TASK), new_worker(database)
    for worker, run_id in zip((held, free), write(database, 2), strict=True):
        runs.start(database, worker, [run_id])
    last_beat(database, LEASE + 60)
    with OpenTransaction(database) as holder, closing(Database(database_url, lock_timeout="100ms")) as dispatcher:
        holder.do(lambda connection: execute(connection, "select 1 from workers where id = %s for update", (held,)))
        assert rescue.rescue(dispatcher, lease=LEASE) == 1
        holder.commit()
        assert rescue.rescue(dispatcher, lease=LEASE) == 1
