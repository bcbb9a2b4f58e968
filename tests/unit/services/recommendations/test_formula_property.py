"""What must hold for every pair."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.candidate_strategies import candidates, educations, experiences, offer_sets, skills
from worker.services.matching.offers import PreparedOffer
from worker.services.recommendations.formula import score
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill
from worker.services.recommendations.scores import MOST_POINTS, Part

LEAVE = Experience("Congé parental", "Python, Comptable", 24)


@settings(max_examples=40, deadline=None)
@given(candidates, offer_sets)
def test_points_add_up_and_keep_their_bounds(candidate: CandidateProfile, offers: list[PreparedOffer]) -> None:
    for offer in offers:
        found = score(candidate, offer)
        assert found.total == pytest.approx(sum(found.points.values()))
        assert all(0 <= points <= MOST_POINTS[part] for part, points in found.points.items())
        assert not any(found.points[part] for part in found.unknown)
        assert found.caveat is None or found.total == 0
        assert score(candidate, offer) == found


@settings(max_examples=40, deadline=None)
@given(candidates, offer_sets, skills, experiences, educations)
def test_more_never_counts_less(
    candidate: CandidateProfile,
    offers: list[PreparedOffer],
    skill: Skill,
    experience: Experience,
    education: Education,
) -> None:
    richer = [
        replace(candidate, skills=(*candidate.skills, skill)),
        replace(candidate, experiences=(*candidate.experiences, experience)),
        replace(candidate, educations=(*candidate.educations, education)),
        replace(candidate, years_experience=max(0, candidate.years_experience or 0) + 1),
    ]
    for offer in offers:
        before = score(candidate, offer)
        assert all(score(more, offer).total >= before.total for more in richer)
        assert set(score(richer[0], offer).matched) >= set(before.matched)


@settings(max_examples=40, deadline=None)
@given(candidates, offer_sets, st.randoms())
def test_leave_and_order_change_nothing(
    candidate: CandidateProfile, offers: list[PreparedOffer], random: Random
) -> None:
    shuffled = [LEAVE, *candidate.experiences]
    random.shuffle(shuffled)
    skills = list(candidate.skills)
    random.shuffle(skills)
    other = replace(candidate, id=2, experiences=tuple(shuffled), skills=tuple(skills))
    for offer in offers:
        assert score(other, offer) == score(candidate, offer)


def test_every_part_has_its_points() -> None:
    assert sum(MOST_POINTS[part] for part in Part) == 100
