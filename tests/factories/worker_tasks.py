"""Tasks of the tests' own, for real workers."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from tasks import upkeep
from tests.factories.account_effects import POST
from tests.factories.account_tasks import USE_ACCOUNT
from worker.catalogue.upkeep import BULK
from worker.kit.errors import Permanent, Retryable
from worker.kit.tasks import Payload, QueueName, TaskDefinition
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.handlers import BoundTask, Handler, Outcome, RunContext
from worker.ledger.outcomes import Done, Snooze, Write


class Nothing(Payload):
    """No members."""


class Wait(Payload):
    seconds: float = 0.0


class Die(Payload):
    """Kill the child once: the marker file remembers that it happened."""

    marker: str


class Fail(Payload):
    how: Literal["retryable", "permanent", "fault"] = "retryable"


class Family(Payload):
    children: int


class Ident(Payload):
    number_id: int


def nothing(context: RunContext, payload: Nothing) -> Outcome:
    return Done()


def wait(context: RunContext, payload: Wait) -> Outcome:
    time.sleep(payload.seconds)
    return Done({"slept": payload.seconds})


def die(context: RunContext, payload: Die) -> Outcome:
    marker = Path(payload.marker)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Done({"attempt": context.run.attempt})


def fail(context: RunContext, payload: Fail) -> Outcome:
    if payload.how == "permanent":
        raise Permanent("This cannot work.")
    if payload.how == "retryable":
        raise Retryable("Not now.", after=0.0)
    raise ZeroDivisionError("someone@example.org divided by zero")


def family(context: RunContext, payload: Family) -> Outcome:
    run = context.run
    if run.progress is None:

        def begin(connection: Connection) -> Snooze:
            enqueue_all(connection, [NewRun("test.nothing", {}, parent_id=run.id) for _ in range(payload.children)])
            return Snooze(60.0)

        context.progress({"children": payload.children})
        return Write(begin)
    return Done({"children": payload.children})


def ident(context: RunContext, payload: Ident) -> Outcome:
    return Done({"number_id": payload.number_id})


def _task(
    name: str,
    payload: type[Payload],
    handler: Handler,
    *,
    queue: QueueName = "default",
    batch: int = 1,
    timeout: int = 30,
    ids_only: bool = False,
) -> BoundTask:
    return BoundTask(
        TaskDefinition(
            name=f"test.{name}",
            payload=payload,
            description=f"A test's task: {name}.",
            queue=queue,
            batch=batch,
            timeout=timeout,
            ids_only=ids_only,
        ),
        handler,
    )


TASKS: Sequence[BoundTask] = (
    _task("nothing", Nothing, nothing, batch=50),
    _task("one", Nothing, nothing),
    _task("wait", Wait, wait),
    _task("long", Wait, wait, timeout=300),
    _task("die", Die, die),
    _task("fail", Fail, fail),
    _task("family", Family, family),
    _task("ident", Ident, ident, ids_only=True),
    BoundTask(BULK, upkeep.bulk),
    POST,
    USE_ACCOUNT,
)
