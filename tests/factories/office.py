"""The API as its users see it, the rows beneath it, and a worker in this process that ends runs when told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import requests

from tasks import bound_tasks
from tests.factories.api import Api, token
from worker.kit.database import Row, raw
from worker.ledger.executor import Executor, RunFailed
from worker.wiring import Wiring


@dataclass
class Office:
    api: Api
    wiring: Wiring
    emulators: str

    def user(self, user_id: int) -> Api:
        return self.api.with_token(token(sub=str(user_id)))

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.api.rows(sql, parameters)

    def app(self, work: Callable[[Any], Any]) -> Any:
        """Do something the way the main web app does it."""
        with self.api.database.transaction() as connection:
            return work(raw(connection))

    def faults(self, provider: str, **switches: Any) -> None:
        requests.put(f"{self.emulators}/_emulator/{provider}/faults", json=switches, timeout=5).raise_for_status()

    def work(self) -> None:
        """Carry out what is due, and what that makes, until nothing is left."""
        while due := self.rows(
            "select id, task from task_runs where state = 'queued' and run_at <= now() order by priority, id limit 1"
        ):
            self.execute(due[0]["task"], due[0]["id"])

    def execute(self, task: str, run_id: UUID) -> None:
        executor = Executor(self.api.database, {each.definition.name: each for each in bound_tasks(self.wiring)})
        try:
            executor.execute(task, [run_id], worker=self.api.worker, message=None)
        except RunFailed:
            return

    @contextmanager
    def working(self) -> Iterator[None]:
        """A worker beside the request."""
        self.load()
        done = threading.Event()

        def loop() -> None:
            while not done.wait(0.02):
                self.work()

        thread = threading.Thread(target=loop, name="worker")
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def load(self) -> None:
        """Import the providers' packages that a test needs before a request waits for them: that takes seconds."""

    def close(self) -> None:
        for client in self.wiring._clients.values():
            client.close()
