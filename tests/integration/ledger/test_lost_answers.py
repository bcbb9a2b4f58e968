"""A commit whose answer never arrived: what was taken is known to nobody but the database."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest
from typing_extensions import override

from tests.factories import runs
from tests.factories.ledger import one, prepare, run_row, write
from worker.kit.database import Database, Row
from worker.kit.ids import new_id
from worker.kit.tasks import Payload
from worker.ledger.claim import CLAIM
from worker.ledger.executor import Executor
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.outcomes import Done
from worker.ledger.record import SUCCEED, SUCCEED_ALONE


class LosesAnswers(Database):
    """Postgres does what it was asked, and the connection breaks before it can say so, once per statement."""

    def __init__(self, url: str, *statements: str) -> None:
        super().__init__(url)
        self._losing = set(statements)

    @override
    def autocommit(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        rows = super().autocommit(sql, parameters)
        if sql in self._losing:
            self._losing.remove(sql)
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return rows


@pytest.mark.parametrize(
    ("count", "lost"), [(3, (CLAIM,)), (3, (SUCCEED,)), (3, (CLAIM, SUCCEED)), (1, (CLAIM, SUCCEED_ALONE))]
)
def test_every_run_is_begun_once_and_at_once(
    database: Database, database_url: str, count: int, lost: tuple[str, ...]
) -> None:
    worker = prepare(database)
    ids = write(database, count)
    begun: list[UUID] = []

    def handle(context: RunContext, _payload: Payload) -> Outcome:
        begun.append(context.run.id)
        return Done()

    bound = BoundTask(runs.definition(runs.TASK), handle)
    losing = LosesAnswers(database_url, *lost)
    Executor(losing, {runs.TASK: bound}).execute(runs.TASK, ids, worker=worker, message=new_id())
    losing.close()
    assert sorted(begun) == sorted(ids)
    assert {run_row(database, each)["state"] for each in ids} == {"succeeded"}
    assert one(database, "select count(*) as n from task_attempts where outcome = 'succeeded'")["n"] == len(ids)
