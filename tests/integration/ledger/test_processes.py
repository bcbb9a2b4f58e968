"""A real worker and a real dispatcher, killed, drained and fed with nonsense."""

import signal
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection as BrokerConnection

from sandbox.redis import EmbeddedRedis
from tests.factories.ledger import change, one, poll, run_row, transact
from tests.factories.processes import (
    BROKER_OPTIONS,
    Processes,
    definitions,
    enqueue,
    environment,
    in_state,
    outside_app,
    runs_of,
    start_worker,
)
from worker.kit.database import Database
from worker.kit.ids import new_id
from worker.ledger import run_message
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.synchronise import synchronise_catalogue


@pytest.fixture(scope="module")
def database(module_database_url: str) -> Iterator[Database]:
    database = Database(module_database_url, pool_size=4, name="intowork-tests")
    transact(database, lambda connection: synchronise_catalogue(connection, definitions()))
    yield database
    database.close()


@pytest.fixture(scope="module")
def broker(redis_server: EmbeddedRedis) -> str:
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory, database: Database, module_database_url: str, broker: str
) -> Iterator[Processes]:
    processes = Processes(tmp_path_factory.mktemp("processes"), environment(module_database_url, broker))
    try:
        start_worker(processes)
        processes.start("dispatcher", "worker.dispatcher")
        poll(lambda: one(database, "select count(*) = 3 as all from workers")["all"], seconds=30)
        yield processes
    except BaseException:
        sys.stderr.write(processes.logs())
        raise
    finally:
        processes.stop()


def test_runs_succeed_in_batches(database: Database, processes: Processes) -> None:
    ids = enqueue(database, "test.nothing", 120)
    rows = [in_state(database, each, "succeeded") for each in ids]
    assert {row["attempt"] for row in rows} == {1}
    assert len({row["message_id"] for row in rows}) < 60


def test_a_family_comes_home(database: Database, processes: Processes) -> None:
    [parent] = enqueue(database, "test.family", children=5)
    row = in_state(database, parent, "succeeded")
    assert (row["attempt"], (row["finished_at"] - row["created_at"]).total_seconds() < 15) == (1, True)


def test_a_killed_child_costs_two_seconds(database: Database, processes: Processes, tmp_path: Path) -> None:
    marker = tmp_path / "died"
    [run_id] = enqueue(database, "test.die", marker=str(marker))
    row = in_state(database, run_id, "succeeded")
    assert row["finished_at"].timestamp() - marker.stat().st_mtime < 2.0
    assert (row["rescues"], row["attempt"], row["result"]) == (1, 1, {"attempt": 1})


def test_a_run_over_its_time_is_ended_and_tried_again(database: Database, processes: Processes) -> None:
    change(database, "update task_catalogue set timeout_seconds = 1 where name = 'test.wait'")
    [run_id] = enqueue(database, "test.wait", seconds=25.0)
    poll(lambda: run_row(database, run_id)["rescues"] or None, seconds=15)
    change(database, """update task_runs set payload = '{"seconds": 0.0}' where id = %s""", run_id)
    change(database, "update task_catalogue set timeout_seconds = 30 where name = 'test.wait'")
    row = in_state(database, run_id, "succeeded")
    assert 1 <= row["rescues"] <= 3
    outcomes = one(
        database, "select array_agg(outcome order by lease) as o from task_attempts where run_id = %s", run_id
    )
    assert outcomes["o"] == ["lost"] * row["rescues"] + ["succeeded"]


@pytest.mark.parametrize("task_id", [None, "a name of the sender's own"])
def test_send_task_with_ids_becomes_a_run(
    database: Database, processes: Processes, broker: str, task_id: str | None
) -> None:
    before = len(runs_of(database, "test.ident"))
    with outside_app(broker) as app:
        for _ in range(2 if task_id else 1):
            app.send_task("test.ident", kwargs={"number_id": 7}, task_id=task_id)
    poll(lambda: len(runs_of(database, "test.ident")) > before)
    row = in_state(database, runs_of(database, "test.ident")[-1]["id"], "succeeded")
    assert row["result"] == {"number_id": 7}
    assert len(runs_of(database, "test.ident")) == before + 1


