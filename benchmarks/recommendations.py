"""`python -m benchmarks recommendations`: the best offers of many candidates, against a plain loop over the formula.

`--candidates` (100,000) and `--against` open offers (5,000), scored by as many processes as a worker has children.
Each process reads the offers itself; making up candidates is no part of any figure, reading them is. The plain loop
has both sides read beforehand and takes turns with ours, on a sample.
"""

import os
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from random import Random

from benchmarks import recommendation_market as market
from benchmarks.measure import median, proportional_memory
from benchmarks.report import Report
from benchmarks.stack import CHILDREN
from worker.services.matching.offers import newest_first
from worker.services.recommendations.asked import Asked, read_offer
from worker.services.recommendations.bulk import Index, Ranked
from worker.services.recommendations.formula import compare, has_work_in_common
from worker.services.recommendations.profiles import CandidateProfile
from worker.services.recommendations.told import Told, read_candidate

SAMPLE = 40
CHECKED = 4
PAIRS = 2_000
MIB = 2**20
CHEAPER = 50
SECONDS = 120
GROWTH = 1.1


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did with a shard: seconds on the wall and of CPU, offers found, its memory in bytes (PSS)."""

    process: int
    wall: float
    cpu: float
    found: int
    memory: int


class Scorer:
    """One process' index, and how long making it took."""

    def __init__(self, offers: int) -> None:
        prepared = market.offers(offers)
        wall, cpu = time.monotonic(), time.process_time()
        self.index = Index(prepared)
        self._wall, self._cpu = time.monotonic() - wall, time.process_time() - cpu

    def shard(self, number: int, size: int) -> Done:
        crowd = list(market.candidates(number, size))
        wall, cpu = time.monotonic(), time.process_time()
        found = sum(map(len, self.index.best(crowd)))
        wall, cpu = time.monotonic() - wall + self._wall, time.process_time() - cpu + self._cpu
        self._wall = self._cpu = 0.0
        return Done(os.getpid(), wall, cpu, found, proportional_memory(os.getpid()))


def run(options: Namespace) -> Report:
    """options: candidates, against, repetitions."""
    conditions = {"candidates": options.candidates, "offers": options.against, "processes": CHILDREN}
    report = Report("recommendations", {**conditions, "repetitions": options.repetitions})
    _in_turns(report, options)
    done = _score_all(options.candidates, options.against)
    _tell(report, done, options)
    return report


def _in_turns(report: Report, options: Namespace) -> None:
    """One pair's CPU in the plain loop and in bulk, medians."""
    prepared = market.offers(options.against)
    index, asked = Index(prepared), [read_offer(each) for each in sorted(prepared, key=newest_first)]
    people = list(market.candidates(0, SAMPLE))
    told = [read_candidate(each) for each in people]
    _check(index, people[:CHECKED], asked)
    random = Random(0)  # noqa: S311 - a fair sample
    pairs = [(random.choice(told), random.choice(asked)) for _ in range(PAIRS)]
    plain, bulk = [], []
    for _ in range(options.repetitions):
        plain.append(_cpu(partial(_loop, pairs)) * 1e6 / PAIRS)
        bulk.append(_cpu(lambda: list(index.best(people))) * 1e6 / (SAMPLE * len(prepared)))
    kept = sum(has_work_in_common(one, each) for one, each in pairs) / PAIRS
    report.figure("plain loop over the formula", median(plain), "CPU µs per pair", {"pairs": PAIRS})
    report.figure("in bulk", median(bulk), "CPU µs per pair", {"passing the prefilter %": round(kept * 100, 1)})
    report.at_least("cheaper per pair than the plain loop", median(plain) / median(bulk), CHEAPER, "times")


def _check(index: Index, people: Sequence[CandidateProfile], asked: Sequence[Asked]) -> None:
    """Raises RuntimeError when the plain loop finds something else."""
    for profile, best in zip(people, index.best(people), strict=True):
        if best != _plainly(read_candidate(profile), asked):
            raise RuntimeError(f"The plain loop finds other offers for candidate {profile.id} than the index.")


def _plainly(told: Told, asked: Sequence[Asked]) -> Ranked:
    found = [
        (each.offer.offer.id, compare(told, each))
        for each in asked
        if not each.is_too_short and has_work_in_common(told, each)
    ]
    return sorted(found, key=lambda each: -each[1].total)[:20]


def _loop(pairs: Sequence[tuple[Told, Asked]]) -> None:
    for told, asked in pairs:
        compare(told, asked)


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


_scorers: list[Scorer] = []


def _open(offers: int) -> None:
    _scorers.append(Scorer(offers))


def _shard(of: tuple[int, int]) -> Done:
    return _scorers[0].shard(*of)


def _score_all(candidates: int, offers: int) -> list[Done]:
    starts = range(0, candidates, market.SHARD)
    shards = [(start // market.SHARD, min(market.SHARD, candidates - start)) for start in starts]
    with get_context("spawn").Pool(CHILDREN, _open, (offers,)) as pool:
        return list(pool.imap_unordered(_shard, shards))


def _tell(report: Report, done: Sequence[Done], options: Namespace) -> None:
    by_process: dict[int, list[Done]] = defaultdict(list)
    for each in done:
        by_process[each.process].append(each)
    slowest = max(sum(each.wall for each in own) for own in by_process.values())
    cpu, pairs = sum(each.cpu for each in done), options.candidates * options.against
    details = {
        "CPU s": round(cpu, 1),
        "CPU ms per candidate": round(cpu * 1e3 / options.candidates, 3),
        "CPU µs per pair": round(cpu * 1e6 / pairs, 4),
        "offers found": sum(each.found for each in done),
    }
    name = f"{options.candidates:,} candidates and {options.against:,} offers"
    report.figure(name, slowest, "s", details)
    memory = sum(max(each.memory for each in own) for own in by_process.values()) / MIB
    report.figure(f"{name}: memory (PSS, all processes)", memory, "MiB", {"processes": len(by_process)})
    report.at_most(f"{name}: seconds", slowest, SECONDS, "s")
    growth = max(own[-1].memory / own[0].memory for own in by_process.values())
    report.at_most("memory at the end against after the first shard", growth, GROWTH, "times")
