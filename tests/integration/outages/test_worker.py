"""A real worker whose Postgres, or whose broker, goes away."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis

from celeryconfig import KEY_PREFIX
from sandbox.postgres import EmbeddedPostgres
from sandbox.redis import EmbeddedRedis
from tests.factories.ledger import change, one, poll, run_row, transact
from tests.factories.processes import Processes, definitions, enqueue, in_state, outside_app, runs_of, start_worker
from worker.kit.database import Database, query
from worker.ledger.synchronise import synchronise_catalogue

MESSAGES = 40
FOREIGN = (
    b"no JSON {",
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"null",
    b"5",
    b'"text of somebody@example.org"',
    b"[1, 2]",
    b"{}",
    b'{"properties": 5}',
    b'{"body": 5, "properties": {"delivery_tag": "a", "body_encoding": "base64"}}',
    b'{"body": "x", "properties": {"delivery_tag": ["no", "name"], "delivery_info": {}}, "headers": {}}',
    b'{"body": "x", "properties": {"delivery_tag": "b"}, "headers": ["test.one"], "content-type": "application/json"}',
    b'{"body": {"a": 1}, "properties": {"delivery_tag": "c"}, "headers": {"task": "test.one", "id": 5}}',
    b'{"__type__": "datetime", "__value__": "somebody@example.org"}',
)


@pytest.fixture
def broker(server_folder: Path) -> Iterator[EmbeddedRedis]:
    """A Redis that this test may end."""
    server = EmbeddedRedis(server_folder / "mortal-redis")
    try:
        server.start()
        server.flush()
        yield server
    finally:
        server.kill()


@pytest.fixture
def database(database: Database) -> Database:
    transact(database, lambda connection: synchronise_catalogue(connection, definitions()))
    return database


@pytest.fixture
def processes(tmp_path: Path, database: Database, database_url: str, broker: EmbeddedRedis) -> Iterator[Processes]:
    (tmp_path / "tmp").mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CELERY_", "DATABASE_"))},
        "DATABASE_URL": database_url,
        "BROKER_URL": broker.url,
        "LOG_LEVEL": "INFO",
        "PYTHONWARNINGS": "ignore",
        "TMPDIR": str(tmp_path / "tmp"),
    }
    processes = Processes(tmp_path, environment)
    try:
        start_worker(processes)
        poll(lambda: one(database, "select count(*) = 3 as all from workers")["all"], seconds=30)
        yield processes
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()


def away(postgres: EmbeddedPostgres, database: Database, seconds: float, meanwhile: Callable[[], object]) -> None:
    """Take Postgres away, do something, and bring it back after `seconds`."""
    postgres.stop("immediate")
    meanwhile()
    time.sleep(seconds)
    postgres.start()
    database.close()


@pytest.mark.parametrize("seconds", [14.0, pytest.param(120.0, marks=pytest.mark.full)])
def test_every_message_sent_without_postgres_becomes_one_run(
    postgres: EmbeddedPostgres, database: Database, processes: Processes, broker: EmbeddedRedis, seconds: float
) -> None:
    sent: list[str] = []

    def send() -> None:
        with outside_app(broker.url) as app:
            sent.extend(app.send_task("test.ident", kwargs={"number_id": number}).id for number in range(MESSAGES))

    away(postgres, database, seconds, send)
    poll(lambda: len(runs_of(database, "test.ident")) >= MESSAGES, seconds=60)
    numbers = sorted(row["payload"]["number_id"] for row in runs_of(database, "test.ident"))
    assert numbers == list(range(MESSAGES))
    kept = one(database, "select array_agg(key order by key) as ids from task_keys where scope = 'send_task'")
    assert kept["ids"] == sorted(sent), "each came back under its own id: twice, it would still be one run"


def test_a_child_that_dies_without_postgres_is_freed_when_it_returns(
    postgres: EmbeddedPostgres, database: Database, processes: Processes, broker: EmbeddedRedis
) -> None:
    """No dispatcher runs here: nobody but the parent can know."""
    [run_id] = enqueue(database, "test.long", seconds=60.0)
    publish(broker.url, "test.long", run_id)
    in_state(database, run_id, "running")
    child = one(database, "select w.pid from task_runs r join workers w on w.id = r.worker_id where r.id = %s", run_id)[
        "pid"
    ]
    away(postgres, database, 3.0, lambda: os.kill(child, signal.SIGKILL))
    row = in_state(database, run_id, "queued")
    assert (row["rescues"], row["attempt"]) == (1, 0)


def publish(broker: str, task: str, run_id: UUID) -> None:
    from_dispatcher: Any = ["intowork.ids", [str(run_id)]]
    with outside_app(broker) as app:
        app.send_task(task, args=from_dispatcher, queue="default")


def test_a_lost_broker_leaves_no_files(
    database: Database, processes: Processes, broker: EmbeddedRedis, tmp_path: Path
) -> None:
    for run_id in enqueue(database, "test.wait", 6, seconds=4.0):
        publish(broker.url, "test.wait", run_id)
    poll(lambda: one(database, "select count(*) = 2 as all from task_runs where state = 'running'")["all"], seconds=20)
    with redis.Redis.from_url(broker.url) as client:
        poll(lambda: client.llen(f"{KEY_PREFIX}default") == 2)
    broker.kill()
    poll(lambda: "message.unrestored" in (tmp_path / "worker.log").read_text(), seconds=30)
    broker.start()
    assert [each.name for each in (tmp_path / "tmp").iterdir() if each.is_file()] == []


def test_a_foreign_envelope_is_recorded_without_its_content_and_dropped(
    database: Database, processes: Processes, broker: EmbeddedRedis, tmp_path: Path
) -> None:
    with redis.Redis.from_url(broker.url) as client:
        for each in FOREIGN:
            client.lpush(f"{KEY_PREFIX}celery", each)
    counted = "select count(*) as n from inbound_events where source = 'broker'"
    poll(lambda: one(database, counted)["n"] >= len(FOREIGN), seconds=30)
    with outside_app(broker.url) as app:
        app.send_task("test.ident", kwargs={"number_id": 7})
    poll(lambda: runs_of(database, "test.ident"))
    with database.transaction() as connection:
        recorded = query(connection, "select payload::text as text, payload->>'reason' as reason from inbound_events")
    assert len(recorded) == len(FOREIGN)
    assert all(row["reason"].startswith("The message ") for row in recorded)
    assert "somebody" not in str(recorded)
    assert "somebody" not in (tmp_path / "worker.log").read_text()
    assert run_row(database, runs_of(database, "test.ident")[0]["id"])["state"] == "queued"
    change(database, "delete from inbound_events")
