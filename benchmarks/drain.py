"""A backlog of the platform's runs, drained: what one run costs from due to recorded."""

from benchmarks.measure import Cost, cost_of
from benchmarks.site import Site
from worker.kit.database import execute
from worker.ledger.enqueue import NewRun, announce, enqueue_all

CHUNK = 1000


def fill(site: Site, task: str, count: int) -> None:
    """Write due runs through the platform's own function."""
    for begin in range(0, count, CHUNK):
        runs = [NewRun(task, {"number": number}) for number in range(begin, min(begin + CHUNK, count))]
        with site.database.transaction() as connection:
            enqueue_all(connection, runs, announce=False)


def drain(site: Site, task: str, count: int) -> Cost:
    """CPU of worker, dispatcher, Postgres and Redis while `count` waiting runs are executed and recorded.

    The worker and the dispatcher must be up. Writing the runs is not counted.
    """
    pause(site, paused=True)
    fill(site, task, count)

    def work() -> None:
        pause(site, paused=False)
        site.wait(lambda: not unfinished(site), "the backlog", seconds=600)

    cost = cost_of(count, site.roots("worker", "dispatcher"), work)
    succeeded = site.rows("select count(*) from task_runs where task = %s and state = 'succeeded'", task)[0][0]
    if succeeded < count:
        raise RuntimeError(f"Only {succeeded} of {count} runs succeeded.")
    return cost


def pause(site: Site, *, paused: bool) -> None:
    with site.database.transaction() as connection:
        execute(connection, "update queues set paused_at = case when %s then now() end", (paused,))
        if not paused:
            announce(connection)


def unfinished(site: Site) -> bool:
    return bool(
        site.database.once(
            """
            select 1 as found where exists (select from task_runs where state = 'queued')
                                 or exists (select from task_runs where state = 'running')
            """,
            {},
        )
    )


def clear(site: Site) -> None:
    """Forget every run, so that repetitions start alike."""
    with site.database.transaction() as connection:
        execute(connection, "truncate task_runs, task_attempts, task_keys")
