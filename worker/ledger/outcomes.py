"""What a handler may answer, and the run it answers for.

A handler returns an outcome; a failure is an exception from `worker.kit.errors`. Anything else raised counts as
a fault of ours and is retried.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The run succeeded; `result` is shown to whoever asks for the run."""

    result: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snooze:
    """Not yet: come back in `seconds`. The attempt is given back and leaves no trace but `progress`, if given."""

    seconds: float
    progress: Json | None = None


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
