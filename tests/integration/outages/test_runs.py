"""Runs that meet an outage: before they are claimed, while they read, while their result is written."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Connection

from sandbox.postgres import EmbeddedPostgres
from tests.factories import runs
from tests.factories.ledger import (
    SEND,
    bound,
    change,
    effect_row,
    one,
    poll,
    prepare,
    run_row,
    transact,
    write,
)
from tests.factories.sample_effects import Provider, SampleAsk, create_sample_table
from tests.integration.outages.conftest import set_read_only
from worker.dispatcher import Dispatcher
from worker.kit.database import Database, connect, libpq_url, query
from worker.kit.ids import new_id
from worker.kit.outages import is_away
from worker.kit.settings import Settings
from worker.ledger import executor, performer
from worker.ledger.executor import Executor
from worker.ledger.handlers import BoundTask, Handler, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.prepared import PreparedDatabase

AWAY = 1.5
PID = "select pg_backend_pid() as pid"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bounded by seconds shall be shorter than these tests' outages."""
    monkeypatch.setattr(executor, "CLAIM_WITHIN", 0.1)
    monkeypatch.setattr(executor, "INSIST", 0.1)
    monkeypatch.setattr(performer.waiting, "__kwdefaults__", {"seconds": 0.1})
    monkeypatch.setattr(performer, "ASK", 0.1)


@pytest.fixture
def hot(database_url: str) -> Iterator[PreparedDatabase]:
    with closing(PreparedDatabase(database_url, name="intowork-tests")) as database:
        yield database


@pytest.fixture
def worker(database: Database) -> UUID:
    return prepare(database, runs.TASK, SEND)


@contextmanager
def executing(hot: Database, worker: UUID, task: BoundTask, ids: list[UUID]) -> Iterator[threading.Thread]:
    """A child that works on one message; it must have ended soon after the block."""
    child = Executor(hot, {task.definition.name: task})
    thread = threading.Thread(
        target=lambda: child.execute(task.definition.name, ids, worker=worker, message=new_id()), daemon=True
    )
    thread.start()
    yield thread
    thread.join(30)
    assert not thread.is_alive()


def plain(handler: Handler) -> BoundTask:
    return BoundTask(runs.definition(runs.TASK), handler)


def backend(connection: Connection) -> int:
    return int(query(connection, PID)[0]["pid"])


def test_a_read_only_moment_costs_a_child_nothing_but_its_connection(
    postgres: EmbeddedPostgres, database: Database, hot: PreparedDatabase, worker: UUID
) -> None:
    first, second = write(database, 2)
    before = hot.autocommit(PID, {})
    with executing(hot, worker, plain(lambda _context, _payload: Done()), [first]):
        pass
    set_read_only(postgres, on=True)
    with executing(hot, worker, plain(lambda _context, _payload: Done()), [second]) as thread:
        thread.join(AWAY)
        assert thread.is_alive()
        set_read_only(postgres, on=False)
    row = run_row(database, second)
    assert (row["state"], row["attempt"], row["rescues"]) == ("succeeded", 1, 0)
    assert hot.autocommit(PID, {}) != before


def test_no_connection_is_made_to_a_server_that_takes_no_writes(postgres: EmbeddedPostgres, database_url: str) -> None:
    set_read_only(postgres, on=True)
    with pytest.raises(psycopg.OperationalError, match="read-only") as refused:
        connect(database_url, name="intowork-tests")
    assert is_away(refused.value)


