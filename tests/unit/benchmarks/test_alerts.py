"""The alert benchmark's own arithmetic, and that disagreement stops it."""

import pytest

from benchmarks.__main__ import parser
from benchmarks.alert_market import OFFER_COLUMNS, criteria_sample, offers
from benchmarks.alerts import rare_share, sizes
from benchmarks.peers.alerts_peers import Answer, Asked, DisagreementError, check
from benchmarks.peers.alerts_python import PythonLoop
from tests.factories.matching import match_many
from worker.services.matching.criteria import Criteria, parse_criteria
from worker.services.matching.index import OfferIndex
from worker.services.matching.offers import Offer

ALERT = Asked(7, Criteria(keywords=("Python",)), 0)


def market(count: int) -> list[Offer]:
    rows = (dict(zip(OFFER_COLUMNS, row, strict=True)) for row in offers(count))
    return [Offer(number=count + 1 - row["id"], **row) for row in rows]


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [(500, [500]), (10_000, [10_000]), (40_000, [10_000, 40_000]), (1_000_000, [10_000, 100_000, 1_000_000])],
)
def test_smaller_sizes_are_measured_on_the_way(alerts: int, expected: list[int]) -> None:
    assert sizes(alerts) == expected


@pytest.mark.parametrize(("common", "rare"), [(0.95, 0.2), (0.8, 0.01), (0.31, 0.3)])
def test_a_mixture_finds_the_wanted_share(common: float, rare: float) -> None:
    share = rare_share(common, rare)
    assert common * (1 - share) + rare * share == pytest.approx(0.3)


def test_nothing_is_mixed_in_where_too_little_is_found() -> None:
    assert rare_share(0.2, 0.1) == 0.0


def test_agreement_is_silent_and_an_alert_without_a_digest_found_nothing() -> None:
    check("a peer", [ALERT], {7: Answer(2, (9, 4))}, {7: Answer(2, (9, 4))})
    check("a peer", [ALERT], {7: Answer(0, ())}, {})


@pytest.mark.parametrize("theirs", [Answer(3, (9, 4)), Answer(2, (4, 9)), Answer(0, ())])
def test_disagreement_names_the_alert_and_the_peer(theirs: Answer) -> None:
    with pytest.raises(DisagreementError, match=r"Alert 7 .*a peer found"):
        check("a peer", [ALERT], {7: theirs}, {7: Answer(2, (9, 4))})


def test_the_loop_finds_what_the_offer_index_finds() -> None:
    loop = PythonLoop(market(120))
    index = OfferIndex(loop.offers)
    asked = [
        Asked(number, parse_criteria(criteria), number)
        for number, criteria in enumerate(criteria_sample(60, rare=False))
    ]
    found = loop.answers(asked)
    for alert in asked:
        result = match_many(alert.criteria, index, above=alert.above)
        assert found[alert.id] == Answer(result.total, tuple(each.offer.id for each in result.top))
    assert sum(answer.total > 0 for answer in found.values()) > 20


def test_defaults_are_small() -> None:
    options = parser().parse_args(["alerts"])
    assert (options.alerts, options.jobs) == (10_000, 1_000)
