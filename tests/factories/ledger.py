"""Hands that hold transactions open, and an effect over a table and a provider of the tests' own."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, Row, execute, query
from worker.kit.ids import new_id
from worker.ledger import effect_rows, effects
from worker.ledger.handlers import BoundTask
from worker.ledger.outcomes import Run
from worker.ledger.plans import Effect, Perform, Plan
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


def wait_for_lock(database: Database, *, connections: int = 1) -> None:
    """Return once so many other connections of this database wait for a lock."""
    waiting = "datname = current_database() and wait_event_type = 'Lock'"
    count = f"select count(*) as n from pg_stat_activity where {waiting}"
    poll(lambda: one(database, count)["n"] >= connections)


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


def bound(plan: Plan, *, urgent: bool = False) -> BoundTask:
    return BoundTask(replace(runs.definition(SEND), urgent=urgent), lambda _context, _payload: Perform(plan))


def attempt(database: Database, worker: UUID, run_id: UUID, plan: Plan, *, urgent: bool = False) -> Row:
    """Make the run due, let a worker try it once, and return its row."""
    runs.execute_run(database, worker, bound(plan, urgent=urgent), run_id)
    return run_row(database, run_id)


def claim_one(database: Database, worker: UUID, run_id: UUID, *, task: str = SEND) -> Run:
    """Make the run due and claim it."""
    change(database, "update task_runs set run_at = now() where id = %s", run_id)
    [run] = runs.start(database, worker, [run_id], task=task)
    return run


def effect_row(database: Database) -> Row:
    return one(database, "select * from effects where key like 'sample:1:%%' order by generation desc limit 1")


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


def intend(database: Database, run: Run, plan: Plan) -> effects.Step:
    attempt = attempt_of(run, plan)
    return transact(database, lambda connection: effects.intend(connection, attempt))


def attempt_of(run: Run, plan: Plan) -> effects.Attempt:
    return effects.Attempt(run, plan, plan.prepare(), urgent=False)


def note(database: Database, effect: Effect, identifier: str) -> Effect:
    return transact(database, lambda connection: effect_rows.note_reference(connection, effect, {"id": identifier}))


def ask_to_cancel(database: Database, run_id: UUID) -> None:
    change(database, "update task_runs set cancel_requested_at = now() where id = %s", run_id)
