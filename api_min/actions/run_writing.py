"""Writing runs so that they are there once, although the answer to the commit may be lost."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import psycopg
from sqlalchemy import Connection

from api_min.actions.once import ASK_FOR
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import CONFLICT, RETRY_AFTER_OUTAGE, ApiError
from worker.kit.database import Database, raw
from worker.kit.ids import new_id
from worker.kit.outages import is_away, is_outage, retry_on_outage
from worker.ledger.enqueue import Enqueued, NewRun, enqueue_all, written

UNDECIDED = (
    "The database is not reachable, and nobody knows yet whether the run was written: look at its Location before "
    "asking for it again, or repeat the request under its Idempotency-Key."
)


def write_runs(caller: Caller, runs: Sequence[NewRun]) -> list[Enqueued]:
    """Write runs in one transaction and wake the dispatchers after it.

    When the answer to the commit is lost, the same runs are written again under their ids until one of both is there.
    Raises ApiError 409 for a key with another body, and 503 when nobody can tell whether they were written.
    """
    runs = [replace(run, id=run.id or new_id()) for run in runs]
    made = _Writing(caller, runs).surely()
    if any(each.created and run.run_at is None for each, run in zip(made, runs, strict=True)):
        context().announcer.announce()
    return made


class _Writing:
    """Runs, all of which have ids, on their way into the database."""

    def __init__(self, caller: Caller, runs: Sequence[NewRun]) -> None:
        self._caller = caller.name
        self._runs = runs
        self._database = context().database
        self._sent = False

    def surely(self) -> list[Enqueued]:
        try:
            return self._insert()
        except Exception as error:
            if not (self._sent and is_away(error)):
                raise
        try:
            return retry_on_outage(self._insert_or_find, seconds=ASK_FOR)
        except Exception as error:
            if not is_outage(error):
                raise
            headers = {"Retry-After": str(RETRY_AFTER_OUTAGE)}
            raise ApiError(503, UNDECIDED, headers=headers, run_id=self._runs[0].id) from error

    def _insert(self) -> list[Enqueued]:
        with self._begin() as connection:
            self._sent = True
            made = enqueue_all(connection, self._runs, caller=self._caller, announce=False)
            if any(each.conflict for each in made):
                raise ApiError(409, CONFLICT)
        return made

    def _begin(self) -> AbstractContextManager[Connection]:
        """One statement is a transaction of its own; only an idempotency key may have to take it back."""
        return self._database.transaction() if self._runs[0].idempotency_key else autocommit(self._database)

    def _insert_or_find(self) -> list[Enqueued]:
        """The first try may have been committed, or may yet be: its ids make a second one wait for it, and tell."""
        try:
            return self._insert()
        except psycopg.errors.UniqueViolation:
            with self._database.transaction() as connection:
                return written(connection, self._runs, caller=self._caller)


@contextmanager
def autocommit(database: Database) -> Iterator[Connection]:
    """A connection whose every statement commits by itself: one round trip instead of three."""
    with database.engine.connect() as connection:
        driver = raw(connection)
        driver.autocommit = True
        try:
            yield connection
        except BaseException as error:
            if is_away(error):
                driver.close()
            raise
        finally:
            if driver.closed:
                connection.invalidate()
                database.engine.dispose()
            else:
                driver.autocommit = False
