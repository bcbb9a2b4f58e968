"""The index leaves out nothing that matches: its answers equal brute force over `matches`."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.services.matching.strategies import WORDS, criteria, offers
from worker.services.matching.criteria import Criteria
from worker.services.matching.matcher import Found, MatchResult, OfferIndex, match_many, matches
from worker.services.matching.offers import Offer, PreparedOffer, newest_first, prepare


def brute_force(wanted: Criteria, offered: list[PreparedOffer], limit: int) -> MatchResult:
    found = [(one, match) for one in sorted(offered, key=newest_first) if (match := matches(wanted, one))]
    return MatchResult(len(found), tuple(Found(one.offer, match) for one, match in found[:limit]))


@settings(max_examples=300, deadline=None)
@given(offers, criteria, st.integers(0, 4))
def test_the_index_answers_as_brute_force_does(offered: list[Offer], wanted: Criteria, limit: int) -> None:
    ready = [prepare(one) for one in offered]
    assert match_many(wanted, OfferIndex(ready), limit=limit) == brute_force(wanted, ready, limit)


@settings(max_examples=200, deadline=None)
@given(offers, st.lists(st.sampled_from(WORDS), min_size=1, max_size=1))
def test_keywords_only_add_offers_and_other_criteria_only_remove_them(offered: list[Offer], added: list[str]) -> None:
    index = OfferIndex(prepare(one) for one in offered)
    one_keyword = match_many(Criteria(keywords=("java",)), index).total
    assert match_many(Criteria(keywords=("java", *added)), index).total >= one_keyword
    narrower = Criteria(keywords=("java",), job_types=frozenset({"contract"}))
    assert match_many(narrower, index).total <= one_keyword
