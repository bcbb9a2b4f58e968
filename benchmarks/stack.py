"""A machine room of the benchmarks' own: embedded servers in a fresh folder, and the platform's real processes."""

import shutil
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import requests
from alembic import command

from benchmarks.tasks import CATALOGUE
from migrations.config import alembic_config
from sandbox.postgres import EmbeddedPostgres
from sandbox.processes import LOOPBACK, free_port, wait_until
from sandbox.programs import QUIET_ROOT
from sandbox.redis import EmbeddedRedis
from sandbox.supervisor import Program, Supervisor
from worker.kit.database import Database
from worker.ledger.keys import create_key
from worker.ledger.synchronise import synchronise_catalogue

CHECKOUT = Path(__file__).resolve().parents[1]
# Durable as in production; only sized so that a checkpoint does not fall into every measurement.
POSTGRES = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}
THREADS = 16
CHILDREN = 2
KEYS = 8


class Stack:
    """Servers and processes of one benchmark; use it as a context manager. Everything ends with it."""

    def __init__(self) -> None:
        # Below /var/tmp, where an embedded Postgres may live even for root.
        self.folder = Path(tempfile.mkdtemp(prefix="intowork-benchmark-", dir="/var/tmp"))
        self.postgres = EmbeddedPostgres(self.folder / "postgres", options=POSTGRES)
        self.redis = EmbeddedRedis(self.folder / "redis", append_only=True)
        self._said: deque[str] = deque(maxlen=30)
        self.supervisor = Supervisor(lambda name, line: self._said.append(f"{name}: {line}"))
        self.database_url = ""
        self.environment: dict[str, str] = {}
        self.api_port = free_port()
        self.keys: list[str] = []

    def __enter__(self) -> Self:
        try:
            self.postgres.start()
            self.redis.start()
            self.database_url = self.postgres.create_database("benchmark")
            command.upgrade(alembic_config(self.database_url), "head")
            self.environment = {
                "DATABASE_URL": self.database_url,
                "BROKER_URL": self.redis.url,
                "LOG_LEVEL": "WARNING",
                "API_THREADS": str(THREADS),
                "PATH": "/usr/bin:/bin",
                **QUIET_ROOT,
            }
            self.database = Database(self.database_url, pool_size=2, name="benchmark")
            with self.database.transaction() as connection:
                synchronise_catalogue(connection, CATALOGUE)
                self.keys = [
                    create_key(connection, f"benchmark {number}", ["tasks:write"])[1] for number in range(KEYS)
                ]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.supervisor.close()
        self.redis.stop()
        self.postgres.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, command_line: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start a Python program with these arguments, without waiting until it is ready."""
        values = {**self.environment, **(environment or {})}
        self.supervisor.start(Program(name, (sys.executable, *command_line), values, CHECKOUT))

    def start_worker(self) -> float:
        """Start the platform's worker; the seconds until its main process and its children are registered."""
        began = time.monotonic()
        celery = ("-m", "celery", "--quiet", "-A", "benchmarks.worker_app", "worker", "--pool", "prefork")
        self.start("worker", (*celery, "--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle"))
        self.wait(lambda: self.registered() == CHILDREN + 1, "the worker")
        return time.monotonic() - began

    def start_dispatcher(self) -> None:
        """Start the platform's dispatcher; the platform's own schedule stays out of the figures."""
        self.start("dispatcher", ("-m", "worker.dispatcher"))
        self.wait(lambda: bool(self.rows("select 1 from platform_state where key = 'dispatcher'")), "the dispatcher")
        self.rows("update schedules set enabled = false returning name")
        self.rows("delete from task_runs where task not like 'benchmark.%%' returning id")

    def start_api(
        self, app: str = "benchmarks.api_app:create_app", environment: Mapping[str, str] | None = None
    ) -> float:
        """Start the platform's API; the seconds until it says that it is ready."""
        began = time.monotonic()
        granian = ("-m", "granian", "--interface", "wsgi", "--factory", "--host", LOOPBACK, "--log-level", "error")
        size = ("--workers", "1", "--blocking-threads", str(THREADS), "--backpressure", "64")
        self.start("api", (*granian, "--port", str(self.api_port), *size, app), environment)
        self.wait(self._api_ready, "the API")
        return time.monotonic() - began

    def _api_ready(self) -> bool:
        try:
            return requests.get(f"http://{LOOPBACK}:{self.api_port}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def registered(self) -> int:
        """How many worker processes of this machine are registered."""
        found = self.rows("select count(*) from workers where host = %s", socket.gethostname())
        return int(found[0][0])

    def wait(self, ready: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
        """Raises RuntimeError when it takes longer."""
        if not wait_until(ready, seconds=seconds):
            said = "\n".join(self._said) or "(nothing)"
            raise RuntimeError(f"{what} was not done within {seconds:.0f} s. The processes said last:\n{said}")

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement that returns rows, committed at once."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(sql.encode(), parameters).fetchall()

    def maintain(self, sql: str) -> None:
        """Run a statement that refuses transactions, as vacuum does."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql.encode())

    def roots(self, *names: str) -> dict[str, int]:
        """The main processes of these programs, and of Postgres and Redis."""
        found = {name: pid for name in names if (pid := self.supervisor.pid(name)) is not None}
        servers = {"postgres": self.postgres.pid, "redis": self.redis.pid}
        return {**found, **{name: pid for name, pid in servers.items() if pid is not None}}
