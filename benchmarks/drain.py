"""A backlog of the platform's runs, drained: what one run costs from due to recorded."""

from benchmarks.measure import Cost, cost_of
from benchmarks.stack import Stack
from worker.kit.database import execute
from worker.ledger.enqueue import NewRun, announce, enqueue_all

CHUNK = 1000


def fill(stack: Stack, task: str, count: int) -> None:
    """Write due runs through the platform's own function."""
    for begin in range(0, count, CHUNK):
        runs = [NewRun(task, {"number": number}) for number in range(begin, min(begin + CHUNK, count))]
        with stack.database.transaction() as connection:
            enqueue_all(connection, runs, announce=False)


def drain(stack: Stack, task: str, count: int) -> Cost:
    """CPU of worker, dispatcher, Postgres and Redis while `count` waiting runs are executed and recorded.

    The worker and the dispatcher must be up. Writing the runs is not counted.
    """
    pause(stack, paused=True)
    fill(stack, task, count)

    def work() -> None:
        pause(stack, paused=False)
        stack.wait(lambda: not unfinished(stack), "the backlog", seconds=600)

    cost = cost_of(count, stack.roots("worker", "dispatcher"), work)
    succeeded = stack.rows("select count(*) from task_runs where task = %s and state = 'succeeded'", task)[0][0]
    if succeeded < count:
        raise RuntimeError(f"Only {succeeded} of {count} runs succeeded.")
    return cost


def pause(stack: Stack, *, paused: bool) -> None:
    with stack.database.transaction() as connection:
        execute(connection, "update queues set paused_at = case when %s then now() end", (paused,))
        if not paused:
            announce(connection)


def unfinished(stack: Stack) -> bool:
    return bool(
        stack.database.autocommit(
            """
            select 1 as found where exists (select from task_runs where state = 'queued')
                                 or exists (select from task_runs where state = 'running')
            """,
            {},
        )
    )


def clear(stack: Stack) -> None:
    """Forget every run, so that repetitions start alike."""
    with stack.database.transaction() as connection:
        execute(connection, "truncate task_runs, task_attempts, task_keys")
