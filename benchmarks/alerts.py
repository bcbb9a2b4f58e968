"""`python -m benchmarks alerts`: a daily run over many alerts, from its request to the last stored digest.

The worker's processes are fresh for each run; offers, their search documents and the alerts lie in Postgres, as
upkeep leaves them in the minutes before. Mail is stored, not delivered. Peers only match, on a sample; they are told
as if both cores worked for them side by side.
"""

import os
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from random import Random

from benchmarks import alert_market
from benchmarks.alerts_dataset import AlertsDataset
from benchmarks.alerts_run import Finished
from benchmarks.measure import cost_of, median
from benchmarks.peers.alerts_peers import Peer, check
from benchmarks.peers.alerts_python import PythonLoop
from benchmarks.peers.alerts_sql import Joined, OneByOne, by_letters, by_words, lay_out
from benchmarks.report import Report
from benchmarks.stack import CHILDREN, Stack
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.index import OfferIndex

SMALLER = (10_000, 100_000)
LINEAR_FROM = 100_000
PLAIN = 100
WANTED_SHARE = 0.3
TRIED = 500
MIB = 2**20


def run(options: Namespace) -> Report:
    """options: alerts, jobs, repetitions, peers."""
    conditions = {"alerts": options.alerts, "offers": options.jobs, "children": CHILDREN}
    report = Report("alerts", {**conditions, "repetitions": options.repetitions})
    with Stack() as stack:
        dataset = AlertsDataset(stack)
        dataset.open(options.jobs)
        dataset.prepare()
        seconds = dataset.preparing_seconds()
        details = {"ms per offer": round(seconds * 1000 / options.jobs, 2)}
        report.figure(f"{options.jobs:,} offers prepared and numbered", seconds, "s", details)
        loop = PythonLoop(dataset.offers())
        _settle(dataset, loop, report, options)
        each = {size: _measured(dataset, report, size, options) for size in sizes(options.alerts)}
        _hold_against(report, each, options)
        if options.peers:
            _compare(dataset, report, loop, each[options.alerts])
    return report


def sizes(alerts: int) -> list[int]:
    return [*(size for size in SMALLER if size < alerts), alerts]


def rare_share(common: float, rare: float) -> float:
    """How many searches must be rare for the wanted share of all to find something, given how often either does."""
    if common <= WANTED_SHARE or common <= rare:
        return 0.0
    return min(1.0, (common - WANTED_SHARE) / (common - rare))


def _settle(dataset: AlertsDataset, loop: PythonLoop, report: Report, options: Namespace) -> None:
    """Mix the searches for this market and settle the people with their alerts."""
    index = OfferIndex(loop.offers)
    finding = []
    for rare in (False, True):
        tried = alert_market.criteria_sample(TRIED, rare=rare)
        totals = index.match([parse_criteria(criteria) for criteria in tried], limit=1).totals
        finding.append(int((totals > 0).sum()) / TRIED)
    alerts = alert_market.alerts(
        options.alerts, rare_share=rare_share(*finding), highest=options.jobs, plain=_plain(options.alerts)
    )
    dataset.remember(alerts, options.alerts)
    report.figure("distinct criteria", dataset.distinct_wishes(), "")


