"""One definition: the product's words = `matches` = `match_many` = `OfferIndex.match`."""

from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.matching import MatchResult, match_many, newest_of
from tests.factories.search_strategies import WORDS, criteria, offers
from tests.unit.services.matching.definition import answers, field_of, is_within, newest
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import Found, Match, Reason, matches
from worker.services.matching.index import OfferIndex
from worker.services.matching.offers import Offer, prepare

bounds = st.none() | st.integers(0, 50)
limits = st.integers(0, 4)
# Nothing is remembered, or everything: what is forgotten must be made again.
memories = st.sampled_from([0, 2**26])


def reasons(asked: Criteria, offer: Offer) -> Match:
    found = ((keyword, field_of(keyword, offer)) for keyword in asked.keywords)
    return Match(tuple(Reason(keyword, field) for keyword, field in found if field))


@settings(max_examples=300, deadline=None)
@given(offers, criteria)
def test_one_offer_matches_as_the_product_says(offered: list[Offer], asked: Criteria) -> None:
    for offer in offered:
        expected = reasons(asked, offer) if answers(asked, offer) else None
        assert matches(asked, prepare(offer)) == expected


@settings(max_examples=300, deadline=None)
@given(offers, criteria, limits, bounds, bounds)
def test_one_alert_finds_what_the_product_says(
    offered: list[Offer], asked: Criteria, limit: int, above: int | None, upper_bound: int | None
) -> None:
    index = OfferIndex(prepare(offer) for offer in offered)
    expected = [one for one in newest(offered) if answers(asked, one) and is_within(one, above, upper_bound)]
    top = tuple(Found(offer, reasons(asked, offer)) for offer in expected[:limit])
    assert match_many(asked, index, limit=limit, above=above, upper_bound=upper_bound) == MatchResult(
        len(expected), top
    )


@settings(max_examples=200, deadline=None)
@given(offers, st.lists(st.tuples(criteria, st.integers(0, 50)), max_size=6), limits, bounds, memories)
def test_many_alerts_find_what_the_product_says(
    offered: list[Offer], alerts: list[tuple[Criteria, int]], limit: int, upper_bound: int | None, memory: int
) -> None:
    index = OfferIndex([prepare(offer) for offer in offered], most_row_bytes=memory)
    wanted = [asked for asked, _ in alerts]
    watermarks = np.array([watermark for _, watermark in alerts], dtype=np.int64)
    for _ in range(2):
        matched = index.match(wanted, above=watermarks, upper_bound=upper_bound, limit=limit)
        for position, (asked, watermark) in enumerate(alerts):
            expected = [
                one for one in newest(offered) if answers(asked, one) and is_within(one, watermark, upper_bound)
            ]
            assert matched.totals[position] == len(expected)
            assert [index.offers[place].offer for place in newest_of(matched, position)] == expected[:limit]


@settings(max_examples=60, deadline=None)
@given(offers, st.lists(criteria, min_size=1, max_size=4), st.integers(1, 30), bounds, st.integers(0, 2**32))
def test_offers_of_many_words_of_bits(
    offered: list[Offer], wanted: list[Criteria], limit: int, upper_bound: int | None, seed: int
) -> None:
    random = Random(seed)
    shown = {offer.id: [answers(asked, offer) for asked in wanted] for offer in offered}
    numbers = random.sample(range(1, 400), 200)
    copies = (
        [(replace(offer, id=n, number=n), shown[offer.id]) for n in numbers for offer in random.sample(offered, 1)]
        if offered
        else []
    )
    upper_bound = None if upper_bound is None else upper_bound * 8
    watermarks = [random.choice([0, 0, 100, 399]) for _ in wanted]
    index = OfferIndex(prepare(offer) for offer, _ in copies)
    matched = index.match(wanted, above=np.array(watermarks, dtype=np.int64), upper_bound=upper_bound, limit=limit)
    for position, watermark in enumerate(watermarks):
        found = [
            offer.id for offer, answering in copies if answering[position] and is_within(offer, watermark, upper_bound)
        ]
        assert matched.totals[position] == len(found)
        assert [index.offers[place].offer.id for place in newest_of(matched, position)] == sorted(found, reverse=True)[
            :limit
        ]


@settings(max_examples=100, deadline=None)
@given(offers, st.lists(st.sampled_from(WORDS), min_size=1, max_size=1))
def test_keywords_only_add_offers_and_other_criteria_only_remove_them(offered: list[Offer], added: list[str]) -> None:
    index = OfferIndex(prepare(one) for one in offered)
    one_keyword = match_many(Criteria(keywords=("java",)), index).total
    assert match_many(Criteria(keywords=("java", *added)), index).total >= one_keyword
    narrower = Criteria(keywords=("java",), job_types=frozenset({"contract"}))
    assert match_many(narrower, index).total <= one_keyword
