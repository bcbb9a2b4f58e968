"""`python -m benchmarks ledger`: what a durable run costs, beside peers, and how that changes as the table grows."""

from argparse import Namespace
from collections.abc import Callable

from benchmarks import drain, growth
from benchmarks.measure import Cost, median, process_times, proportional_memory, tree
from benchmarks.peers.peers import Peer, peers
from benchmarks.report import Report
from benchmarks.stack import CHILDREN, Stack
from benchmarks.tasks import BATCHED, SINGLE

Drain = Callable[[], Cost]


def run(options: Namespace) -> Report:
    """options: runs, repetitions, peers, finished."""
    report = Report("ledger", {"runs": options.runs, "repetitions": options.repetitions, "children": CHILDREN})
    with Stack() as stack:
        ready = stack.start_worker()
        report.figure("worker ready", ready, "s")
        report.at_most("worker ready", ready, 2.0, "s")
        stack.start_dispatcher()
        _memory(stack, report)
        _costs(stack, report, options)
        if options.finished:
            growth.measure(stack, report, finished=options.finished, runs=options.runs)
    return report


def _memory(stack: Stack, report: Report) -> None:
    _, *children = tree(stack.roots("worker")["worker"], process_times())
    drain.drain(stack, BATCHED, 500)
    drain.clear(stack)
    largest = max(proportional_memory(pid) for pid in children) / 2**20
    report.figure("worker child, idle (PSS)", largest, "MiB")
    report.at_most("worker child, idle (PSS)", largest, 120, "MiB")


def _costs(stack: Stack, report: Report, options: Namespace) -> None:
    """Ours and the peers take turns, so that other load of the machine meets all of them."""
    drains: dict[str, Drain] = {
        "batched": lambda: _drained(stack, BATCHED, options.runs),
        "one by one": lambda: _drained(stack, SINGLE, max(options.runs // 5, 1)),
    }
    rivals: dict[str, Peer] = peers(stack) if options.peers else {}
    costs: dict[str, list[Cost]] = {name: [] for name in (*drains, *rivals)}
    for _ in range(options.repetitions):
        for name, work in drains.items():
            costs[name].append(work())
        for name, rival in rivals.items():
            costs[name].append(rival.measured(max(int(options.runs * rival.share), 1)))
    _write_down(report, costs)
    _hold_against(report, {name: median([cost.milliseconds for cost in each]) for name, each in costs.items()})


def _drained(stack: Stack, task: str, count: int) -> Cost:
    cost = drain.drain(stack, task, count)
    drain.clear(stack)
    return cost


def _write_down(report: Report, costs: dict[str, list[Cost]]) -> None:
    for name, each in costs.items():
        middle = sorted(each, key=lambda cost: cost.milliseconds)[len(each) // 2]
        details = {
            "per second": round(median([cost.rate for cost in each])),
            "runs": middle.units,
            "by process": middle.by_process(),
            "all": [round(cost.milliseconds, 4) for cost in each],
        }
        report.figure(name, median([cost.milliseconds for cost in each]), "CPU ms per run", details)


def _hold_against(report: Report, ours: dict[str, float]) -> None:
    batched, single = ours["batched"], ours["one by one"]
    report.at_most("batched", batched, 0.20, "CPU ms")
    report.at_most("one by one", single, 1.8, "CPU ms")
    if "celery, defaults" in ours:
        report.at_least("batched: cheaper than bare Celery", ours["celery, defaults"] / batched, 8, "times")
        report.at_least("batched: cheaper than Celery with database results", ours["celery, results"] / batched, 35)
        report.at_most("one by one: against bare Celery", single / ours["celery, defaults"], 1.0, "times")
        report.at_most("one by one: against Celery tuned alike", single / ours["celery, tuned"], 2.5, "times")
        report.at_least("one by one: cheaper than Celery with database results", ours["celery, results"] / single, 3)
    if "pgqueuer" in ours:
        report.at_most("batched: against pgqueuer", batched / ours["pgqueuer"], 1.3, "times")
