"""What a handler holds besides its payload."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from worker.kit.database import Database, query
from worker.ledger.outcomes import Json, Run
from worker.ledger.record import fence, lock, store_progress

T = TypeVar("T")


class Context:
    """The handler's side of one attempt (worker.ledger.outcomes.RunContext)."""

    def __init__(self, database: Database, run: Run) -> None:
        self._database = database
        self._run = run

    @property
    def run(self) -> Run:
        return self._run

    def transaction(self, work: Callable[[Connection], T]) -> T:
        with self._database.transaction() as connection:
            return work(connection)

    def step(self, work: Callable[[Connection], tuple[T, Json]]) -> T:
        with self._database.transaction() as connection:
            lock(connection, [self._run])
            answer, progress = work(connection)
            store_progress(connection, self._run, progress)
            return answer

    def progress(self, value: Json) -> None:
        with self._database.transaction() as connection:
            store_progress(connection, self._run, value)

    def cancelled(self) -> bool:
        with self._database.transaction() as connection:
            asked = query(
                connection,
                """
                select 1 from task_runs
                 where id = %(id)s and lease = %(lease)s and worker_id = %(worker)s and cancel_requested_at is null
                """,
                fence(self._run),
            )
        return not asked
