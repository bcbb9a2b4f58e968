"""Hands that hold transactions open, and an effect over a table and a provider of the tests' own."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, Row, execute, in_transaction, query
from worker.kit.errors import Refused
from worker.kit.ids import new_id
from worker.ledger import effects
from worker.ledger.outcomes import BoundTask, Done, Effect, EffectKey, EffectPlan, Json, Perform, Recorded, Run
from worker.ledger.rescue import rescue_worker

T = TypeVar("T")
Work = Callable[[Connection], T]

PATIENCE = 10.0
SEND = "test.send"


class RollBack(Exception):
    """Ends an open transaction without a trace."""


class OpenTransaction:
    """A second connection with an open transaction, in a thread of its own, told step by step what to do."""

    def __init__(self, database: Database) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._scope = database.transaction()
        self._open = False

    def __enter__(self) -> Self:
        self._connection = self._pool.submit(self._scope.__enter__).result(PATIENCE)
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._open:
            self.roll_back()
        self._pool.shutdown()

    def start(self, work: Work[T]) -> "Future[T]":
        """Begin a step that may have to wait for a lock."""
        return self._pool.submit(work, self._connection)

    def do(self, work: Work[T]) -> T:
        return self.start(work).result(PATIENCE)

    def commit(self) -> None:
        self._end(None, None)

    def roll_back(self) -> None:
        self._end(RollBack, RollBack())

    def _end(self, kind: type[BaseException] | None, error: BaseException | None) -> None:
        trace: TracebackType | None = None
        self._open = False
        self._pool.submit(self._scope.__exit__, kind, error, trace).result(PATIENCE)


def poll(condition: Callable[[], T], *, seconds: float = PATIENCE) -> T:
    """The first true answer; fails after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not true within {seconds} s")


def wait_for_lock(database: Database) -> None:
    """Return once some other connection of this database waits for a lock."""
    waiting = "datname = current_database() and wait_event_type = 'Lock'"
    poll(lambda: one(database, f"select count(*) as n from pg_stat_activity where {waiting}")["n"])


def transact(database: Database, work: Work[T]) -> T:
    with database.transaction() as connection:
        return work(connection)


def one(database: Database, sql: str, *parameters: Any) -> Row:
    """The only row."""
    with database.transaction() as connection:
        [row] = query(connection, sql, parameters)
    return row


def change(database: Database, sql: str, *parameters: Any) -> int:
    with database.transaction() as connection:
        return execute(connection, sql, parameters)


def run_row(database: Database, run_id: UUID) -> Row:
    return one(database, "select *, run_at - now() as ahead from task_runs where id = %s", run_id)


def seconds_ahead(database: Database, run_id: UUID) -> float:
    """How far in the future a run is due."""
    return float(run_row(database, run_id)["ahead"].total_seconds())


def prepare(database: Database, *names: str) -> UUID:
    """The catalogue with these tasks and a live worker that knows them; returns the worker."""
    return transact(database, lambda connection: runs.prepare(connection, *names))


def new_worker(database: Database) -> UUID:
    """One more live worker that knows every task of the catalogue."""
    worker = new_id()
    change(
        database,
        """
        insert into workers (id, host, pid, tasks, queues, lock_number, expires_at)
        select %s, 'test', 2, array_agg(name), '{}', 2, now() + interval '5 minutes' from task_catalogue
        """,
        worker,
    )
    return worker


def write(database: Database, count: int = 1, **options: Any) -> list[UUID]:
    return transact(database, lambda connection: runs.write(connection, count, **options))


def put(database: Database, ids: list[UUID], **columns: Any) -> None:
    transact(database, lambda connection: runs.put(connection, ids, **columns))


def kill(database: Database, worker: UUID) -> int:
    """Declare a worker dead, as the rescuer does; returns how many runs were freed."""
    return transact(database, lambda connection: rescue_worker(connection, worker))


@contextmanager
def posting_table(database: Database) -> Iterator[None]:
    change(
        database,
        """
        create table test_postings (id integer primary key, generation integer not null default 0,
            text text not null default 'first', reference jsonb, applied integer not null default 0,
            created_at timestamptz not null default now())
        """,
    )
    change(database, "insert into test_postings (id) values (1)")
    yield


