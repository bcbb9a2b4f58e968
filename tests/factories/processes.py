"""Real workers and dispatchers of the tests' own."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery

from celeryconfig import KEY_PREFIX
from sandbox.processes import WATCHDOG, end, last_lines
from tests.factories.ledger import poll, run_row, transact
from worker.kit.database import Database, Row, query
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.enqueue import NewRun, enqueue_all

NAMES = ("nothing", "one", "wait", "long", "die", "fail", "family", "ident")
BROKER_OPTIONS = {"global_keyprefix": KEY_PREFIX}
CHECKOUT = Path(__file__).parents[2]
LEAVING = [(signal.SIGTERM, 15.0)]


def environment(database_url: str, broker_url: str) -> dict[str, str]:
    """What every process of the platform needs."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CELERY_", "DATABASE_"))},
        "DATABASE_URL": database_url,
        "BROKER_URL": broker_url,
        "LOG_LEVEL": "INFO",
        "PYTHONWARNINGS": "ignore",
    }


class Processes:
    """Processes on one database and one broker, each in a group of its own, with a log each."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=CHECKOUT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        WATCHDOG.guard(process.pid)
        self._running[name] = process

    def signal(self, name: str, number: signal.Signals) -> subprocess.Popen[bytes]:
        """Signal the main process alone, as a container runtime does."""
        os.kill(self._running[name].pid, number)
        return self._running[name]

    def stop(self) -> None:
        for process in self._running.values():
            end(process, LEAVING, group=False)

    def logs(self) -> str:
        return "\n".join(f"{name}:\n{last_lines(self._folder / f'{name}.log')}" for name in self._running)


def start_worker(processes: Processes, *, children: int = 2) -> None:
    processes.start(
        "worker",
        *("celery", "-A", "tests.factories.worker_app", "worker", "--pool=prefork", f"--concurrency={children}"),
        *("--without-gossip", "--without-mingle"),
    )


def definitions() -> list[TaskDefinition]:
    """The worker's tasks as the dispatcher and the enqueuing side need them."""
    return [
        TaskDefinition(f"test.{name}", Payload, "A test's task.", batch=50 if name == "nothing" else 1, timeout=30)
        for name in NAMES
    ]


def enqueue(database: Database, task: str, count: int = 1, **payload: Any) -> list[UUID]:
    return transact(
        database, lambda connection: [each.id for each in enqueue_all(connection, [NewRun(task, payload)] * count)]
    )


def in_state(database: Database, run_id: UUID, *states: str) -> Row:
    """The run's row, once it is in one of these states."""

    def row() -> Row | None:
        found = run_row(database, run_id)
        return found if found["state"] in states else None

    found = poll(row, seconds=20)
    assert found is not None
    return found


def runs_of(database: Database, task: str) -> list[Row]:
    with database.transaction() as connection:
        return query(connection, "select * from task_runs where task = %s order by id", (task,))


def outside_app(broker: str) -> Celery:
    """What the main web app has: a bare Celery app with our broker and our prefix."""
    app = Celery("outside", broker=broker, set_as_current=False)
    app.conf.broker_transport_options = BROKER_OPTIONS
    return app