def test_a_transaction_drops_its_connection_after_a_refused_write(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    before = transact(database, backend)
    set_read_only(postgres, on=True)
    poll(lambda: one(database, "select current_setting('transaction_read_only') = 'on' as on")["on"])
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        change(database, "insert into park_gates (key) values ('gate')")
    set_read_only(postgres, on=False)
    assert transact(database, backend) != before


def test_a_server_that_answers_is_found_among_several(postgres: EmbeddedPostgres, database_url: str) -> None:
    server, _, name = database_url.rpartition("/")
    credentials, _, place = server.rpartition("@")
    url = f"{credentials}@/{name}?host=127.0.0.1:9&host={place}"
    with connect(url, name="intowork-tests") as connection:
        assert connection.info.port == postgres.port
    with closing(Database(url)) as database:
        assert transact(database, backend)


def test_a_dispatcher_waits_for_writes_to_be_taken(
    postgres: EmbeddedPostgres, database: Database, database_url: str, broker_url: str
) -> None:
    dispatcher = Dispatcher(Settings(database_url=database_url, broker_url=broker_url))
    thread = threading.Thread(target=dispatcher.run, daemon=True)
    thread.start()
    alive = "select count(*) as n from platform_state where key = 'dispatcher'"
    poll(lambda: one(database, alive)["n"])
    set_read_only(postgres, on=True)
    thread.join(AWAY)
    assert thread.is_alive()
    set_read_only(postgres, on=False)
    change(database, "delete from platform_state where key = 'dispatcher'")
    poll(lambda: one(database, alive)["n"], seconds=20)
    dispatcher.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_a_handler_that_loses_its_own_reading_gets_its_attempt_back(
    database: Database, database_url: str, hot: PreparedDatabase, worker: UUID
) -> None:
    [run_id] = write(database)
    cut: list[UUID] = []

    def handle(context: RunContext, _payload: object) -> Outcome:
        def read(connection: Connection) -> int:
            if not cut:
                cut.append(context.run.id)
                with psycopg.connect(libpq_url(database_url), autocommit=True) as other:
                    other.execute("select pg_terminate_backend(%s)", (backend(connection),))
            return backend(connection)

        return Done({"pid": context.transaction(read)})

    with executing(hot, worker, plain(handle), [run_id]):
        pass
    row = run_row(database, run_id)
    assert (row["state"], row["attempt"], row["rescues"], row["error"]) == ("queued", 0, 1, None)
    assert one(database, "select outcome, error_class from task_attempts") == {"outcome": "lost", "error_class": None}
    with executing(hot, worker, plain(handle), [run_id]):
        pass
    assert (run_row(database, run_id)["state"], run_row(database, run_id)["attempt"]) == ("succeeded", 1)


def test_a_result_is_kept_until_postgres_is_back(
    postgres: EmbeddedPostgres, database: Database, hot: PreparedDatabase, worker: UUID
) -> None:
    ids = write(database, 3)
    begun: list[UUID] = []

    def handle(context: RunContext, _payload: object) -> Outcome:
        begun.append(context.run.id)
        if len(begun) == len(ids):
            postgres.stop("immediate")
        return Write(lambda connection: Done({"pid": backend(connection)}))

    with executing(hot, worker, plain(handle), ids) as thread:
        poll(lambda: postgres.pid is None)
        thread.join(AWAY)
        assert thread.is_alive()
        postgres.start()
        database.close()
    assert sorted(begun) == sorted(ids)
    assert {(run_row(database, each)["state"], run_row(database, each)["rescues"]) for each in ids} == {
        ("succeeded", 0)
    }


def test_what_a_provider_answered_is_kept_until_postgres_is_back(
    postgres: EmbeddedPostgres, database: Database, hot: PreparedDatabase, worker: UUID
) -> None:
    [run_id] = write(database, task=SEND)
    provider = Provider(lambda: postgres.stop("immediate"))
    create_sample_table(database)
    # The answer is the only trace of the call: nobody could be asked, nothing may be sent twice.
    with executing(hot, worker, bound(SampleAsk(provider)), [run_id]) as thread:
        poll(lambda: postgres.pid is None)
        time.sleep(AWAY)
        assert thread.is_alive()
        postgres.start()
        database.close()
    assert (run_row(database, run_id)["state"], len(provider.calls)) == ("succeeded", 1)
    assert (effect_row(database)["state"], effect_row(database)["reference"]) == ("done", {"id": "post-1"})
