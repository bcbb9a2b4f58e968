"""Runs in the states a test needs, reached the way the platform reaches them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from worker.catalogue.everything import CATALOGUE
from worker.kit.database import Database, execute
from worker.kit.errors import Refused, UnknownOutcome
from worker.kit.ids import new_id
from worker.kit.tasks import Payload, TaskDefinition
from worker.ledger.claim import claim
from worker.ledger.enqueue import NewRun, enqueue_all
from worker.ledger.executor import Executor, RunFailed
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Run
from worker.ledger.plans import Effect, EffectKey, Frozen, Limit, Perform
from worker.ledger.synchronise import synchronise_catalogue

TASK = "test.nothing"


class Anything(Payload):
    number: int = 0


def definition(name: str, *, max_attempts: int = 5) -> TaskDefinition:
    return TaskDefinition(name=name, payload=Anything, description="A test's task.", max_attempts=max_attempts)


class Sending:
    """An effect at a provider that first leaves everybody in doubt and then answers."""

    provider = "test"
    policy: Literal["ask"] = "ask"
    limits: Sequence[Limit] = ()

    def __init__(self) -> None:
        self.sent = 0
        self.applied: list[Json | None] = []

    def identify(self, connection: Connection) -> EffectKey:
        return EffectKey("test:1:send", 0, datetime(2026, 11, 22, tzinfo=UTC))

    def prepare(self) -> None:
        return None

    def freeze(self, connection: Connection, prepared: None) -> Frozen:
        return Frozen(b"bytes", b"bytes")

    def load_body(self, connection: Connection, effect: Effect) -> bytes:
        return effect.evidence

    def call(self, effect: Effect, body: bytes, prepared: None, deadline: float) -> Json:
        self.sent += 1
        if self.sent == 1:
            raise UnknownOutcome("The answer never came.")
        return {"id": f"message-{self.sent}"}

    def cleared(self, connection: Connection, _effect: Effect, /) -> None:
        raise NotImplementedError

    def apply(self, connection: Connection, effect: Effect) -> Done:
        self.applied.append(effect.reference)
        return Done({"reference": effect.reference})

    def refused(self, connection: Connection, _effect: Effect, _error: Refused, /) -> None:
        return None

    def handle(self, context: RunContext, payload: Anything) -> Outcome:
        return Perform(self)


def prepare(connection: Connection, *names: str) -> UUID:
    """Write the catalogue with these test tasks, and a live worker that knows all of it; returns the worker."""
    known = [*CATALOGUE, *(definition(name) for name in names or (TASK,))]
    synchronise_catalogue(connection, known)
    worker = new_id()
    execute(
        connection,
        """
        insert into workers (id, host, pid, tasks, queues, lock_number, expires_at)
        values (%s, 'test', 1, %s, '{}', 1, now() + interval '5 minutes')
        """,
        (worker, [each.name for each in known]),
    )
    return worker


def write(connection: Connection, count: int = 1, *, task: str = TASK, **options: Any) -> list[UUID]:
    """Queued runs in the order of their ids; options are the members of NewRun."""
    payload = options.pop("payload", {})
    return [each.id for each in enqueue_all(connection, [NewRun(task, payload, **options) for _ in range(count)])]


def start(database: Database, worker: UUID, ids: Sequence[UUID], *, task: str = TASK) -> list[Run]:
    """Claim these runs."""
    return claim(database, task, ids, worker=worker, message=None, timeout=60.0)


def put(connection: Connection, ids: Sequence[UUID], **columns: Any) -> None:
    """Set columns of runs that a test cannot wait for."""
    if not columns:
        return
    assignments = ", ".join(f"{name} = %({name})s" for name in columns)
    execute(connection, f"update task_runs set {assignments} where id = any(%(ids)s)", {**columns, "ids": list(ids)})


def end(connection: Connection, ids: Sequence[UUID], state: str) -> None:
    """End runs as of now."""
    put(connection, ids, state=state)
    execute(connection, "update task_runs set finished_at = now() where id = any(%s)", (list(ids),))


def execute_run(database: Database, worker: UUID, bound: BoundTask, run_id: UUID) -> None:
    """Make the run due and let an executor try it once; a recorded failure is no error here."""
    with database.transaction() as connection:
        execute(connection, "update task_runs set run_at = now() where id = %s and state = 'queued'", (run_id,))
    tasks: Mapping[str, BoundTask] = {bound.definition.name: bound}
    try:
        Executor(database, tasks).execute(bound.definition.name, [run_id], worker=worker, message=None)
    except RunFailed:
        return
