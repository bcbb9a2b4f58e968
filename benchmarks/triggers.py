"""`python -m benchmarks triggers`: what it costs the main web app that its new offers are noted for us."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg

from benchmarks import alert_market
from benchmarks.measure import Cost, cost_of, median
from benchmarks.report import Report
from benchmarks.stack import Stack

COLUMNS = ", ".join(("employer_id", "company_id", "status", *alert_market.OFFER_COLUMNS))
COPY = f"copy jobs ({COLUMNS}) from stdin"
INSERT = f"insert into jobs ({COLUMNS}) values ({', '.join(['%s'] * len(COLUMNS.split(',')))})"
PATTERNS = f"create table benchmark_offers as select {COLUMNS} from jobs"
TOGETHER = f"insert into jobs ({COLUMNS}) select {COLUMNS} from benchmark_offers"
BOUND = 1.3

Offers = Sequence[tuple[Any, ...]]
Write = Callable[[Stack, Offers], None]


def run(options: Namespace) -> Report:
    """options: runs (offers of one statement; a fifth of them one by one), repetitions."""
    report = Report("triggers", {"offers": options.runs, "repetitions": options.repetitions})
    offers = [(1, 1, "published", *row) for row in alert_market.offers(options.runs)]
    with Stack() as stack:
        stack.rows(alert_market.FIRM)
        _keep_patterns(stack, offers)
        some = offers[: max(options.runs // 5, 1)]
        for name, write, written in (
            ("an offer per transaction", _one_by_one, some),
            ("all offers in one statement", _together, offers),
        ):
            report.at_most(name, _compare(report, stack, name, write, written, options), BOUND, "times")
        _compare(report, stack, "an offer per transaction, the disk not waited for", _one_by_one_lazily, some, options)
    return report


def _keep_patterns(stack: Stack, offers: Offers) -> None:
    with psycopg.connect(stack.database_url) as connection:
        with connection.cursor().copy(COPY.encode()) as copy:
            for each in offers:
                copy.write_row(each)
        connection.execute(PATTERNS.encode())


def _one_by_one(stack: Stack, offers: Offers, options: str = "") -> None:
    """As the main web app writes them."""
    with psycopg.connect(stack.database_url, autocommit=True, options=options) as connection:
        for each in offers:
            connection.execute(INSERT.encode(), each)


def _one_by_one_lazily(stack: Stack, offers: Offers) -> None:
    _one_by_one(stack, offers, "-c synchronous_commit=off")


def _together(stack: Stack, _offers: Offers) -> None:
    stack.maintain(TOGETHER)


def _compare(report: Report, stack: Stack, name: str, write: Write, offers: Offers, options: Namespace) -> float:
    """How many times the CPU of Postgres an insert takes with the triggers. With and without take turns, so that other
    load of the machine meets both.
    """
    plain: list[Cost] = []
    noted: list[Cost] = []
    for _ in range(options.repetitions):
        for costs, switch in ((plain, "disable"), (noted, "enable")):
            stack.maintain(f"alter table jobs {switch} trigger user")
            stack.maintain("truncate jobs, job_changes cascade")
            stack.maintain("checkpoint")
            costs.append(cost_of(len(offers), stack.roots(), partial(write, stack, offers)))
    before, after = (median([cost.milliseconds for cost in costs]) for costs in (plain, noted))
    ratio = after / before
    everything = {
        "CPU ms without": [round(cost.milliseconds, 4) for cost in plain],
        "CPU ms with": [round(cost.milliseconds, 4) for cost in noted],
    }
    report.figure(name, ratio, "times the insert alone", everything)
    return ratio
