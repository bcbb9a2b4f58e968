"""Looking at runs and queues: what is shown, page by page, and that it stays cheap when the table is large."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Connection

from tests.factories import runs
from worker.kit.database import Database, execute, query
from worker.kit.errors import Permanent
from worker.kit.ids import new_id
from worker.kit.tasks import TaskDefinition
from worker.ledger import dispatch, health, queries
from worker.ledger.handlers import BoundTask, Outcome, RunContext
from worker.ledger.health import queue_statistics, readiness
from worker.ledger.queries import RunFilter, get_run, list_runs

OTHER = "test.other"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.transaction() as connection:
        runs.prepare(connection, runs.TASK, OTHER)
        yield connection


def found(connection: Connection, **criteria: Any) -> set[object]:
    return {run.id for run in list_runs(connection, RunFilter(**criteria)).runs}


def test_an_unknown_run_is_none(connection: Connection) -> None:
    assert get_run(connection, new_id()) is None


def test_a_run_is_shown_with_its_attempts_and_its_error(database: Database) -> None:
    def refuse(context: RunContext, payload: runs.Anything) -> Outcome:
        raise Permanent("This cannot work.")

    definition: TaskDefinition = runs.definition(OTHER)
    with database.transaction() as connection:
        worker = runs.prepare(connection, OTHER)
        run_id = runs.write(connection, task=OTHER, company_id=3, caused_by=7, payload={"number": 1})[0]
    runs.execute_run(database, worker, BoundTask(definition, refuse), run_id)

    with database.transaction() as connection:
        run = get_run(connection, run_id)
        bare = get_run(connection, run_id, attempts=False)
    assert run is not None
    assert bare is not None
    assert (run.status, run.finished, run.company_id, run.caused_by) == ("failed", True, 3, 7)
    assert run.payload == {"number": 1}
    assert run.error is not None
    assert run.error["message"] == "This cannot work."
    assert [(each.number, each.outcome, each.error_class) for each in run.attempts] == [(1, "failed", "Permanent")]
    assert run.attempts[0].traceback is not None
    assert bare.attempts == ()


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({}, "queued"),
        ({"run_at": datetime(2100, 1, 1, tzinfo=UTC)}, "scheduled"),
        ({"run_at": datetime(2100, 1, 1, tzinfo=UTC), "attempt": 1}, "retrying"),
        ({"attempt": 2}, "retrying"),
        ({"gate": "linkedin:1", "attempt": 1}, "parked"),
        ({"state": "uncertain"}, "uncertain"),
    ],
)
def test_a_run_has_one_word_and_is_found_by_it(connection: Connection, columns: dict[str, Any], word: str) -> None:
    run_id = runs.write(connection)[0]
    runs.put(connection, [run_id], **columns)
    run = get_run(connection, run_id)
    assert run is not None
    assert run.status == word
    assert found(connection, state=word) == {run_id}
    assert found(connection, state=run.state) == {run_id}


def test_each_criterion_narrows(connection: Connection) -> None:
    plain = runs.write(connection)[0]
    other = runs.write(connection, task=OTHER)[0]
    tenant = runs.write(connection, company_id=5)[0]
    broken = runs.write(connection)[0]
    runs.put(connection, [broken], state="failed", error=Jsonb({"fingerprint": "abc"}))
    runs.put(connection, [other], queue="bulk")

    assert found(connection) == {plain, other, tenant, broken}
    assert found(connection, task=OTHER) == {other}
    assert found(connection, queue="bulk") == {other}
    assert found(connection, company_id=5) == {tenant}
    assert found(connection, company_id=0) == {plain, other, broken}
    assert found(connection, fingerprint="abc") == {broken}
    assert found(connection, task=OTHER, company_id=5) == set()


def test_time_bounds_are_half_open_and_naive_instants_are_utc(connection: Connection) -> None:
    run_id = runs.write(connection)[0]
    run = get_run(connection, run_id)
    assert run is not None
    at = run.created_at
    moment = timedelta(microseconds=1)
    assert found(connection, since=at) == {run_id}
    assert found(connection, since=at + moment) == set()
    assert found(connection, until=at) == set()
    assert found(connection, until=at + moment) == {run_id}
    assert found(connection, since=at.replace(tzinfo=None), until=(at + moment).replace(tzinfo=None)) == {run_id}


@pytest.mark.parametrize(
    "instant", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), datetime(1960, 1, 1, tzinfo=UTC)]
)
def test_extreme_instants_are_answered(connection: Connection, instant: datetime) -> None:
    run_id = runs.write(connection)[0]
    early = instant.year < 2000
    assert found(connection, since=instant) == ({run_id} if early else set())
    assert found(connection, until=instant) == (set() if early else {run_id})


def test_an_id_made_on_a_fast_clock_is_found_by_its_time(connection: Connection) -> None:
    """The id's maker is five minutes ahead of the database."""
    ahead = queries._first_id(datetime.now(UTC), timedelta(minutes=5))
    runs.write(connection, id=ahead)
    assert found(connection, until=datetime.now(UTC) + timedelta(seconds=30)) == {ahead}


