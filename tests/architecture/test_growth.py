"""What happens all the time reads what it works on, however many finished runs lie beside it.

Postgres' own counters are compared, not plans: they tell what the statements read that the platform really sends,
planned the way it plans them.
"""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Connection

from benchmarks.growth import fill_finished
from sandbox.postgres import EmbeddedPostgres
from tests.factories import runs
from worker.kit.database import Database, execute, query
from worker.ledger import dispatch, record, rescue, turns
from worker.ledger.claim import claim
from worker.ledger.health import queue_statistics
from worker.ledger.pace import Pace
from worker.ledger.queries import RunFilter, list_runs
from worker.ledger.record import Success

FINISHED = 200_000
WAITING = 2_000
# Rows and index entries that one pass may read: some per waiting run, none per finished run.
BOUND = 30 * WAITING

READ = """
select coalesce(sum(seq_scan), 0)::int as scans,
       (coalesce(sum(seq_tup_read), 0) + coalesce((
           select sum(idx_tup_read) from pg_stat_user_indexes where relname in ('task_runs', 'task_attempts')), 0)
       )::int as read
  from pg_stat_user_tables where relname in ('task_runs', 'task_attempts')
"""


@pytest.fixture(scope="module")
def growth_url(postgres_server: EmbeddedPostgres, template_database: str) -> Iterator[str]:
    yield postgres_server.create_database("growth", template=template_database)
    postgres_server.drop_database("growth")


@pytest.fixture(scope="module")
def full(growth_url: str) -> Iterator[Database]:
    """A ledger with many finished runs and one connection, so that its counters can be asked for.

    No autovacuum: what it does at its own time would count as read, or keep what is dead from being taken away.
    """
    database = Database(growth_url, pool_size=1, name="intowork-tests")
    with database.transaction() as connection:
        for table in ("task_runs", "task_attempts", "workers"):
            execute(connection, f"alter table {table} set (autovacuum_enabled = false)")
    fill_finished(database, FINISHED)
    vacuum(growth_url)
    yield database
    database.close()


@pytest.fixture
def waiting(growth_url: str, full: Database) -> Iterator[Database]:
    """The same with some waiting runs and a live worker."""
    with full.transaction() as connection:
        runs.prepare(connection, runs.TASK)
        runs.write(connection, WAITING)
    yield full
    with full.transaction() as connection:
        execute(connection, "delete from task_runs where task = %s", (runs.TASK,))
        execute(connection, "delete from workers")
    vacuum(growth_url)


