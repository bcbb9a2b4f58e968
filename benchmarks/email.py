"""`python -m benchmarks email`: digests rendered and handed over, and how well a provider's limit is used.

A mail carries ten offers as HTML and as text. `--runs` is how many are sent per repetition; the emulated provider's
CPU is counted apart. It shares the machine's cores with us, so the figure for ours alone can only be computed.
"""

import os
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.email_setup import CHILDREN, OFFERS_PER_MAIL, EmailSetup
from benchmarks.measure import TICKS_PER_SECOND, Cost, cost_of, median
from benchmarks.report import Report
from benchmarks.stack import Stack

UNLIMITED = 1000.0
LIMITS = (10.0, 20.0)
LIMITED_SECONDS = 30
MAILS_PER_LIMITED_BATCH = 3
URGENT = 8
WARM_UP = 1000
EMULATOR = "emulators"
# One Python process does one thing at a time: beyond this share of a core, requests wait for it.
KEEPS_UP = 0.7


@dataclass(frozen=True, slots=True)
class Drained:
    """A pile of digests delivered. elsewhere: cores that others of this machine were busy with meanwhile."""

    cost: Cost
    elsewhere: float

    @property
    def ours(self) -> float:
        """CPU milliseconds per mail without the emulator's."""
        seconds = sum(seconds for name, seconds in self.cost.cpu.items() if name != EMULATOR)
        return seconds * 1000 / self.cost.units

    @property
    def emulator(self) -> float:
        """The emulator's CPU milliseconds per mail."""
        return self.cost.cpu[EMULATOR] * 1000 / self.cost.units

    @property
    def emulators_core(self) -> float:
        """The share of one core that the emulator was busy with."""
        return self.cost.cpu[EMULATOR] / self.cost.wall


def run(options: Namespace) -> Report:
    """options: runs (mails), repetitions."""
    conditions = {"mails": options.runs, "offers per mail": OFFERS_PER_MAIL, "children": CHILDREN}
    report = Report("email", {**conditions, "repetitions": options.repetitions})
    with Stack() as stack:
        setup = EmailSetup(stack)
        setup.open(max(options.runs, WARM_UP, *(_mails(limit) for limit in LIMITS)))
        _without_limit(setup, report, options)
        for limit in LIMITS:
            _with_limit(setup, report, limit)
    return report


def _without_limit(setup: EmailSetup, report: Report, options: Namespace) -> None:
    setup.start_worker(UNLIMITED)
    _drained(setup, WARM_UP)
    before = setup.largest_child()
    drained = [_drained(setup, options.runs) for _ in range(options.repetitions)]
    after = setup.largest_child()
    setup.stop_worker()
    _report_costs(report, drained)
    _report_rate(report, drained)
    report.figure("worker child (PSS)", after, "MiB", {"after the warm-up": round(before, 1)})
    report.at_most("worker child, growth", after / before, 1.1, "times")


def _report_costs(report: Report, drained: list[Drained]) -> None:
    ours = median([each.ours for each in drained])
    details = {"by process": drained[-1].cost.by_process(), "all": [round(each.ours, 4) for each in drained]}
    report.figure("digest mail", ours, "CPU ms", details)
    report.figure("digest mail, the emulator's part", median([each.emulator for each in drained]), "CPU ms")
    report.at_most("digest mail", ours, 0.6, "CPU ms")


def _report_rate(report: Report, drained: list[Drained]) -> None:
    """What was measured, what shared the cores with it, and what ours alone would reach on all of them."""
    cores = len(os.sched_getaffinity(0))
    rate = median([each.cost.rate for each in drained])
    alone = cores * 1000 / median([each.ours for each in drained])
    share = median([each.emulators_core for each in drained])
    elsewhere = round(median([each.elsewhere for each in drained]), 2)
    report.figure("digests rendered and delivered", rate, "per second", {"cores busy with other work": elsewhere})
    report.figure(f"ours alone on {cores} cores (computed from its CPU)", alone, "per second")
    ceiling = 1000 / median([each.emulator for each in drained])
    facts = {"keeps up": share < KEEPS_UP, "its ceiling with a core of its own (computed), per second": round(ceiling)}
    report.figure("the emulator's share of a core", share * 100, "%", facts)
    report.at_least("digests rendered and delivered, measured", rate, 3000, "per second")
    report.at_least(f"ours alone on {cores} cores, computed", alone, 3000, "per second")


def _drained(setup: EmailSetup, count: int) -> Drained:
    setup.write(count)

    def work() -> None:
        setup.fill()
        setup.wait_until_sent(count, seconds=1200)

    busy = _busy_seconds()
    cost = cost_of(count, setup.stack.roots(setup.worker, "dispatcher", EMULATOR), work)
    elsewhere = (_busy_seconds() - busy - sum(cost.cpu.values())) / cost.wall
    return Drained(cost, max(elsewhere, 0.0))


def _busy_seconds() -> float:
    """CPU seconds of the whole machine so far, without what was idle or waited for a disk (proc(5), /proc/stat)."""
    _, user, nice, system, _idle, _waiting, hard, soft, *_ = Path("/proc/stat").read_text().split(maxsplit=9)
    return sum(int(each) for each in (user, nice, system, hard, soft)) / TICKS_PER_SECOND


def _mails(limit: float) -> int:
    return int(limit * LIMITED_SECONDS) * MAILS_PER_LIMITED_BATCH


def _with_limit(setup: EmailSetup, report: Report, limit: float) -> None:
    """The provider refuses what comes too early; small batches, so that requests are what is scarce."""
    mails = _mails(limit)
    setup.start_worker(limit)
    _warm_up(setup, int(limit) * MAILS_PER_LIMITED_BATCH)
    setup.write(mails)
    setup.steer({"rate_limit": {"per_second": limit}})
    setup.fill(most=MAILS_PER_LIMITED_BATCH, times=mails // MAILS_PER_LIMITED_BATCH)
    waits = [setup.urgent(number) for number in range(URGENT)]
    setup.wait_until_sent(mails + URGENT, seconds=LIMITED_SECONDS * 3 + 30)
    setup.stop_worker()
    _report_limit(report, limit, setup)
    name = f"an urgent mail behind a backlog at {limit:g} per second"
    report.figure(name, median(waits), "seconds", {"longest": round(max(waits), 2), "mails": URGENT})
    report.at_most(f"{name}, the longest", max(waits), 2.0, "seconds")


def _warm_up(setup: EmailSetup, mails: int) -> None:
    """Warm the children up: their first mail loads the provider's package and the layouts."""
    setup.write(mails)
    setup.fill(most=MAILS_PER_LIMITED_BATCH, times=mails // MAILS_PER_LIMITED_BATCH)
    setup.wait_until_sent(mails, seconds=60)


def _report_limit(report: Report, limit: float, setup: EmailSetup) -> None:
    answers = setup.answers()
    taken = [datetime.fromisoformat(answer["at"]) for answer in answers if answer["status"] == 200]
    seconds = (max(taken) - min(taken)).total_seconds()
    used = (len(taken) - 1) / (seconds * limit)
    refused = sum(answer["status"] == 429 for answer in answers)
    report.figure(f"use of a limit of {limit:g} requests per second", used * 100, "%", {"requests": len(taken)})
    report.at_least(f"use of a limit of {limit:g}", used * 100, 98, "%")
    report.at_most(f"refused at a limit of {limit:g}", refused, 0, "requests")
