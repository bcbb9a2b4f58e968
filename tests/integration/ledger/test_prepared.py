"""The database of a worker's child: one kept connection that survives the loss of Postgres."""

import signal
from collections.abc import Iterator, Mapping
from uuid import UUID

import psycopg
import pytest

from tests.factories import runs
from tests.factories.ledger import change, prepare, run_row, write
from worker.kit.database import Database, Parameter, execute, query
from worker.kit.outages import retry_on_outage
from worker.ledger.outcomes import Run
from worker.ledger.prepared import PreparedDatabase
from worker.ledger.record import Success, succeed_at_once

WHO = "select pg_backend_pid() as pid, current_setting('plan_cache_mode') as plans"


EVERY_KIND: Mapping[str, Parameter] = {
    "ids": [UUID(int=1), UUID(int=2)],
    "none": [],
    "numbers": [1, -2],
    "floats": [0.5, 1e-9, float("inf")],
    "id": UUID(int=3),
    "nobody": None,
    "number": 2**40,
    "float": 1e-9,
    "text": "à l'heure {\"}\\ 100 %",
    "document": '[{"é": null}]',
}
SAY_AGAIN = """
select %(ids)s::uuid[] as ids, %(none)s::uuid[] as none, %(numbers)s::bigint[] as numbers,
       %(floats)s::float8[] as floats, %(id)s::uuid as id, %(nobody)s::uuid as nobody, %(number)s::bigint as number,
       %(float)s::float8 as float,
       %(text)s::text as text, %(document)s::jsonb as document, %(number)s::bigint as again, now() - now() as while
"""


@pytest.fixture
def hot(database_url: str) -> Iterator[PreparedDatabase]:
    database = PreparedDatabase(database_url, name="intowork-tests")
    yield database
    database.close()


def test_single_statements_share_a_connection_set_up_like_the_pools(hot: PreparedDatabase) -> None:
    first, second = hot.autocommit(WHO, {}), hot.autocommit(WHO, {})
    with hot.transaction() as connection:
        pooled = query(connection, WHO)
    assert first == second
    assert pooled[0]["pid"] != first[0]["pid"]
    assert pooled[0]["plans"] == first[0]["plans"] == "force_generic_plan"


def test_a_single_statement_is_committed_at_once(hot: PreparedDatabase) -> None:
    hot.autocommit("insert into park_gates (key) values (%(key)s)", {"key": "gate"})
    with hot.transaction() as connection:
        assert query(connection, "select version from park_gates where key = 'gate'") == [{"version": 0}]


def test_values_travel_as_they_do_through_a_cursor(hot: PreparedDatabase, database: Database) -> None:
    heard = hot.autocommit(SAY_AGAIN, EVERY_KIND)
    assert heard == database.autocommit(SAY_AGAIN, EVERY_KIND)
    assert heard == hot.autocommit(SAY_AGAIN, EVERY_KIND)
    assert heard[0]["ids"] == EVERY_KIND["ids"]
    assert heard[0]["text"] == EVERY_KIND["text"]


def test_a_refused_statement_says_why_and_is_not_kept(hot: PreparedDatabase) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable, match="no_such_table"):
            hot.autocommit("select 1 from no_such_table", {})
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        hot.autocommit("select %(document)s::jsonb as document", {"document": "{"})


def test_a_failed_statement_keeps_the_connection(hot: PreparedDatabase) -> None:
    before = hot.autocommit(WHO, {})
    with pytest.raises(Exception, match="division by zero"):
        hot.autocommit("select 1 / 0", {})
    assert hot.autocommit(WHO, {}) == before


class BrokenOffError(Exception):
    """What a signal's handler raises in the middle of a statement."""


def break_off(*_: object) -> None:
    raise BrokenOffError


def test_a_statement_that_was_broken_off_does_not_answer_the_next(hot: PreparedDatabase) -> None:
    assert hot.autocommit("select 1 as number", {}) == [{"number": 1}]
    before = signal.signal(signal.SIGALRM, break_off)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(BrokenOffError):
            hot.autocommit("select pg_sleep(30)", {})
    finally:
        signal.signal(signal.SIGALRM, before)
    assert hot.autocommit("select 1 as number", {}) == [{"number": 1}]


def test_a_lost_connection_is_made_anew(hot: PreparedDatabase) -> None:
    pid = hot.autocommit(WHO, {})[0]["pid"]
    with hot.transaction() as connection:
        execute(connection, "select pg_terminate_backend(%(pid)s)", {"pid": pid})
    assert retry_on_outage(lambda: hot.autocommit(WHO, {}), seconds=10)[0]["pid"] != pid


def test_it_is_refused_inside_a_transaction(hot: PreparedDatabase) -> None:
    with hot.transaction(), pytest.raises(RuntimeError, match="already open"):
        hot.autocommit("select 1", {})


@pytest.fixture(params=[1, 2], ids=["one", "two"])
def claimed(request: pytest.FixtureRequest, database: Database) -> list[Run]:
    return runs.start(database, prepare(database), write(database, request.param))


def outcomes(database: Database) -> list[str | None]:
    with database.transaction() as connection:
        return [row["outcome"] for row in query(connection, "select outcome from task_attempts order by run_id")]


def test_plain_results_are_recorded(hot: PreparedDatabase, database: Database, claimed: list[Run]) -> None:
    change(database, "update task_runs set progress = '{}', wanted = true")
    with database.direct() as listener:
        listener.execute("listen task_done")
        succeed_at_once(hot, [Success(run, {"é": run.lease}, 0.25) for run in claimed])
        told = [notice.payload for notice in listener.notifies(timeout=5, stop_after=len(claimed))]
    rows = [run_row(database, run.id) for run in claimed]
    assert [(row["state"], row["result"], row["progress"], row["error"]) for row in rows] == [
        ("succeeded", {"é": run.lease}, None, None) for run in claimed
    ]
    assert all(row["finished_at"] for row in rows)
    assert sorted(told) == sorted(str(run.id) for run in claimed)
    assert outcomes(database) == ["succeeded"] * len(claimed)


def test_a_plain_result_of_a_lost_run_is_passed_over(
    hot: PreparedDatabase, database: Database, claimed: list[Run]
) -> None:
    change(database, "update task_runs set lease = lease + 1000 where id = %s", claimed[0].id)
    succeed_at_once(hot, [Success(run, {}, 0.1) for run in claimed])
    rest = ["succeeded"] * (len(claimed) - 1)
    assert [run_row(database, run.id)["state"] for run in claimed] == ["running", *rest]
    assert outcomes(database) == [None, *rest]


def test_a_plain_result_beside_an_open_effect_is_uncertain(
    hot: PreparedDatabase, database: Database, claimed: list[Run]
) -> None:
    change(
        database,
        """
        insert into effects (key, generation, provider, policy, request, run_id, lease)
        values ('test', 0, 'test', 'ask', '', %s, %s)
        """,
        claimed[0].id,
        claimed[0].lease,
    )
    succeed_at_once(hot, [Success(run, {}, 0.1) for run in claimed])
    first = run_row(database, claimed[0].id)
    assert (first["state"], first["error"]["code"]) == ("uncertain", "effect.uncertain")
    assert outcomes(database) == ["uncertain", *["succeeded"] * (len(claimed) - 1)]
