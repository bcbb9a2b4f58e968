"""`python -m benchmarks preview`: one alert's criteria against all open offers, as a page asks while it is written.

`--offers` open offers (default 100,000), in French and English, skewed as in life; each kind of criteria is asked
`--repetitions` times. On a machine that does other work the CPU tells more than the clock.
"""

import os
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg

from benchmarks import alert_market
from benchmarks.alert_words import CITIES, JOB_TYPES, LOCATION_TYPES, OCCUPATIONS, PLAIN, SKILLS
from benchmarks.measure import Cost, cost_of, median, percentile
from benchmarks.report import Report
from benchmarks.stack import Stack
from worker.services.alerts.numbering import number_offers
from worker.services.alerts.preview import preview
from worker.services.alerts.search import prepare_changed
from worker.services.matching.criteria import Criteria, parse_criteria

PER_KIND = 30
MIXED = 200
WARM_UP = 10
POSTED_EVERY = timedelta(minutes=1)
GOAL = 30.0
AT_ONCE = 2000

OFFERS = f"""
copy jobs (employer_id, company_id, status, posted_at, {", ".join(alert_market.OFFER_COLUMNS)}) from stdin
"""

CriteriaJson = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of criteria: milliseconds of each preview, how many offers matched, and the CPU of all."""

    milliseconds: list[float]
    totals: list[int]
    cost: Cost


def run(options: Namespace) -> Report:
    """options: offers, repetitions."""
    report = Report("preview", {"open offers": options.offers, "repetitions": options.repetitions})
    with Stack() as stack:
        _open(stack, options.offers)
        seconds = _prepare(stack)
        report.figure("documents prepared and numbered", options.offers / seconds, "per second")
        every: list[Asked] = []
        for kind, searches in _kinds().items():
            asked = _ask(stack, [parse_criteria(criteria) for criteria in searches], options.repetitions)
            _tell(report, kind, asked)
            every.append(asked)
    _conclude(report, every)
    return report


def _kinds() -> dict[str, list[CriteriaJson]]:
    random = Random(alert_market.SEED)  # noqa: S311 - the same criteria every time; nothing secret comes from it
    phrases = [words for pair in OCCUPATIONS for words in pair if " " in words]
    amounts = [25_000 * random.randint(4, 48) for _ in range(PER_KIND)]
    return {
        "nothing": [{}],
        "one word": [{"keywords": [word]} for word in random.sample([*PLAIN, *SKILLS], k=PER_KIND)],
        "a phrase": [{"keywords": [phrase]} for phrase in random.sample(phrases, k=PER_KIND)],
        "three phrases": [{"keywords": random.sample(phrases, k=3)} for _ in range(PER_KIND)],
        "a city": [{"location": city} for city, _, _ in random.choices(CITIES, k=PER_KIND)],
        "kinds": [{"job_types": [one], "location_types": [other]} for one in JOB_TYPES for other in LOCATION_TYPES],
        "a salary": [{"salary_min": amount, "currency": "XAF"} for amount in amounts],
        "common alerts": alert_market.criteria_sample(MIXED, rare=False),
        "rare alerts": alert_market.criteria_sample(MIXED, rare=True),
    }


def _open(stack: Stack, count: int) -> None:
    stack.rows(alert_market.FIRM)
    first = datetime.now(UTC) - count * POSTED_EVERY
    with psycopg.connect(stack.database_url) as connection, connection.cursor().copy(OFFERS.encode()) as copy:
        for number, row in enumerate(alert_market.offers(count)):
            copy.write_row((1, 1, "published", first + number * POSTED_EVERY, *row))


def _prepare(stack: Stack) -> float:
    """The documents and numbers of all offers; how many seconds that took."""
    began = time.monotonic()
    prepared = True
    while prepared:
        with stack.database.transaction() as connection:
            prepared = prepare_changed(connection, most=AT_ONCE) > 0
    with stack.database.transaction() as connection:
        number_offers(connection)
    seconds = time.monotonic() - began
    # What the database would do in the background meanwhile.
    for statement in ("vacuum (analyze)", "checkpoint"):
        stack.maintain(statement)
    return seconds


def _ask(stack: Stack, searches: Sequence[Criteria], repetitions: int) -> Asked:
    for criteria in searches[:WARM_UP]:
        _preview(stack, criteria)
    asked: list[tuple[float, int]] = []

    def work() -> None:
        asked.extend(_preview(stack, criteria) for _ in range(repetitions) for criteria in searches)

    # The servers are this process' children.
    cost = cost_of(len(searches) * repetitions, {"asking, with the servers": os.getpid()}, work)
    return Asked([each for each, _ in asked], [total for _, total in asked], cost)


def _preview(stack: Stack, criteria: Criteria) -> tuple[float, int]:
    began = time.perf_counter()
    with stack.database.transaction() as connection:
        answer = preview(connection, criteria)
    return (time.perf_counter() - began) * 1000, answer.total


def _tell(report: Report, kind: str, asked: Asked) -> None:
    details = {
        "p95": round(percentile(asked.milliseconds, 0.95), 1),
        "p99": round(percentile(asked.milliseconds, 0.99), 1),
        "CPU ms": round(asked.cost.milliseconds, 1),
        "matches (median)": round(median(asked.totals)),
    }
    report.figure(f"{kind}: p50", median(asked.milliseconds), "ms", details)


def _conclude(report: Report, every: Sequence[Asked]) -> None:
    """The goal is held against all kinds together."""
    milliseconds = [each for asked in every for each in asked.milliseconds]
    for share in (0.5, 0.95, 0.99):
        report.figure(f"all: p{share * 100:g}", percentile(milliseconds, share), "ms")
    cpu = sum(asked.cost.milliseconds * asked.cost.units for asked in every) / len(milliseconds)
    report.figure("all: CPU", cpu, "CPU ms")
    report.at_most("preview, p95", percentile(milliseconds, 0.95), GOAL, "ms")
