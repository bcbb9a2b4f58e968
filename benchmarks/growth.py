"""Whether a run costs the same on an empty ledger and on one with millions of finished runs."""

from typing import Any

from benchmarks import drain
from benchmarks.measure import Cost, median
from benchmarks.report import Report
from benchmarks.stack import Stack
from benchmarks.tasks import BATCHED
from worker.kit.database import Database, execute

CHUNK = 200_000
REPETITIONS = 5

# Half a year of finished work of 500 companies, each run with its attempt, ids in the order of time.
FINISHED = """
with made as (
    insert into task_runs (id, task, queue, priority, payload, company_id, state, run_at, dispatch_at, dispatches,
                           attempt, max_attempts, lease, worker_id, message_id, deadline_at, result, error,
                           expires_at, created_at, started_at, finished_at)
    select (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0')
            || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid,
           'benchmark.batched', case when mod(n, 10) = 0 then 'default' else 'bulk' end, 5,
           jsonb_build_object('number', n), mod(n, 500),
           case when mod(n, 100) = 0 then 'failed' else 'succeeded' end, t, t, 1, 1, 5, nextval('lease_numbers'),
           gen_random_uuid(), gen_random_uuid(), t + interval '1 minute',
           case when mod(n, 100) > 0 then '{"ok": true}'::jsonb end,
           case when mod(n, 100) = 0 then '{"code": "provider.refused", "status": 502}'::jsonb end,
           t + interval '1 day', t, t + interval '20 ms', t + interval '50 ms'
      from generate_series(%(first)s::bigint, %(last)s::bigint) n
      cross join lateral (select now() - interval '180 days' + n * interval '180 days' / %(total)s::bigint) as at(t)
    returning id, lease, worker_id, message_id, started_at, state)
insert into task_attempts (run_id, lease, number, worker_id, message_id, started_at, waited_seconds, ran_seconds,
                           outcome)
select id, lease, 1, worker_id, message_id, started_at, 0.02, 0.03, state from made
"""


def fill_finished(database: Database, count: int) -> None:
    """Finished runs with their attempts; statistics are the caller's to gather, as autovacuum would."""
    for first in range(0, count, CHUNK):
        with database.transaction() as connection:
            last = min(first + CHUNK, count) - 1
            execute(connection, FINISHED, {"first": first, "last": last, "total": count})


def measure(stack: Stack, report: Report, *, finished: int, runs: int) -> None:
    """Batched runs on an empty ledger, then with `finished` ended runs beside them."""
    drain.clear(stack)
    empty = _costs(stack, runs)
    drain.clear(stack)
    fill_finished(stack.database, finished)
    stack.maintain("vacuum (analyze) task_runs, task_attempts")
    # What filling left to be written would be counted as the runs' own work.
    stack.maintain("checkpoint")
    full = _costs(stack, runs)
    times = _middle(full) / _middle(empty)
    details = {"finished runs": finished, "empty": _details(empty), "full": _details(full)}
    report.figure("growth", times, "times", details)
    report.at_most(f"growth to {finished:,} finished runs", times, 1.2, "times")


def _costs(stack: Stack, runs: int) -> list[Cost]:
    return [drain.drain(stack, BATCHED, runs) for _ in range(REPETITIONS)]


def _middle(costs: list[Cost]) -> float:
    return median([cost.milliseconds for cost in costs])


def _details(costs: list[Cost]) -> dict[str, Any]:
    return {"CPU ms": [round(cost.milliseconds, 4) for cost in costs], "by process": costs[-1].by_process()}
