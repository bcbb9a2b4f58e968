"""One company's flood does not hold up anybody else: a real worker of two children and a real dispatcher.

How long others wait is counted in runs of the flood that start meanwhile: a slow machine starts fewer, not more.
"""

import sys
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection

from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories import runs
from tests.factories.ledger import change, one, poll, run_row, transact
from tests.factories.processes import Processes, environment, start_worker
from tests.factories.worker_tasks import TASKS
from worker.kit.database import Database
from worker.ledger.enqueue import NewRun, announce, enqueue_all
from worker.ledger.synchronise import synchronise_catalogue

CHILDREN = 2
FLOODING, OTHER = 1, 2
WAIT = "test.wait"
PATIENCE = 120.0
# Seconds that anybody may have to wait, beside the longest handler that is running.
WITHIN = 2.0
SIZES = [1_000, pytest.param(10_000, marks=pytest.mark.full)]


@pytest.fixture(scope="module")
def database(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[Database]:
    url = postgres_server.create_database("fairness", template=template_database)
    database = Database(url, pool_size=2, name="intowork-tests")
    transact(database, lambda connection: synchronise_catalogue(connection, [bound.definition for bound in TASKS]))
    yield database
    database.close()
    postgres_server.drop_database("fairness")


@pytest.fixture(scope="module")
def workers(
    postgres_server: EmbeddedPostgres,
    redis_server: EmbeddedRedis,
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Processes]:
    redis_server.flush()
    url = postgres_server.url("fairness")
    processes = Processes(tmp_path_factory.mktemp("fairness"), environment(url, redis_server.url))
    try:
        start_worker(processes)
        processes.start("dispatcher", "worker.dispatcher")
        poll(lambda: one(database, "select count(*) = 3 as all from workers")["all"], seconds=60)
        yield processes
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()


@pytest.fixture
def quiet(database: Database, workers: Processes) -> Iterator[None]:
    """Afterwards nothing of the test waits or runs any more."""
    yield
    change(database, "delete from task_runs where state = 'queued'")
    poll(
        lambda: one(database, "select count(*) = 0 as over from task_runs where state = 'running'")["over"], seconds=60
    )
    change(database, "delete from task_runs")
    change(database, "update task_catalogue set batch = 1 where name = %s", WAIT)


def flood(database: Database, size: int, queue: str, seconds: float = 0.1) -> None:
    """Due runs of one company on one queue; returns when its rate shows."""

    def write(connection: Connection) -> None:
        ids = runs.write(connection, size, task=WAIT, payload={"seconds": seconds}, company_id=FLOODING)
        runs.put(connection, ids, queue=queue)
        announce(connection)

    transact(database, write)
    ended = "select count(*) > %s as enough from task_runs where state = 'succeeded' and queue = %s"
    poll(lambda: one(database, ended, 2 / seconds, queue)["enough"], seconds=PATIENCE)


def ask(database: Database, queue: str) -> UUID:
    """A run of another company, due now."""

    def write(connection: Connection) -> UUID:
        [run_id] = runs.write(connection, task=WAIT, company_id=OTHER, priority=0)
        runs.put(connection, [run_id], queue=queue)
        announce(connection)
        return run_id

    return transact(database, write)


def started_before(database: Database, run_id: UUID) -> int:
    """How many runs of the flood started between this run's due time and its start."""
    poll(lambda: run_row(database, run_id)["started_at"], seconds=PATIENCE)
    return int(
        one(
            database,
            """
            select count(*) as n from task_runs f join task_runs r on r.id = %s
             where f.company_id = %s and f.started_at > r.created_at and f.started_at <= r.started_at
            """,
            run_id,
            FLOODING,
        )["n"]
    )


def bound(seconds: float) -> int:
    """What the children start in WITHIN seconds and the longest handler, when each run takes so long."""
    return int(CHILDREN * (WITHIN + seconds) / seconds)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("flooded", "asked"),
    [
        ("default", "default"),
        ("default", "interactive"),
        ("default", "upkeep"),
        ("interactive", "interactive"),
        ("interactive", "default"),
        ("interactive", "upkeep"),
    ],
)
def test_another_company_starts_at_once(database: Database, quiet: None, flooded: str, asked: str, size: int) -> None:
    flood(database, size, flooded)
    assert started_before(database, ask(database, asked)) <= bound(0.1)


def test_runs_that_share_messages_do_not_hold_up_others(database: Database, quiet: None) -> None:
    change(database, "update task_catalogue set batch = 50 where name = %s", WAIT)
    flood(database, 1_000, "default")
    assert started_before(database, ask(database, "default")) <= bound(0.1)


def test_long_runs_do_not_pile_up_before_others(database: Database, quiet: None) -> None:
    flood(database, 100, "default", seconds=1.0)
    assert started_before(database, ask(database, "default")) <= bound(1.0)


def test_floods_on_every_queue_leave_a_turn_to_each(database: Database, quiet: None) -> None:
    for queue in ("upkeep", "bulk", "default", "interactive"):
        flood(database, 500, queue)
    asked = [ask(database, queue) for queue in ("interactive", "default", "bulk", "upkeep")]
    assert max(started_before(database, each) for each in asked) <= bound(0.1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("flooded", ["interactive", "upkeep"])
def test_the_cancel_of_a_flood_does_not_wait_behind_it(
    database: Database, quiet: None, flooded: str, size: int
) -> None:
    flood(database, size, flooded)
    payload = {"action": "cancel", "task": WAIT, "state": "queued", "reason": "a flood"}

    def cancel(connection: Connection) -> UUID:
        run = enqueue_all(connection, [NewRun("upkeep.bulk", payload)])[0]
        announce(connection)
        return run.id

    bulk = transact(database, cancel)
    assert started_before(database, bulk) <= bound(0.1)
    poll(lambda: run_row(database, bulk)["state"] == "succeeded", seconds=PATIENCE)
    waiting = "select count(*) as n from task_runs where state = 'queued' and task = %s"
    assert one(database, waiting, WAIT)["n"] == 0
