"""The list of finished runs tells each run once."""

from sandbox.runs import FinishedRuns
from worker.kit.database import Database, execute
from worker.kit.ids import new_id

FINISHED_RUN = """
    insert into task_runs (id, task, queue, priority, state, attempt, max_attempts, started_at, finished_at)
    values (%s, 'upkeep.prune', 'upkeep', 5, 'succeeded', 1, 5, now(), now())
"""


def finish_run(database: Database) -> object:
    identifier = new_id()
    with database.transaction() as connection:
        execute(connection, FINISHED_RUN, (identifier,))
    return identifier


def test_each_run_is_told_once_and_earlier_ones_never(database: Database) -> None:
    finish_run(database)
    runs = FinishedRuns(database)
    assert runs.new() == []
    identifiers = [finish_run(database), finish_run(database)]
    assert [run["id"] for run in runs.new()] == identifiers
    assert runs.new() == []


def test_a_run_that_committed_late_is_told_as_well(database: Database) -> None:
    runs = FinishedRuns(database)
    late = finish_run(database)
    in_time = finish_run(database)
    with database.transaction() as connection:
        execute(connection, "update task_runs set state = 'running', finished_at = null where id = %s", (late,))
    assert [run["id"] for run in runs.new()] == [in_time]
    with database.transaction() as connection:
        execute(
            connection,
            """
            update task_runs set state = 'succeeded', finished_at =
                   (select finished_at - interval '1 microsecond' from task_runs where id = %s) where id = %s
            """,
            (in_time, late),
        )
    assert [run["id"] for run in runs.new()] == [late]
