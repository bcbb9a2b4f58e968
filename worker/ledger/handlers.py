"""A task's handler: what it is given, and what it may answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from worker.kit.errors import Permanent
from worker.kit.stored import Unreadable
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.outcomes import Cancel, Done, Json, Park, Run, Snooze, Write
from worker.ledger.plans import Perform

T = TypeVar("T")

Outcome = Done | Snooze | Cancel | Park | Write | Perform


class RunContext(Protocol):
    """What a handler may do besides answering."""

    @property
    def run(self) -> Run: ...

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """A short transaction of its own, committed at once and not fenced: what it writes may be written twice."""

    def step(self, work: Callable[[Connection], tuple[T, Json]]) -> T:
        """Part of the run's work, committed at once with how far that brings it, which a repetition finds as progress.

        The run is locked first; raises LeaseLost when it is no longer ours. `work` answers its value and the progress.
        """

    def progress(self, value: Json) -> None:
        """Store progress, fenced; raises LeaseLost when the run is no longer ours."""

    def cancelled(self) -> bool:
        """Whether somebody asked to cancel this run."""


Handler = Callable[[RunContext, Any], Outcome]
Handlers = Mapping[TaskDefinition, Handler]


@dataclass(frozen=True, slots=True)
class BoundTask:
    """A definition with its handler: all that a worker needs to run a task."""

    definition: TaskDefinition
    handler: Handler

    def parse(self, payload: Json) -> Payload:
        """The typed payload; raises pydantic.ValidationError, and Permanent for what Python cannot read."""
        if isinstance(payload, Unreadable):
            raise Permanent(f"The payload {payload.reason}.", code="run.unreadable")
        return self.definition.payload.model_validate(payload)