@pytest.mark.parametrize(
    ("task", "args", "kwargs", "sentence"),
    [
        ("test.wait", (), {"seconds": 1.0}, "The payload of test.wait may not travel through the broker."),
        ("test.ident", (7,), {}, "send_task takes keyword arguments only"),
        ("test.ident", (), {"number_id": "x@example.org"}, "The payload has the wrong shape: number_id"),
    ],
)
def test_send_task_with_anything_else_fails_and_says_what_to_call(
    database: Database,
    processes: Processes,
    broker: str,
    task: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    sentence: str,
) -> None:
    before = len(runs_of(database, task))
    with outside_app(broker) as app:
        app.send_task(task, args=args, kwargs=kwargs)
    poll(lambda: len(runs_of(database, task)) > before)
    row = runs_of(database, task)[-1]
    assert (row["state"], row["payload"], row["error"]["code"]) == ("failed", {}, "task.refused")
    assert row["error"]["message"].startswith(sentence)
    assert "Call POST /api/tasks or SELECT enqueue_task(...) instead." in row["error"]["message"]
    assert "example.org" not in row["error"]["message"]


def publish(broker: str, body: bytes, *, content_type: str = "application/json", **headers: Any) -> None:
    connect: Any = BrokerConnection
    with connect(broker, transport_options=BROKER_OPTIONS) as connection:
        connection.Producer().publish(
            body, routing_key="celery", content_type=content_type, content_encoding="utf-8", headers=headers
        )


@pytest.mark.parametrize(
    ("send", "reason"),
    [
        (lambda broker: outside_app(broker).send_task("no.such"), "No worker knows this task"),
        (lambda broker: publish(broker, b"{half"), "The message could not be decoded"),
        (
            lambda broker: publish(broker, b"\x80", content_type="application/x-python-serialize"),
            "could not be decoded",
        ),
        (lambda broker: publish(broker, b'{"a": 1}'), "The message is not one of Celery's."),
        (lambda broker: publish(broker, b'{"a": 1}', task="test.one", id=str(new_id())), "wrong shape"),
    ],
)
def test_what_no_task_can_take_is_recorded_and_dropped(
    database: Database, processes: Processes, broker: str, send: Callable[[str], object], reason: str
) -> None:
    before = one(database, "select count(*) as n from inbound_events")["n"]
    send(broker)
    poll(lambda: one(database, "select count(*) as n from inbound_events")["n"] > before)
    row = one(database, "select * from inbound_events order by id desc limit 1")
    assert row["source"] == "broker"
    assert reason in row["payload"]["reason"]
    [run_id] = enqueue(database, "test.one")
    in_state(database, run_id, "succeeded")


def test_a_forged_message_is_harmless(database: Database, processes: Processes, broker: str) -> None:
    [done] = enqueue(database, "test.one")
    finished = in_state(database, done, "succeeded")
    [later] = transact(
        database,
        lambda connection: [
            each.id
            for each in enqueue_all(
                connection, [NewRun("test.one", {}, run_at=finished["created_at"] + timedelta(days=300))]
            )
        ],
    )
    args, kwargs = run_message.arguments([new_id(), done, later])
    with outside_app(broker) as app:
        app.send_task("test.one", args=args, kwargs=kwargs)
        app.send_task("test.one", args=[args[0], ["no id"]])
    poll(lambda: [row for row in runs_of(database, "test.one") if row["state"] == "failed"])
    assert {**run_row(database, done), "ahead": None} == {**finished, "ahead": None}
    assert run_row(database, later)["state"] == "queued"


def test_a_leaving_worker_ends_what_it_began_and_gives_back_the_rest(database: Database, processes: Processes) -> None:
    change(database, "update task_catalogue set batch = 10 where name = 'test.wait'")
    ids = enqueue(database, "test.wait", 4, seconds=1.5)
    for each in ids:
        in_state(database, each, "running")
    worker = processes.signal("worker", signal.SIGTERM)
    assert worker.wait(15) == 0
    rows = [run_row(database, each) for each in ids]
    ended = [row for row in rows if row["state"] == "succeeded"]
    returned = [row for row in rows if row["state"] == "queued"]
    assert (len(ended) + len(returned), 1 <= len(ended) <= 3) == (4, True)
    assert {(row["attempt"], row["rescues"], row["lease"]) for row in returned} == {(0, 0, None)}
    assert one(database, "select count(*) as n from workers")["n"] == 0

    change(database, """update task_runs set payload = '{"seconds": 0.0}' where state = 'queued'""")
    start_worker(processes)
    assert {in_state(database, each, "succeeded")["attempt"] for each in ids} == {1}