def test_pages_join_without_gaps_newest_first(connection: Connection) -> None:
    ids = runs.write(connection, 7)
    pages, cursor = [], None
    while True:
        page = list_runs(connection, RunFilter(), cursor=cursor, limit=3)
        pages.append([run.id for run in page.runs])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == ids[::-1]


def test_a_full_last_page_has_no_successor(connection: Connection) -> None:
    runs.write(connection, 3)
    assert list_runs(connection, RunFilter(), limit=3).next_cursor is None


@pytest.mark.parametrize("cursor", ["", "7", "not-a-cursor", "é" * 36, "\x00"])
def test_a_malformed_cursor_is_said_so(connection: Connection, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor is malformed"):
        list_runs(connection, RunFilter(), cursor=cursor)


def test_an_unknown_state_is_said_so(connection: Connection) -> None:
    with pytest.raises(ValueError, match="use one of queued, running"):
        list_runs(connection, RunFilter(state="done' or true --"))


def test_queue_statistics_count_what_waits_runs_and_ended(connection: Connection) -> None:
    due, later, running, done, old = (runs.write(connection)[0] for _ in range(5))
    execute(connection, "update task_runs set run_at = now() - interval '40 seconds' where id = %s", (due,))
    execute(connection, "update task_runs set run_at = now() + interval '1 hour' where id = %s", (later,))
    execute(
        connection,
        """
        update task_runs set state = 'running', run_at = now() - interval '3 seconds', started_at = now()
         where id = %s
        """,
        (running,),
    )
    execute(
        connection,
        """
        update task_runs set state = 'succeeded', run_at = now() - interval '61 seconds',
               started_at = now() - interval '60 seconds', finished_at = now() where id = %s
        """,
        (done,),
    )
    execute(
        connection,
        """
        update task_runs set state = 'succeeded', run_at = now() - interval '2 hours',
               started_at = now() - interval '1 hour', finished_at = now() - interval '1 hour' where id = %s
        """,
        (old,),
    )
    execute(connection, "update queues set paused_at = now() where name = 'bulk'")

    by_name = {each.name: each for each in queue_statistics(connection)}

    assert list(by_name) == ["bulk", "default", "interactive", "operations", "upkeep"]
    queue = by_name["default"]
    assert (queue.depth, queue.scheduled, queue.running, queue.finished_last_5_minutes) == (1, 1, 1, 1)
    assert queue.oldest_waiting_seconds == pytest.approx(40)
    assert queue.throughput_per_second == pytest.approx(1 / 300)
    assert queue.wait_p50 == pytest.approx(2)
    assert queue.wait_p95 == pytest.approx(2.9)
    quiet = by_name["bulk"]
    assert quiet.paused_at is not None
    assert (quiet.depth, quiet.oldest_waiting_seconds, quiet.wait_p50) == (0, 0, None)


def test_readiness_tells_the_migration_and_the_dispatchers_signs(connection: Connection) -> None:
    fresh = readiness(connection)
    assert fresh.migration_current is not None
    assert (fresh.dispatcher_age_seconds, fresh.broker_reachable) == (None, None)

    dispatch.note_alive(connection, broker_reachable=False)
    execute(connection, "update platform_state set updated_at = now() - interval '9 seconds'")
    signs = readiness(connection)
    assert signs.dispatcher_age_seconds == pytest.approx(9)
    assert signs.broker_reachable is False


def test_readiness_of_an_empty_database_knows_nothing(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.transaction() as connection:
        assert readiness(connection) == health.Readiness(None, None, None)
    database.close()


FILL = """
insert into task_runs (id, task, queue, priority, company_id, state, run_at, dispatch_at, max_attempts, created_at,
                       started_at, finished_at, error)
select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid,
       'test.' || (n %% 20), case when n %% 3 = 0 then 'bulk' else 'default' end, 5, n %% 400,
       case when n %% 500 = 0 then 'failed' when n %% 700 = 0 then 'queued' when n %% 901 = 0 then 'running'
            when n %% 997 = 0 then 'uncertain' else 'succeeded' end,
       at, at, 5, at, at, case when n %% 500 <> 0 and (n %% 700 = 0 or n %% 901 = 0) then null else at end,
       case when n %% 500 = 0 then jsonb_build_object('fingerprint', 'f' || n %% 7) end
  from (select n, now() - n * interval '20 seconds' as at from generate_series(1, %(rows)s) n) numbered
"""


@pytest.fixture(scope="module")
def large_table(postgres_server: Any, template_database: str) -> Iterator[Database]:
    name = "large_task_runs"
    database = Database(postgres_server.create_database(name, template=template_database))
    with database.transaction() as connection:
        execute(connection, FILL, {"rows": 50_000})
        execute(connection, "analyze task_runs")
    yield database
    database.close()
    postgres_server.drop_database(name)


def plan(connection: Connection, sql: str, parameters: dict[str, Any]) -> tuple[list[str], set[str]]:
    """How the planner reads task_runs: the kinds of scans and the indexes."""
    nodes: list[dict[str, Any]] = []
    rows = query(connection, f"explain (format json) {sql}", parameters)

    def walk(node: dict[str, Any]) -> None:
        nodes.append(node)
        for child in node.get("Plans", []):
            walk(child)

    for each in rows:
        value = each["QUERY PLAN"]
        walk((json.loads(value) if isinstance(value, str) else value)[0]["Plan"])
    scans = [node["Node Type"] for node in nodes if node.get("Relation Name") == "task_runs"]
    return scans, {node["Index Name"] for node in nodes if "Index Name" in node}


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("run_filter", "index"),
    [
        (RunFilter(), "task_runs_pkey"),
        (RunFilter(task="test.3"), "task_runs_pkey"),
        (RunFilter(since=NOW - timedelta(hours=1)), "task_runs_pkey"),
        (RunFilter(until=NOW - timedelta(days=9)), "task_runs_pkey"),
        (RunFilter(state="failed"), "ix_task_runs_trouble"),
        (RunFilter(state="uncertain", task="test.3"), "ix_task_runs_trouble"),
        (RunFilter(state="failed", fingerprint="f1"), "ix_task_runs_trouble"),
        (RunFilter(fingerprint="f1"), None),
        (RunFilter(company_id=17), "ix_task_runs_company"),
        (RunFilter(state="queued"), None),
        (RunFilter(state="parked"), None),
        (RunFilter(state="scheduled", queue="bulk"), None),
        (RunFilter(state="running"), "ix_task_runs_running"),
    ],
)
def test_lists_never_read_the_whole_table(large_table: Database, run_filter: RunFilter, index: str | None) -> None:
    with large_table.transaction() as connection:
        sql, parameters = queries.list_statement(run_filter, str(new_id()), 50)
        scans, indexes = plan(connection, sql, parameters)
    assert scans
    assert "Seq Scan" not in scans
    assert index is None or index in indexes, indexes


def test_queue_statistics_never_read_the_whole_table(large_table: Database) -> None:
    with large_table.transaction() as connection:
        scans, indexes = plan(connection, health.QUEUES, {})
    assert len(scans) >= 5
    assert "Seq Scan" not in scans
    assert {"ix_task_runs_running", "ix_task_runs_finished"} <= indexes
