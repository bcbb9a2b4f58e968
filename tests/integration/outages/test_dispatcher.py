"""A dispatcher that starts while something it needs is away."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories.ledger import one, poll, prepare, run_row, write
from worker.dispatcher import Dispatcher
from worker.kit.database import Database
from worker.kit.settings import Settings

NOBODY = "redis://127.0.0.1:9/1"
SOON = 4.0
LONG_ENOUGH_TO_FAIL = 0.5


@contextmanager
def running(work: Callable[[], object]) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread
    thread.join(SOON)


def survives(thread: threading.Thread) -> bool:
    thread.join(LONG_ENOUGH_TO_FAIL)
    return thread.is_alive()


@pytest.fixture
def alone(database_url: str) -> Iterator[Dispatcher]:
    """A dispatcher whose broker is away."""
    dispatcher = Dispatcher(Settings(database_url=database_url, broker_url=NOBODY))
    yield dispatcher
    dispatcher.stop()
    dispatcher.run()


def test_without_a_broker_the_other_duties_go_on(database: Database, alone: Dispatcher) -> None:
    with running(alone.chores) as thread:
        pass
    assert not thread.is_alive()
    row = one(database, "select value from platform_state where key = 'dispatcher'")
    assert row["value"] == {"broker_reachable": False}


def test_without_a_broker_rows_stay_due(database: Database, alone: Dispatcher) -> None:
    prepare(database)
    [run] = write(database)
    with running(alone.dispatch_once) as thread:
        pass
    assert not thread.is_alive()
    row = run_row(database, run)
    assert (row["state"], row["dispatches"]) == ("queued", 0)


def test_a_dispatcher_may_start_before_postgres_and_its_tables(
    postgres_server: EmbeddedPostgres, template_database: str, redis_server: EmbeddedRedis
) -> None:
    url = postgres_server.create_database("late")
    postgres_server.drop_database("late")
    dispatcher = Dispatcher(Settings(database_url=url, broker_url=redis_server.url))
    with running(dispatcher.run) as thread:
        assert survives(thread)
        postgres_server.create_database("late")
        assert survives(thread)
        postgres_server.drop_database("late")
        database = Database(postgres_server.create_database("late", template=template_database))
        poll(lambda: one(database, "select count(*) as n from task_catalogue")["n"])
        database.close()
        dispatcher.stop()
    assert not thread.is_alive()
    postgres_server.drop_database("late")