def vacuum(url: str) -> None:
    """Dead entries of an index are read like living ones."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum (analyze, index_cleanup on) task_runs, task_attempts, workers")


def counters(database: Database) -> tuple[int, int]:
    database.autocommit("select pg_stat_force_next_flush()", {})
    [row] = database.autocommit(READ, {})
    return row["scans"], row["read"]


def reads(database: Database, work: Callable[[], object]) -> int:
    """How many rows and index entries of runs and attempts the work read; no table was read as a whole."""
    scans, before = counters(database)
    work()
    scans_after, after = counters(database)
    assert scans_after == scans
    return after - before


def transact(database: Database, work: Callable[[Connection], object]) -> Callable[[], object]:
    def transaction() -> object:
        with database.transaction() as connection:
            return work(connection)

    return transaction


def test_a_dispatcher_with_nothing_to_do_reads_nothing(full: Database) -> None:
    assert reads(full, transact(full, dispatch.pick)) == 0


def test_a_dispatcher_pass_reads_what_is_due(waiting: Database) -> None:
    assert reads(waiting, transact(waiting, dispatch.pick)) < BOUND


def test_a_crowded_dispatcher_pass_reads_what_is_due(waiting: Database) -> None:
    with waiting.transaction() as connection:
        execute(connection, "update queues set window_size = 10")
    try:
        assert reads(waiting, transact(waiting, dispatch.pick)) < BOUND
    finally:
        with waiting.transaction() as connection:
            execute(connection, "update queues set window_size = 4000")


COMPANIES = 10_000
# What the walk along the ring and the first runs of those it served may read: the same for any number of companies.
WALKED = 6 * turns.BREADTH


def sweep(server: EmbeddedPostgres) -> None:
    """Take away what is dead, which is read as well; statistics stay as they were before the rows came."""
    with psycopg.connect(server.url("growth"), autocommit=True) as connection:
        connection.execute("vacuum task_runs")


@pytest.fixture
def companies(full: Database, postgres_server: EmbeddedPostgres) -> Iterator[Database]:
    """The same with a due run of each of many companies, and one that is due in a year."""
    with full.transaction() as connection:
        runs.prepare(connection, runs.TASK)
        execute(
            connection,
            """
            insert into task_runs (id, task, queue, priority, company_id, max_attempts, dispatch_at)
            select new_run_id(), %s, 'default', 5, company, 5, now() + make_interval(years => later)
              from generate_series(1, %s) company, generate_series(0, 1) later
            """,
            (runs.TASK, COMPANIES),
        )
        execute(connection, "update queues set window_size = 20")
    sweep(postgres_server)
    yield full
    with full.transaction() as connection:
        execute(connection, "delete from task_runs where task = %s", (runs.TASK,))
        execute(connection, "delete from workers")
        execute(connection, "update queues set window_size = 4000")
    vacuum(postgres_server.url("growth"))


def test_a_crowded_pass_reads_as_much_however_many_companies_wait(companies: Database) -> None:
    assert reads(companies, transact(companies, dispatch.pick)) < WALKED


def test_companies_without_anything_due_are_passed_over_in_stretches(
    companies: Database, postgres_server: EmbeddedPostgres
) -> None:
    with companies.transaction() as connection:
        later = "update task_runs set dispatch_at = now() + interval '1 hour' where company_id between 1 and %s"
        execute(connection, later, (COMPANIES - 40,))
    sweep(postgres_server)
    pace, published = Pace(measured=False), 0

    def one_pass(connection: Connection) -> None:
        nonlocal published
        published += len(dispatch.pick(connection, pace=pace))

    passes = COMPANIES // turns.BREADTH // turns.WALKS
    read = [reads(companies, transact(companies, one_pass)) for _ in range(passes)]
    assert max(read) < WALKED * turns.WALKS
    assert published == 20


def test_a_rescue_pass_reads_what_runs(full: Database) -> None:
    assert reads(full, lambda: rescue.rescue(full, lease=60)) < BOUND


@pytest.mark.parametrize("size", [1, 50])
def test_claims_and_results_read_their_own_rows(waiting: Database, size: int) -> None:
    """The backlog around them is not read either."""
    with waiting.transaction() as connection:
        [worker] = query(connection, "select id from workers")
        rows = query(connection, "select id from task_runs where state = 'queued' order by id limit %s", (size,))
    ids = [row["id"] for row in rows]

    def work() -> None:
        claimed = claim(waiting, runs.TASK, ids, worker=worker["id"], message=None, timeout=60.0)
        assert len(claimed) == size
        record.succeed_at_once(waiting, [Success(run, {}, 0.0) for run in claimed])

    assert reads(waiting, work) <= 20 * size


@pytest.mark.parametrize(
    "run_filter",
    [RunFilter(), RunFilter(state="queued"), RunFilter(state="running"), RunFilter(state="failed")],
    ids=["all", "queued", "running", "failed"],
)
def test_a_page_of_operations_reads_a_page(waiting: Database, run_filter: RunFilter) -> None:
    page = transact(waiting, lambda connection: list_runs(connection, run_filter, limit=50))
    assert reads(waiting, page) < BOUND


def test_the_company_page_reads_a_page(full: Database) -> None:
    page = transact(full, lambda connection: list_runs(connection, RunFilter(company_id=7), limit=50))
    assert reads(full, page) < BOUND


def test_queue_figures_read_the_living_and_the_latest(waiting: Database) -> None:
    assert reads(waiting, transact(waiting, queue_statistics)) < BOUND
