"""Profiles and offers as they are compared, and the one score that a pair keeps."""

from dataclasses import replace
from typing import Any

import pytest

from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.services.recommendations import loading, storing
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill, SkillKind
from worker.services.recommendations.scores import Caveat, Part, Score
from worker.services.recommendations.storing import Kept

CLAUDE = "claude-sonnet-4-6"


def fill_profile(platform: Platform) -> None:
    """Candidate 1, with more than is compared."""
    platform.change(
        """
        update candidates set title = 'Comptable', location = '12 rue Ogouarouwé, Libreville', phone = '+241 66',
               salary_expectation_min = 0, salary_expectation_max = 900000 where id = 1
        """
    )

    def write(connection: Any) -> None:
        skill = {"candidate_id": 1, "level": 9, "category": "TECHNICAL"}
        main_web_app.insert(connection, "skills", name="Excel", **skill)
        main_web_app.insert(
            connection,
            "experiences",
            candidate_id=1,
            title="Comptable",
            company="Ogooué",
            start_date="2020-01",
            end_date="2021-12",
        )
        main_web_app.insert(
            connection,
            "educations",
            candidate_id=1,
            degree="Licence",
            school="Université Omar-Bongo",
            start_date="2015",
            end_date="2018",
        )

    platform.app(write)


def test_a_profile_says_what_somebody_can_and_not_who_he_is(platform: Platform) -> None:
    fill_profile(platform)
    found = platform.do(lambda connection: loading.profiles(connection, [1, 2, 99], {1: "Texte du CV"}))
    assert found[1] == CandidateProfile(
        id=1,
        title="Comptable",
        skills=(Skill("Excel", 5, SkillKind.TECHNICAL),),
        experiences=(Experience("Comptable", None, 24),),
        educations=(Education("Licence", None),),
        location="Libreville",
        salary_max=900_000,
        cv_text="Texte du CV",
    )
    assert found.keys() == {1, 2}
    before = loading.fingerprint(found[1])
    platform.change(
        "update candidates set phone = '1', linkedin_url = 'x', location = '7 rue X, Libreville' where id = 1"
    )
    platform.change("update users set first_name = 'Zoé', last_name = 'Autre', image = 'y.png' where id = 2")
    platform.change(
        "update experiences set company = 'Autre', location = 'Oyem'; update educations set school = 'Autre'"
    )
    again = platform.do(lambda connection: loading.profiles(connection, [1], {1: "Texte du CV"}))
    assert loading.fingerprint(again[1]) == before
    assert loading.fingerprint(replace(again[1], title="Juriste")) != before


def test_an_offers_fingerprint_follows_what_is_compared(platform: Platform) -> None:
    job, closed = platform.offer("Comptable"), platform.offer("Juriste", status="closed")

    def look() -> dict[int, str]:
        found = platform.do(lambda connection: loading.offers(connection, [job, closed, 999]))
        assert found[job].prepared.offer.title.startswith("Comptable")
        return {number: each.fingerprint for number, each in found.items()}

    before = look()
    assert before.keys() == {job, closed}
    platform.change("update jobs set views_count = 9, status = 'published', expires_at = now() + interval '1 day'")
    assert look() == before
    platform.change("update jobs set profil_competences = 'Excel' where id = %s", job)
    assert (look()[job] != before[job], look()[closed]) == (True, before[closed])
    assert platform.do(loading.open_fingerprints) == look()
    assert platform.do(lambda connection: loading.newest_open(connection, 1)) == [closed]


def score(total: float, **changes: Any) -> Score:
    values = {"points": {Part.SKILLS: total}, "matched": ("Excel",), "missing": ("Sage",), "caveat": None}
    return Score(total=total, unknown=frozenset({Part.EDUCATION}), **{**values, **changes})


def test_a_pair_keeps_its_score_until_profile_or_offer_change(platform: Platform) -> None:
    job = platform.offer("Comptable")
    first = Kept(candidate_id=1, job_id=job, score=score(42.0), fingerprint="a:b", cv={"outcome": "cv.read"})

    def kept() -> Kept:
        return platform.do(lambda connection: storing.of_pairs(connection, [(1, job), (2, job)]))[1, job]

    gone = (replace(first, job_id=999), replace(first, candidate_id=999))
    platform.do(lambda connection: storing.keep(connection, [first, *gone]))
    stored = kept()
    assert stored.score.points[Part.SKILLS] == 42.0
    assert replace(stored, computed_at=None, score=first.score) == first
    assert (stored.score.total, stored.score.matched, stored.score.unknown, stored.is_judged) == (
        42.0,
        ("Excel",),
        frozenset({Part.EDUCATION}),
        False,
    )
    platform.do(lambda connection: storing.keep(connection, [replace(first, score=score(75.0))]))
    assert kept() == stored, "the first one stays"

    judged = replace(first, score=score(60.0, model=CLAUDE), explanations={"fr": {"strengths": ["Excel"]}})
    assert platform.do(lambda connection: storing.judge(connection, judged))
    assert not platform.do(
        lambda connection: storing.judge(connection, replace(judged, score=score(9.0, model=CLAUDE)))
    )
    assert not platform.do(lambda connection: storing.judge(connection, replace(judged, fingerprint="a:c")))
    words = replace(judged, explanations={"fr": {"strengths": []}, "en": {"strengths": ["Excel"]}})
    assert platform.do(lambda connection: storing.explain(connection, words))
    assert (kept().score.total, kept().is_judged) == (60.0, True)
    assert kept().explanations == {"fr": {"strengths": ["Excel"]}, "en": {"strengths": ["Excel"]}}

    other = replace(first, fingerprint="a:c", score=score(0.0, caveat=Caveat.EMPTY_PROFILE))
    platform.do(lambda connection: storing.keep(connection, [other]))
    assert (kept().score.total, kept().score.caveat, kept().explanations) == (0.0, Caveat.EMPTY_PROFILE, {})


@pytest.mark.parametrize("gone", ["delete from jobs", "delete from candidates"])
def test_scores_never_keep_a_row_of_the_main_web_app(platform: Platform, gone: str) -> None:
    job = platform.offer("Comptable")
    first = Kept(candidate_id=1, job_id=job, score=score(42.0), fingerprint="a:b")
    platform.do(lambda connection: storing.keep(connection, [first]))
    platform.change(gone)
    assert platform.rows("select 1 from recommendations") == []
