"""A judge's answer held against the texts that it was told."""

from dataclasses import replace
from typing import Any

import pytest

from worker.contracts.scoring import Judgement, JudgeRequest
from worker.contracts.usage import Usage
from worker.services.recommendations.checking import checked
from worker.services.recommendations.evidence import Evidence
from worker.services.recommendations.naming import names_nothing_unknown

REQUEST = JudgeRequest(
    candidate={
        "title": "Développeur",
        "skills": [{"name": "Python (avancé)"}],
        "years_of_experience": 3,
        "cv": "Trois ans chez Ogooué Data. ReactJS, JavaScript, gestion de la paie.",
    },
    offer={"title": "Développeur", "profil_competences": "Python, Kubernetes, React.js, Java"},
    locale="fr",
)
KNOWN = Evidence(REQUEST.candidate, REQUEST.offer)


def judged(**members: Any) -> Judgement:
    plain = Judgement(
        score=90.0,
        strengths=(),
        weaknesses=(),
        matched=(),
        missing=(),
        experience_match="trois ans chez Ogooué Data.",
        recommendation="à rencontrer.",
        model="claude",
        usage=Usage(1, 1),
    )
    return checked(replace(plain, **members), REQUEST)


def test_nobody_is_credited_with_what_stands_nowhere() -> None:
    found = judged(
        matched=("Python", "Kubernetes"),
        strengths=("maîtrise de Python", "a travaillé chez Google", "Kubernetes en production", "12 ans d’expérience"),
        weaknesses=("aucune mention de Kubernetes",),
        recommendation="Google le recommande.",
    )
    assert (found.matched, found.missing) == (("Python",), ("Kubernetes",))
    assert found.strengths == ("Maîtrise de Python",)
    assert found.weaknesses == ("Aucune mention de Kubernetes",)
    assert found.experience_match == "Trois ans chez Ogooué Data."
    assert found.recommendation == "À comparer avec l’offre avant de décider."
    assert found.score == 70.0, "40 points times the half of the skills that were claimed in vain"


def test_what_the_offer_does_not_ask_for_is_dropped() -> None:
    found = judged(matched=("Python", "Rust"), missing=("Docker", "Java", "React.js"))
    assert (found.matched, found.missing) == (("Python",), ("Java",))
    assert found.score == 80.0, "one of two skills is missing"


def test_an_honest_answer_stays() -> None:
    found = judged(score=81.26, matched=("python", "React.js"), missing=("Kubernetes",))
    assert (found.score, found.matched, found.missing) == (81.3, ("python", "React.js"), ("Kubernetes",))


@pytest.mark.parametrize(("score", "bounded"), [(1e308, 100.0), (-5.0, 0.0), (100.4, 100.0), (42.0, 42.0)])
def test_a_score_is_within_its_bounds(score: float, bounded: float) -> None:
    assert judged(score=score).score == bounded


def test_lists_and_texts_are_bounded_and_fit_to_be_stored() -> None:
    many = tuple(f"point {'a' * number}" for number in range(1, 50))
    found = judged(
        strengths=("bien\0 \ud800\nici", *many),
        weaknesses=("x" * 5000,),
        matched=("Python",) * 50,
        missing=tuple(f"Java {'x' * 500}" for _ in range(50)),
        experience_match="mot " * 1000,
    )
    assert len(found.strengths) == 5
    assert found.strengths[0] == "Bien  ici"
    assert len(found.weaknesses[0]) == 300
    assert (found.matched, found.missing) == (("Python",), ())
    assert len(found.experience_match) <= 600


@pytest.mark.parametrize(
    ("skill", "stands"),
    [
        ("python", True),
        ("Python (avancé)", True),
        ("React.js", True),
        ("gestion de paie", True),
        ("Java", False),
        ("JavaScript", True),
        ("Kubernetes", False),
        ("", False),
        ("(avancé)", True),
    ],
)
def test_a_skill_stands_in_a_profile_however_it_is_written(skill: str, stands: bool) -> None:
    assert Evidence(REQUEST.candidate).holds(skill) is stands


@pytest.mark.parametrize(
    ("sentence", "known"),
    [
        ("Excellente maîtrise de Python, utile pour l’équipe.", True),
        ("The candidate has solid knowledge of Python and React.", True),
        ("La personne maîtrise ReactJS et l’anglais.", True),
        ("Motivée et autonome.", True),
        ("3 ans chez Ogooué Data", True),
        ("The candidate's background fits; Ogooué Data's team used Python.", True),
        ("Led a team on JavaScript", True),
        ("Google's cloud", False),
        ("A travaillé chez Google", False),
        ("Google l’a employé", False),
        ("bonne connaissance d’AWS", False),
        ("Prix Nobel", False),
        ("certifié C++", False),
        ("10 ans d’expérience", False),
    ],
)
def test_a_sentence_names_only_what_stands_in_the_texts(sentence: str, known: bool) -> None:
    assert names_nothing_unknown(sentence, KNOWN) is known


@pytest.mark.parametrize("number", ["9" * 5000, "1,5", "0"])
def test_numbers_of_any_size_are_read(number: str) -> None:
    assert names_nothing_unknown(number, Evidence({"cv": number}))
