"""The whole platform on RabbitMQ: nothing but BROKER_URL says so."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from celery import Celery
from kombu.connection import Connection as BrokerConnection
from kombu.entity import Queue

from celeryconfig import QUEUES
from sandbox.processes import wait_until
from sandbox.stack import Stack
from tests.integration.brokers.rabbitmq import RabbitMQ
from tests.means import RABBITMQ
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database, Row, execute, query
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.synchronise import synchronise_catalogue

pytestmark = [
    RABBITMQ.mark,
    pytest.mark.timeout(180),
]

RUNS = 200
# Longer than any of these tests: a run that ends was published again because of the broker, not of the clock.
DISPATCH_DELAY = 300
TASKS = [
    TaskDefinition(f"test.{name}", Payload, "A test's task.", batch=50 if name == "nothing" else 1)
    for name in ("nothing", "wait", "die", "fail", "ident")
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="intowork-rabbitmq-", dir="/var/tmp"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(folder / "rabbitmq")
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def stack(folder: Path, rabbitmq: RabbitMQ) -> Iterator[Stack]:
    """Redis is down: whatever works, works without it."""
    parts = {"dispatcher": 2, "worker": 1, "beat": 1, "flower": 1}
    stack = Stack(folder / "stack", parts, {"BROKER_URL": rabbitmq.url}, worker_app="tests.factories.chaos_app")
    try:
        stack.start()
        stack.kill("redis")
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Database]:
    with closing(Database(stack.url("postgres"), name="intowork-tests")) as database:
        with database.transaction() as connection:
            synchronise_catalogue(connection, [*CATALOGUE, *TASKS])
            execute(connection, "update queues set dispatch_delay_seconds = %s", (DISPATCH_DELAY,))
        yield database


def ask(database: Database, sql: str, *parameters: Any) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, sql, parameters)


def ended(database: Database, task: str = "test.%") -> int:
    sql = "select count(*) as n from task_runs where task like %s and finished_at is not null"
    return int(ask(database, sql, task)[0]["n"])


def enqueue(database: Database, runs: list[NewRun]) -> None:
    with database.transaction() as connection:
        enqueue_all(connection, runs)


def lines(stack: Stack) -> str:
    return "\n".join(f"{name}: {line}" for name, line in stack.supervisor.lines())


def test_every_run_ends_though_a_child_is_killed_and_rabbitmq_too(
    stack: Stack, rabbitmq: RabbitMQ, database: Database, tmp_path: Path
) -> None:
    special = [
        NewRun("test.fail", {"how": "permanent"}),
        NewRun("test.die", {"marker": str(tmp_path / "died")}),
        *[NewRun("test.nothing", {})] * 98,
    ]
    enqueue(database, special + [NewRun("test.wait", {"seconds": 0.1})] * (RUNS - len(special)))
    assert wait_until(lambda: ended(database) > RUNS / 2, seconds=60), lines(stack)
    rabbitmq.restart()
    assert wait_until(lambda: ended(database) == RUNS, seconds=60), lines(stack)
    rows = ask(database, "select state, error->>'message' as error, rescues from task_runs where task like 'test.%%'")
    assert [row["error"] for row in rows if row["state"] != "succeeded"] == ["This cannot work."]
    assert sum(row["rescues"] for row in rows) >= 1
    assert (tmp_path / "died").exists()


def test_an_emptied_rabbitmq_is_filled_again_at_once(stack: Stack, rabbitmq: RabbitMQ, database: Database) -> None:
    before = ended(database)
    enqueue(database, [NewRun("test.wait", {"seconds": 0.1})] * 60)
    assert wait_until(lambda: ended(database) > before, seconds=30), lines(stack)
    rabbitmq.restart(empty=True)
    assert wait_until(lambda: ended(database) == before + 60, seconds=45), lines(stack)


def test_the_queues_are_durable_and_declared_the_same_by_all(stack: Stack, rabbitmq: RabbitMQ) -> None:
    connect: Any = BrokerConnection
    queue: Any = Queue
    with connect(rabbitmq.url) as connection:
        for name in QUEUES:
            queue(name, durable=True, auto_delete=False)(connection.default_channel).queue_declare()


def test_send_task_of_a_bare_app_becomes_a_run(stack: Stack, rabbitmq: RabbitMQ, database: Database) -> None:
    with Celery("outside", broker=rabbitmq.url, set_as_current=False) as app:
        app.send_task("test.ident", kwargs={"number_id": 7})
    assert wait_until(lambda: ended(database, "test.ident") == 1, seconds=20), lines(stack)
    assert ask(database, "select result from task_runs where task = 'test.ident'")[0]["result"] == {"number_id": 7}


def test_flower_sees_the_worker(stack: Stack) -> None:
    secret = ("intowork", stack.secrets["flower_password"])

    def workers() -> bool:
        answer = requests.get(f"{stack.url('flower')}/api/workers", params={"refresh": 1}, auth=secret, timeout=10)
        return "worker1@" in answer.text

    assert wait_until(workers, seconds=20), lines(stack)


def reachable(database: Database) -> bool:
    [row] = ask(database, "select value from platform_state where key = 'dispatcher'")
    return bool(row["value"]["broker_reachable"])


def test_a_silent_rabbitmq_hangs_nobody(stack: Stack, rabbitmq: RabbitMQ, database: Database) -> None:
    assert wait_until(lambda: reachable(database), seconds=20)
    before = ended(database)
    rabbitmq.signal(signal.SIGSTOP)
    try:
        assert wait_until(lambda: not reachable(database), seconds=60), lines(stack)
    finally:
        rabbitmq.signal(signal.SIGCONT)
    enqueue(database, [NewRun("test.wait", {})] * 10)
    assert wait_until(lambda: ended(database) == before + 10, seconds=60), lines(stack)


def test_the_dispatchers_know_when_rabbitmq_is_away(stack: Stack, rabbitmq: RabbitMQ, database: Database) -> None:
    assert wait_until(lambda: reachable(database), seconds=20)
    rabbitmq.kill()
    assert wait_until(lambda: not reachable(database), seconds=20), lines(stack)
    rabbitmq.start()
    assert wait_until(lambda: reachable(database), seconds=20), lines(stack)
