"""What a handler may answer, and what it is given.

A handler returns an outcome; a failure is an exception from `worker.kit.errors`. Anything else raised counts as
a fault of ours and is retried.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from worker.kit.errors import Permanent, Refused
from worker.kit.stored import Unreadable
from worker.kit.tasks import Payload, TaskDefinition

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The run succeeded; `result` is shown to whoever asks for the run."""

    result: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not yet: come back in `seconds`. The attempt is given back and leaves no trace."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """The work became pointless; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Park:
    """Wait until somebody opens the gate (its version rises above `version`), or an hour."""

    gate: str
    version: int
    reason: str


Recorded = Done | Snooze | Cancel | Park


@dataclass(frozen=True, slots=True)
class Write:
    """Business rows to be written in the one fenced transaction that also records what `work` returns.

    Runs of one message share that transaction; when it fails each is tried in a transaction of its own, so
    `work` may be called twice and must act through its connection only.
    """

    work: Callable[[Connection], Recorded]


@dataclass(frozen=True, slots=True)
class EffectKey:
    """What makes two sends the same: a business row with an operation, and that row's generation.

    created_at: when the business row was written. Its number comes again after a restore, in a copy of the database
    and in a new one; together with this instant it does not, and a provider is told both.
    row: where several operations of one business row have effects (create, move, cancel), the beginning that their
    keys share, without its colon (`interview:7` of `interview:7:create`): they wait for each other then.
    """

    key: str
    generation: int
    created_at: datetime
    row: str | None = None

    @property
    def provider_key(self) -> str:
        """What a provider knows this generation by."""
        since = self.created_at - datetime(1970, 1, 1, tzinfo=UTC)
        return f"{self.key}/{self.generation}/{since // timedelta(microseconds=1)}"


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect's evidence as stored: `request` are the frozen bytes, `reference` the provider's answer.

    provider_key: what the provider is told, so that it knows a repetition.
    fixed: its bytes and key stay whatever this send answers, because an earlier one may have been carried out.
    """

    key: str
    generation: int
    request: bytes
    reference: Json | None = None
    sends: int = 0
    provider_key: str = ""
    fixed: bool = False


class EffectPlan(Protocol):
    """One call at a provider whose repetition people would notice, in pieces that the ledger puts in order.

    provider: its name. policy: `replay` (same key, same bytes are safe inside window_seconds), `lookup` (the
    provider can be asked what it has) or `ask` (only a person can know). rate: calls per second over all
    workers, or None.
    """

    @property
    def provider(self) -> str: ...

    @property
    def policy(self) -> str: ...

    @property
    def window_seconds(self) -> int | None: ...

    @property
    def rate(self) -> float | None: ...

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        """Lock and read the business row; an outcome when nothing has to be sent."""

    def freeze(self, connection: Connection) -> bytes | Recorded:
        """The bytes, made in the transaction that stores them; once more where no slot of the rate was left by then."""

    def call(self, effect: Effect, deadline: float) -> Json:
        """Send; return the reference. Nothing may leave after `deadline` (time.monotonic)."""

    def look_up(self, effect: Effect) -> Json | None:
        """Ask the provider whether it has what an earlier send asked for."""

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        """Write the business rows that follow from the reference."""

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        """Raise the generation: nothing was executed, and what was fixed for this one is asked and made anew."""

    def refused(self, connection: Connection, _effect: Effect, error: Refused, /) -> Recorded | None:
        """Write what follows from a definite refusal and raise the generation; None lets the run fail with it."""


@dataclass(frozen=True, slots=True)
class Perform:
    """An effect to be performed under the ledger's rules."""

    plan: EffectPlan


Outcome = Done | Snooze | Cancel | Park | Write | Perform


@dataclass(frozen=True, slots=True)
class Run:
    """A claimed run as its handler sees it. `lease` and `worker_id` are its fence: who holds both holds the run."""

    id: UUID
    task: str
    payload: Json
    company_id: int
    attempt: int
    max_attempts: int
    lease: int
    worker_id: UUID
    parent_id: UUID | None
    progress: Json | None


class RunContext(Protocol):
    """What a handler may do besides answering."""

    @property
    def run(self) -> Run: ...

    def read(self, query: Callable[[Connection], Any]) -> Any:
        """A short transaction for reading, committed at once."""

    def progress(self, value: Json) -> None:
        """Store progress, fenced; raises LeaseLost when the run is no longer ours."""

    def cancelled(self) -> bool:
        """Whether somebody asked to cancel this run."""


Handler = Callable[[RunContext, Any], Outcome]


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
