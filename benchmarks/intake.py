"""`python -m benchmarks intake`: what a durable request costs. No worker runs: only the API, Postgres and Redis."""

import json
from argparse import Namespace

from benchmarks import drain
from benchmarks.load import Answer, Order, send
from benchmarks.measure import Cost, cost_of, median, percentile
from benchmarks.report import Report
from benchmarks.stack import Stack
from benchmarks.tasks import BATCHED

CONNECTIONS = 16
BATCH = 1000
WARM_UP = 200


def run(options: Namespace) -> Report:
    """options: runs (of the batches; a fifth of it single), repetitions."""
    report = Report("intake", {"runs": options.runs, "repetitions": options.repetitions, "connections": CONNECTIONS})
    with Stack() as stack:
        ready = stack.start_api()
        report.figure("API ready", ready, "s")
        report.at_most("API ready", ready, 1.0, "s")
        posted(stack, single(stack, WARM_UP))
        _single(stack, report, options)
        _batches(stack, report, options)
    return report


def single(stack: Stack, count: int) -> Order:
    body = json.dumps({"task": BATCHED, "payload": {"number": 7}})
    return Order(stack.api_port, "/api/tasks", body, count, CONNECTIONS, stack.keys)


def batch(stack: Stack, count: int) -> Order:
    body = json.dumps({"tasks": [{"task": BATCHED, "payload": {"number": number}} for number in range(BATCH)]})
    return Order(stack.api_port, "/api/tasks/batch", body, count, 2, stack.keys)


def posted(stack: Stack, order: Order) -> tuple[Cost, list[Answer]]:
    """Carry out an order; CPU of API, Postgres and Redis, the sender's not among it."""
    answers: list[Answer] = []
    cost = cost_of(order.count, stack.roots("api"), lambda: answers.extend(send(stack, order)))
    return cost, answers


def busy_seconds(answers: list[Answer]) -> float:
    """From the first request to the last answer."""
    return max(answer.sent + answer.took for answer in answers) - min(answer.sent for answer in answers)


def _single(stack: Stack, report: Report, options: Namespace) -> None:
    costs, slowest, rates = [], [], []
    for _ in range(options.repetitions):
        drain.clear(stack)
        cost, answers = posted(stack, single(stack, max(options.runs // 5, CONNECTIONS)))
        costs.append(cost)
        slowest.append(percentile([answer.took for answer in answers], 0.99) * 1000)
        rates.append(len(answers) / busy_seconds(answers))
    value = median([cost.milliseconds for cost in costs])
    details = {"per second": round(median(rates)), "by process": costs[-1].by_process()}
    report.figure("single POST", value, "CPU ms", details)
    report.figure(f"single POST, p99 at {CONNECTIONS} connections", median(slowest), "ms")
    report.at_most("single durable POST", value, 1.2, "CPU ms")
    report.at_most(f"single POST, p99 at {CONNECTIONS} connections", median(slowest), 30, "ms")


def _batches(stack: Stack, report: Report, options: Namespace) -> None:
    rates, costs = [], []
    for _ in range(options.repetitions):
        drain.clear(stack)
        cost, answers = posted(stack, batch(stack, max(options.runs // BATCH, 2)))
        rates.append(len(answers) * BATCH / busy_seconds(answers))
        costs.append(cost.milliseconds / BATCH)
    report.figure("batch POST", median(rates), "runs per second", {"CPU ms per run": round(median(costs), 4)})
    report.at_least("batch POST", median(rates), 20_000, "runs per second")
