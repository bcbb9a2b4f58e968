"""`python -m benchmarks email`: digests rendered and handed over, and how well a provider's limit is used.

A mail carries ten offers as HTML and as text. `--runs` is how many are sent per repetition; the emulated provider's
CPU is counted apart.
"""

from argparse import Namespace
from datetime import datetime

from benchmarks.mailroom import OFFERS_PER_MAIL, Mailroom
from benchmarks.measure import Cost, cost_of, median
from benchmarks.report import Report
from benchmarks.site import CHILDREN, Site

UNLIMITED = 1000.0
LIMIT = 10.0
LIMITED_BATCHES = 300
MAILS_PER_LIMITED_BATCH = 3
WARM_UP = 1000
EMULATOR = "emulators"


def run(options: Namespace) -> Report:
    """options: runs (mails), repetitions."""
    conditions = {"mails": options.runs, "offers per mail": OFFERS_PER_MAIL, "children": CHILDREN}
    report = Report("email", {**conditions, "repetitions": options.repetitions})
    with Site() as site:
        room = Mailroom(site)
        room.open(max(options.runs, WARM_UP, LIMITED_BATCHES * MAILS_PER_LIMITED_BATCH))
        _without_limit(room, report, options)
        _with_limit(room, report)
    return report


def _without_limit(room: Mailroom, report: Report, options: Namespace) -> None:
    room.start_worker(UNLIMITED)
    _drained(room, WARM_UP)
    before = room.largest_child()
    costs = [_drained(room, options.runs) for _ in range(options.repetitions)]
    after = room.largest_child()
    room.stop_worker()
    _report_costs(report, costs)
    report.figure("worker child (PSS)", after, "MiB", {"after the warm-up": round(before, 1)})
    report.at_most("worker child, growth", after / before, 1.1, "times")


def _report_costs(report: Report, costs: list[Cost]) -> None:
    ours = median([_ours(cost) for cost in costs])
    rate = median([cost.rate for cost in costs])
    emulator = median([cost.cpu[EMULATOR] * 1000 / cost.units for cost in costs])
    details = {"by process": costs[-1].by_process(), "all": [round(_ours(cost), 4) for cost in costs]}
    report.figure("digest mail", ours, "CPU ms", details)
    report.figure("digest mail, the emulator's part", emulator, "CPU ms")
    report.figure("digests rendered and delivered", rate, "per second")
    report.at_most("digest mail", ours, 0.6, "CPU ms")
    report.at_least("digests rendered and delivered", rate, 3000, "per second")


def _ours(cost: Cost) -> float:
    """CPU milliseconds per mail without the emulator's."""
    return sum(seconds for name, seconds in cost.cpu.items() if name != EMULATOR) * 1000 / cost.units


def _drained(room: Mailroom, count: int) -> Cost:
    room.write(count)

    def work() -> None:
        room.fill()
        room.wait_until_sent(count, seconds=1200)

    return cost_of(count, room.site.roots(room.worker, "dispatcher", EMULATOR), work)


def _with_limit(room: Mailroom, report: Report) -> None:
    """The provider refuses what comes too early; small batches, so that requests are what is scarce."""
    mails = LIMITED_BATCHES * MAILS_PER_LIMITED_BATCH
    room.start_worker(LIMIT)
    room.write(mails)
    room.steer({"rate_limit": {"per_second": LIMIT}})
    room.fill(most=MAILS_PER_LIMITED_BATCH, times=LIMITED_BATCHES)
    room.wait_until_sent(mails, seconds=LIMITED_BATCHES / LIMIT * 3 + 30)
    answers = room.answers()
    taken = [datetime.fromisoformat(answer["at"]) for answer in answers if answer["status"] == 200]
    seconds = (max(taken) - min(taken)).total_seconds()
    used = (len(taken) - 1) / (seconds * LIMIT)
    refused = sum(answer["status"] == 429 for answer in answers)
    report.figure(f"use of a limit of {LIMIT:g} requests per second", used * 100, "%", {"requests": len(taken)})
    report.at_least("use of the limit", used * 100, 98, "%")
    report.at_most("refused for the limit", refused, 0, "requests")
