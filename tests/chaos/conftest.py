"""A stack of its own, durable and with real emulators, for tests that break it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.stack import Stack
from tests.factories.worker_tasks import TASKS as TEST_TASKS
from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database
from worker.ledger.synchronise import synchronise_catalogue

StackMaker = Callable[..., Stack]


@pytest.fixture
def start_stack() -> Iterator[StackMaker]:
    """Starts stacks whose workers know the platform's tasks and the tests'; they end with the test."""
    folder = Path(tempfile.mkdtemp(prefix="intowork-chaos-", dir="/var/tmp"))
    stacks: list[Stack] = []

    def start(*, workers: int = 2, dispatchers: int = 2, emulators: int = 1, **environment: str) -> Stack:
        parts = {"emulators": emulators, "dispatcher": dispatchers, "worker": workers, "beat": 1}
        stack = Stack(
            folder / str(len(stacks)), parts, environment, worker_app="tests.factories.chaos_app", concurrency=2
        )
        stacks.append(stack)
        stack.start()
        database = Database(stack.url("postgres"), name="intowork-chaos")
        with database.transaction() as connection:
            synchronise_catalogue(connection, [*CATALOGUE, *(bound.definition for bound in TEST_TASKS)])
        database.close()
        return stack

    yield start
    for stack in stacks:
        stack.stop()
    shutil.rmtree(folder, ignore_errors=True)
