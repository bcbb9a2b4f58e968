"""A score in the reader's language, in the contract's shape."""

from dataclasses import replace

from tests.factories.recommendations import bare_offer, candidate, offer, skills
from worker.services.recommendations.explaining import details, match
from worker.services.recommendations.formula import score
from worker.services.recommendations.profiles import CandidateProfile


def test_an_employer_reads_what_fits_and_what_is_missing() -> None:
    said = details(score(candidate(), offer()), "fr")
    assert said["score"] == 82.0
    assert said["skills_match"] == {
        "matched": ["Python", "Django", "Git"],
        "missing": ["PostgreSQL", "anglais"],
        "percentage": 60.0,
    }
    assert said["strengths"][0] == "Compétences trouvées dans le profil : Python, Django, Git."
    assert said["weaknesses"] == ["Compétences demandées que le profil ne montre pas : PostgreSQL, anglais."]
    assert said["experience_match"].startswith("L’expérience dans le domaine atteint")
    assert said["recommendation"].startswith("Très bonne correspondance")
    assert "error" not in said


def test_everything_is_said_in_english_too() -> None:
    said = details(score(candidate(), offer()), "en")
    assert said["strengths"] == [
        "Skills found in the profile: Python, Django, Git.",
        "The experience in the field reaches what the offer asks for, or nearly.",
        "The education corresponds to what the offer asks for.",
        "The title and the soft skills correspond to the offer.",
        "The place and the salary fit.",
    ]
    assert said["weaknesses"] == ["Required skills that the profile does not show: PostgreSQL, anglais."]
    assert said["recommendation"] == "Very good match: an interview is recommended."


def test_a_candidate_is_addressed() -> None:
    told = score(candidate(), offer())
    assert match(told, "fr")["match_reasons"][0] == "Vous avez ces compétences : Python, Django, Git."
    assert match(told, "en")["match_reasons"][1].startswith("Your experience in the field")
    assert match(told, "fr")["missing_skills"] == ["PostgreSQL", "anglais"]


def test_what_is_unknown_is_said() -> None:
    told = score(CandidateProfile(id=1, skills=skills("Python")), offer())
    weaknesses = details(told, "en")["weaknesses"]
    assert weaknesses[1:] == [
        "The profile says nothing about experience: no points for this part.",
        "The profile says nothing about education: no points for this part.",
        "The profile gives neither a title nor soft skills: no points for this part.",
        "The profile gives neither a place nor an expected salary: no points for this part.",
    ]
    assert details(told, "en")["experience_match"] == weaknesses[1]


def test_an_empty_profile_is_invited_to_be_completed() -> None:
    told = score(CandidateProfile(id=1), offer())
    assert match(told, "fr")["match_reasons"][0].startswith("Complétez votre profil")
    assert details(told, "fr")["error"].startswith("Le profil ne contient encore")
    assert details(told, "fr")["weaknesses"] == []


def test_a_short_offer_is_said_to_be_short() -> None:
    told = score(candidate(), bare_offer())
    assert match(told, "en")["match_reasons"] == ["This offer is too short to compare with your profile."]
    assert details(told, "en")["error"].startswith("The offer is too short to compare")


def test_long_lists_are_cut_in_sentences_only() -> None:
    many = tuple(f"Outil{number}" for number in range(9))
    said = details(replace(score(candidate(), offer()), matched=many, missing=()), "fr")
    assert said["strengths"][0].endswith("Outil5, ….")
    assert said["skills_match"]["matched"] == list(many)
    assert said["skills_match"]["percentage"] == 100.0
