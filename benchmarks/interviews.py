"""`python -m benchmarks interviews`: from the dialog's request to the answer with event and link, one at a time.

`--runs` / 500 interviews per calendar and repetition (40 by default), each asked for while somebody waits. What one
request to the emulated calendar takes by itself is measured beside it, in turns, and taken off: the rest is ours
(authentication, interview, run, dispatch, worker, effect in three commits, answer). `--peers`: an app that makes the
event within its own request.
"""

from argparse import Namespace
from collections.abc import Mapping, Sequence

from benchmarks.interview_setup import PROVIDERS, InterviewSetup
from benchmarks.measure import median, percentile
from benchmarks.peers import calendars
from benchmarks.peers.calendars import Calendars
from benchmarks.report import Report
from benchmarks.stack import Stack

SHARE = 500
FEWEST = 2
WARM_UP = 8
# What one recruiter may write in a minute is limited, and so is what one account is asked.
EACH = 25
# As far as Google and Graph are from most of our machines.
LATENCY = 0.15
GOAL = 300.0


def run(options: Namespace) -> Report:
    """options: runs, repetitions, peers."""
    count = max(options.runs // SHARE, FEWEST)
    conditions = {"interviews per calendar": count, "repetitions": options.repetitions, "latency of a call": LATENCY}
    report = Report("interviews", conditions)
    total = len(PROVIDERS) * (WARM_UP + 2 * count * options.repetitions)
    with Stack() as stack:
        setup = InterviewSetup(stack)
        setup.open(recruiters=total // EACH + 1, applications=total)
        theirs = calendars.connected(setup.emulators, "etalon@exemple.cm")
        places = iter(range(total))
        for slug in PROVIDERS:
            for _ in range(WARM_UP):
                setup.ask(slug, next(places))
        for seconds in (0.0, LATENCY):
            setup.steer({"slow_seconds": seconds, "slow_p": 1.0, "only": ["events.*"]})
            for slug in PROVIDERS:
                asked = [next(places) for _ in range(count * options.repetitions)]
                _compare(report, setup, theirs, slug, asked, seconds)
        setup.steer({})
        if options.peers:
            _peers(report, theirs, count)
    return report


def _compare(
    report: Report, setup: InterviewSetup, theirs: Calendars, slug: str, asked: Sequence[int], seconds: float
) -> None:
    """Both take turns, so that other load of the machine meets both."""
    ours: list[float] = []
    bare: list[float] = []
    with calendars.alone(theirs) as alone:
        calendars.measured(alone[slug], [0])
        for place in asked:
            bare += calendars.measured(alone[slug], [place])
            ours.append(setup.ask(slug, place))
    name = f"{slug}, {seconds * 1000:.0f} ms away"
    report.figure(f"{name}: the calendar alone, p50", median(bare), "ms", {"p95": round(percentile(bare, 0.95), 1)})
    report.figure(f"{name}: create-event, p50", median(ours), "ms", {"p95": round(percentile(ours, 0.95), 1)})
    beyond = percentile(ours, 0.95) - median(bare)
    report.figure(f"{name}: ours beyond it, p50", median(ours) - median(bare), "ms", {"p95": round(beyond, 1)})
    report.at_most(f"{name}: create-event beyond the calendar, p95", beyond, GOAL, "ms")


def _peers(report: Report, theirs: Calendars, count: int) -> None:
    """Each makes a first event that is not counted: imports and connections are paid once."""
    with calendars.peers(theirs) as peers:
        for name, took in measure_all(peers, count).items():
            report.figure(name, median(took), "ms", {"p95": round(percentile(took, 0.95), 1), "events": len(took)})


def measure_all(peers: Mapping[str, calendars.Make], count: int) -> Mapping[str, list[float]]:
    """By name, the milliseconds of `count` events of each, each with a link."""
    found = {}
    for name, make in peers.items():
        calendars.measured(make, [0])
        found[name] = calendars.measured(make, range(1, count + 1))
    return found
