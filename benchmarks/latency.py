"""`python -m benchmarks latency`: from a request to its handler, and back to a caller who waits.

Sender, handler and Postgres share one machine's clock. What is measured begins when the sender writes the request,
so the way to the API counts too.
"""

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.load import Answer, Order, send
from benchmarks.measure import median, percentile
from benchmarks.report import Report
from benchmarks.stack import Stack
from benchmarks.tasks import CLOCK

RATE = 50.0
CONNECTIONS = 16
WARM_UP = 50


def run(options: Namespace) -> Report:
    """options: runs (a tenth of it is sent), repetitions."""
    count = max(options.runs // 10, 50)
    report = Report("latency", {"rate": RATE, "requests": count, "repetitions": options.repetitions})
    with Stack() as stack:
        stack.start_worker()
        stack.start_dispatcher()
        stack.start_api()
        order = Order(
            stack.api_port,
            "/api/tasks",
            json.dumps({"task": CLOCK, "payload": {}}),
            count,
            CONNECTIONS,
            stack.keys,
            RATE,
        )
        send(stack, replace(order, count=WARM_UP))
        _to_handler(stack, report, [send(stack, order) for _ in range(options.repetitions)])
        waiting = replace(order, wait=10)
        _and_back(report, [send(stack, waiting) for _ in range(options.repetitions)])
    return report


def _to_handler(stack: Stack, report: Report, repetitions: Sequence[Sequence[Answer]]) -> None:
    """Nobody waits: when the handlers began is read from the results afterwards."""
    stack.wait(
        lambda: not stack.rows("select 1 from task_runs where state in ('queued', 'running') limit 1"), "the runs"
    )
    began = {
        str(row[0]): float(str(row[1]))
        for row in stack.rows("select id, (result->>'started')::float8 from task_runs where state = 'succeeded'")
    }
    times = [[(began[answer.body["id"]] - answer.sent) * 1000 for answer in answers] for answers in repetitions]
    middle = median([percentile(each, 0.5) for each in times])
    slow = median([percentile(each, 0.99) for each in times])
    report.figure("POST to handler, p50", middle, "ms")
    report.figure("POST to handler, p99", slow, "ms", {"all": [round(percentile(each, 0.99), 1) for each in times]})
    report.at_most("POST to handler, p50", middle, 8, "ms")
    report.at_most("POST to handler, p99", slow, 25, "ms")


def _and_back(report: Report, repetitions: Sequence[Sequence[Answer]]) -> None:
    """With `Prefer: wait`: from the handler's start to the answer, which holds its result."""
    back = []
    for answers in repetitions:
        ended = [answer for answer in answers if answer.status == 200]
        if len(ended) < len(answers):
            raise RuntimeError(f"{len(answers) - len(ended)} of {len(answers)} callers waited in vain.")
        back.append([(each.sent + each.took - each.body["result"]["started"]) * 1000 for each in ended])
    middle = median([percentile(each, 0.5) for each in back])
    slow = median([percentile(each, 0.99) for each in back])
    report.figure("handler to waiting caller, p50", middle, "ms", {"p99": round(slow, 1)})
    report.at_most("Prefer: wait adds", middle, 5, "ms")
