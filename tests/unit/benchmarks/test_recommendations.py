"""The benchmark of recommendations at a size that says little about speed: both sides agree, every figure is there."""

from argparse import Namespace

from benchmarks import recommendation_market as market
from benchmarks.recommendations import run
from tests.means import written_size

CANDIDATES, OFFERS = (100_000, 5_000) if written_size() else (1_500, 500)


def test_many_pairs_cost_a_fraction_of_the_plain_loop() -> None:
    """The benchmark stops with an error when the plain loop finds other offers than the index."""
    report = run(Namespace(candidates=CANDIDATES, against=OFFERS, repetitions=1))
    name = f"{CANDIDATES:,} candidates and {OFFERS:,} offers"
    assert report.figures[name]["value"] > 0
    assert report.figures[name]["offers found"] > CANDIDATES
    assert report.figures[f"{name}: memory (PSS, all processes)"]["processes"] in {1, 2}
    assert report.goals["cheaper per pair than the plain loop"].value > 5
    assert report.goals["memory at the end against after the first shard"].value < 1.5
    assert f"{name}: seconds" in report.goals


def test_the_same_crowd_every_time() -> None:
    first, again = (list(market.candidates(3, 20)) for _ in range(2))
    assert first == again
    assert [each.id for each in first] == list(range(3_001, 3_021))
    assert first != list(market.candidates(4, 20))
    assert sum(each.cv_text is not None for each in first) == 10