class Provider:
    """A provider in memory. `script` says how the next calls go: an exception, or something to do before it answers.

    Whatever arrives is kept in `calls`, also when the answer is an exception: nobody but the provider knows.
    """

    def __init__(self, *script: Exception | Callable[[], object]) -> None:
        self.script = deque(script)
        self.calls: list[bytes] = []
        self.looks = 0
        self.shown: Json | None = None

    def post(self, request: bytes) -> Json:
        assert not in_transaction()
        self.calls.append(request)
        step = self.script.popleft() if self.script else None
        if isinstance(step, Exception):
            raise step
        if step:
            step()
        return {"id": f"post-{len(self.calls)}"}


class Posting:
    """The test's effect (worker.ledger.outcomes.EffectPlan): post row 1 of test_postings."""

    provider = "test"

    def __init__(
        self,
        provider: Provider,
        *,
        policy: str = "replay",
        window: int | None = 3600,
        rate: float | None = None,
        operation: str = "create",
    ) -> None:
        self.policy = policy
        self.window_seconds = window
        self.rate = rate
        self._provider = provider
        self._operation = operation
        self.frozen = 0
        self.deadlines: list[float] = []
        self.keys: list[str] = []

    def identify(self, connection: Connection) -> EffectKey | Recorded:
        [row] = query(connection, "select generation, created_at from test_postings where id = 1 for update")
        return EffectKey(f"posting:1:{self._operation}", row["generation"], row["created_at"], row="posting:1")

    def freeze(self, connection: Connection) -> bytes | Recorded:
        self.frozen += 1
        [row] = query(connection, "select text from test_postings where id = 1")
        return json.dumps({"text": row["text"]}).encode()

    def call(self, effect: Effect, deadline: float) -> Json:
        self.deadlines.append(deadline - time.monotonic())
        self.keys.append(effect.provider_key)
        return self._provider.post(effect.request)

    def look_up(self, effect: Effect) -> Json | None:
        assert not in_transaction()
        self._provider.looks += 1
        return self._provider.shown

    def apply(self, connection: Connection, effect: Effect) -> Recorded:
        execute(
            connection,
            "update test_postings set reference = %s::jsonb, applied = applied + 1 where id = 1",
            (json.dumps(dict(effect.reference or {})),),
        )
        return Done({"reference": effect.reference})

    def cleared(self, connection: Connection, effect: Effect) -> None:
        execute(connection, "update test_postings set generation = generation + 1 where id = 1")

    def refused(self, connection: Connection, effect: Effect, error: Refused) -> Recorded | None:
        execute(connection, "update test_postings set generation = generation + 1 where id = 1")
        return None


def bound(plan: EffectPlan) -> BoundTask:
    return BoundTask(runs.definition(SEND), lambda _context, _payload: Perform(plan))


def attempt(database: Database, worker: UUID, run_id: UUID, plan: EffectPlan) -> Row:
    """Make the run due, let a worker try it once, and return its row."""
    runs.execute_run(database, worker, bound(plan), run_id)
    return run_row(database, run_id)


def claim_one(database: Database, worker: UUID, run_id: UUID, *, task: str = SEND) -> Run:
    """Make the run due and claim it."""
    change(database, "update task_runs set run_at = now() where id = %s", run_id)
    [run] = runs.start(database, worker, [run_id], task=task)
    return run


def effect_row(database: Database) -> Row:
    return one(database, "select * from effects where key like 'posting:1:%%' order by generation desc limit 1")


def age_effect(database: Database, seconds: float) -> None:
    """Move every send into the past."""
    change(
        database,
        """
        update effects set intended_at = intended_at - make_interval(secs => %s),
               first_intended_at = first_intended_at - make_interval(secs => %s)
        """,
        seconds,
        seconds,
    )


def posting(database: Database) -> Row:
    return one(database, "select * from test_postings where id = 1")


def intend(database: Database, run: Run, plan: EffectPlan) -> effects.Step:
    return transact(database, lambda connection: effects.intend(connection, run, plan))


def note(database: Database, effect: Effect, identifier: str) -> Effect:
    return transact(database, lambda connection: effects.note_reference(connection, effect, {"id": identifier}))


def ask_to_cancel(database: Database, run_id: UUID) -> None:
    change(database, "update task_runs set cancel_requested_at = now() where id = %s", run_id)