def _plain(alerts: int) -> int:
    return min(PLAIN, alerts // 3)


def _measured(dataset: AlertsDataset, report: Report, size: int, options: Namespace) -> Finished:
    """The middle one of several runs over the first `size` alerts."""
    finished = []
    for _ in range(options.repetitions):
        dataset.fill(size)
        finished.append(dataset.runner.run_alerts())
        _check(dataset, finished[-1], size)
    middle = sorted(finished, key=lambda each: each.stored)[len(finished) // 2]
    _write_down(report, size, options.jobs, middle, finished)
    return middle


def _check(dataset: AlertsDataset, finished: Finished, size: int) -> None:
    """Raises RuntimeError when a run looked at other alerts than there are, or stored one thing without the other."""
    stored = dataset.stored()
    skipped = sum(finished.result["skipped"].values())
    told = {finished.result["digests_stored"], finished.result["alerts_matched"]}
    kinds = {stored["digests"], stored["messages"], stored["notifications"], stored["counted"]}
    if finished.result["alerts_scanned"] != size or told != kinds or stored["behind"] > skipped:
        raise RuntimeError(f"The run over {size} alerts says {finished.result}, and the tables hold {stored}.")


def _write_down(report: Report, size: int, jobs: int, middle: Finished, finished: Sequence[Finished]) -> None:
    seconds = median([each.stored for each in finished])
    digests = middle.result["digests_stored"]
    details = {
        "all": [round(each.stored, 2) for each in finished],
        "to the run's end": round(middle.ended, 2),
        "µs per alert": round(seconds * 1e6 / size, 1),
        "pairs per second": round(size * jobs / seconds),
        "digests": digests,
        "share %": round(digests * 100 / size, 1),
        "skipped": middle.result["skipped"],
        "shards": len(middle.shards),
        "in shards": {name: round(spent, 2) for name, spent in middle.spent().items()},
    }
    report.figure(f"{size:,} alerts", seconds, "s", details)
    cpu = {name: round(spent, 1) for name, spent in middle.cpu.items()}
    report.figure(f"{size:,} alerts, CPU", sum(middle.cpu.values()) * 1e6 / size, "µs per alert", {"s": cpu})
    memory = max(each.peaks.worker for each in finished) / MIB
    others = {
        "each process at its own peak": round(max(each.resident for each in finished) / MIB),
        "Postgres": round(max(each.peaks.postgres for each in finished) / MIB),
    }
    report.figure(f"{size:,} alerts, worker's memory (PSS, all processes)", memory, "MiB", others)


def _hold_against(report: Report, each: dict[int, Finished], options: Namespace) -> None:
    most = each[options.alerts]
    name = f"{options.alerts:,} alerts and {options.jobs:,} offers"
    report.at_most(f"{name}: to the last stored digest", report.figures[f"{options.alerts:,} alerts"]["value"], 30, "s")
    report.at_most(f"{name}: worker's memory", most.peaks.worker / MIB, 1024, "MiB")
    if options.alerts > LINEAR_FROM in each:
        for name, kind in (("seconds", ""), ("CPU", ", CPU")):
            shown = (report.figures[f"{size:,} alerts{kind}"] for size in (options.alerts, LINEAR_FROM))
            most_of, few_of = (figure.get("µs per alert", figure["value"]) for figure in shown)
            report.at_most(f"{name} per alert against {LINEAR_FROM:,} alerts", most_of / few_of, 1.3, "times")


def _compare(dataset: AlertsDataset, report: Report, loop: PythonLoop, ours: Finished) -> None:
    """Let peers match a sample, once they have found what our digests hold. Ours stores them besides."""
    url = dataset.stack.database_url
    lay_out(url)
    alerts = ours.result["alerts_scanned"]
    peers: dict[str, tuple[Peer, int]] = {
        "SQL per alert, ILIKE": (OneByOne(url, by_letters), 200),
        "SQL per alert, text search": (OneByOne(url, by_words), 1000),
        "one SQL join, text search": (Joined(url), 1000),
        "plain Python": (loop, 100),
    }
    digests = dataset.digests()
    plain = dataset.asked(range(1, _plain(alerts) + 1))
    order = Random(alert_market.SEED).sample(range(1, alerts + 1), k=min(alerts, 1100))  # noqa: S311 - a fair sample
    for name, (peer, most) in peers.items():
        check(name, plain, peer.answers(plain), digests)
        sample = dataset.asked(order[:most])
        if peer is loop:
            check(name, sample, peer.answers(sample), digests)
        cost = cost_of(len(sample), {"all": os.getpid()}, partial(peer.answers, sample))
        seconds = cost.wall / len(sample) * alerts / CHILDREN
        details = {
            "sample": len(sample),
            "CPU ms per alert": round(cost.milliseconds, 3),
            "ours is faster": round(seconds / ours.stored, 1),
            "ours takes less CPU": round(cost.milliseconds * alerts / 1000 / sum(ours.cpu.values()), 1),
        }
        report.figure(name, seconds, "s", details)
        if name.startswith("SQL per alert"):
            report.at_least(f"faster than {name}", seconds / ours.stored, 100, "times")
