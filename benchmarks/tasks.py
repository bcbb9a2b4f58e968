"""The benchmarks' own tasks: no work at all, so that what is measured is the ledger."""

import time
from collections.abc import Sequence

from worker.kit.tasks import Catalogue, Payload, QueueName, TaskDefinition
from worker.ledger.handlers import BoundTask, Handler, Outcome, RunContext
from worker.ledger.outcomes import Done

BATCHED = "benchmark.batched"
SINGLE = "benchmark.single"
CLOCK = "benchmark.clock"


class Nothing(Payload):
    """One small member, as an id would be."""

    number: int = 0


def nothing(context: RunContext, payload: Nothing) -> Outcome:  # noqa: ARG001 - a handler's signature
    return Done({"ok": True})


def clock(context: RunContext, payload: Nothing) -> Outcome:  # noqa: ARG001 - a handler's signature
    """Answers when it was called, in seconds since 1970."""
    return Done({"started": time.time()})


def _task(name: str, handler: Handler, queue: QueueName, batch: int) -> BoundTask:
    definition = TaskDefinition(
        name=name, payload=Nothing, description="A benchmark's task.", queue=queue, batch=batch, timeout=60
    )
    return BoundTask(definition, handler)


TASKS: Sequence[BoundTask] = (
    _task(BATCHED, nothing, "bulk", 50),
    _task(SINGLE, nothing, "default", 1),
    _task(CLOCK, clock, "interactive", 1),
)
CATALOGUE = Catalogue(bound.definition for bound in TASKS)
