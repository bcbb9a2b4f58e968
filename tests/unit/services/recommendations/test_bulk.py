"""Many pairs have the scores that the formula gives each of them."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.candidate_strategies import candidates, offer_sets
from tests.factories.recommendations import bare_offer, candidate, offer, skills
from worker.services.matching.offers import PreparedOffer, newest_first
from worker.services.recommendations.asked import read_offer
from worker.services.recommendations.bulk import Index, Ranked
from worker.services.recommendations.formula import compare, has_work_in_common
from worker.services.recommendations.profiles import CandidateProfile, Experience
from worker.services.recommendations.scores import Caveat
from worker.services.recommendations.told import read_candidate


def one_by_one(profile: CandidateProfile, offers: Sequence[PreparedOffer], count: int) -> Ranked:
    told = read_candidate(profile)
    asked = [read_offer(each) for each in sorted(offers, key=newest_first)]
    found = [(each.offer.offer.id, compare(told, each)) for each in asked if has_work_in_common(told, each)]
    return sorted((each for each in found if each[1].caveat is None), key=lambda each: -each[1].total)[:count]


@settings(max_examples=120, deadline=None)
@given(st.lists(candidates, max_size=4), offer_sets, st.sampled_from([1, 2, 20]))
def test_the_best_of_many_are_those_of_the_formula(
    profiles: list[CandidateProfile], offers: list[PreparedOffer], count: int
) -> None:
    found = list(Index(offers).best(profiles, count))
    assert found == [one_by_one(profile, offers, count) for profile in profiles]


def test_a_language_alone_is_no_work_in_common() -> None:
    speaks = candidate(title="Guide", skills=skills("Anglais"), experiences=())
    assert compare(read_candidate(speaks), read_offer(offer())).matched == ("anglais",)
    assert list(Index([offer()]).best([speaks])) == [[]]


def test_what_has_nothing_of_the_work_in_common_is_left_out() -> None:
    cook = candidate(title="Cuisinier", skills=skills("Pâtisserie"), experiences=(Experience("Cuisinier", None, 90),))
    told, asked = read_candidate(cook), read_offer(offer())
    assert compare(told, asked).total == 30.0
    assert list(Index([offer()]).best([cook])) == [[]]


def test_who_tells_nothing_and_what_is_too_short_are_left_out() -> None:
    index = Index([offer(), bare_offer(id=2)])
    assert [len(best) for best in index.best([CandidateProfile(id=1), candidate()])] == [0, 1]
    assert compare(read_candidate(candidate()), read_offer(bare_offer())).caveat is Caveat.OFFER_TOO_SHORT
    assert list(Index([]).best([candidate()])) == [[]]


def test_of_equal_offers_the_newest_come_first() -> None:
    index = Index(offer(id=number, number=number) for number in range(1, 41))
    (best,) = index.best([candidate()])
    assert [job_id for job_id, _ in best] == list(range(40, 20, -1))


def test_candidates_are_taken_one_after_the_other() -> None:
    taken: list[int] = []

    def crowd() -> Iterator[CandidateProfile]:
        for number in range(3):
            taken.append(number)
            yield candidate(id=number)

    answers = Index([offer()]).best(crowd())
    next(answers)
    assert taken == [0]


@pytest.mark.parametrize("count", [1, 3, 50])
def test_places_are_remembered_and_forgotten(count: int) -> None:
    towns = ["Libreville", "Douala, Cameroun", "Dakar", "Gabon"] * 2
    offers = [offer(id=number, location=town.split(",")[0]) for number, town in enumerate(towns[:4])]
    people = [candidate(location=town) for town in towns]
    assert list(Index(offers, most_places=2).best(people, count)) == [
        one_by_one(each, offers, count) for each in people
    ]
