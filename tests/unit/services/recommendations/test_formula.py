"""One pair: what is compared, and what each part gives."""

from dataclasses import fields, replace

import pytest

from sandbox.seed.vocabulary.everything import PROFESSIONS
from tests.factories.recommendations import bare_offer, candidate, offer, skill, skills
from worker.services.recommendations.formula import score
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, SkillKind
from worker.services.recommendations.scores import DETERMINISTIC, Caveat, Part


def test_each_part_gives_its_share() -> None:
    found = score(candidate(), offer())
    assert found.matched == ("Python", "Django", "Git")
    assert found.missing == ("PostgreSQL", "anglais")
    assert found.points == {
        Part.SKILLS: 24.0,
        Part.EXPERIENCE: 30.0,
        Part.EDUCATION: 15.0,
        Part.TITLE_AND_SOFT_SKILLS: 8.0,
        Part.LOCATION_AND_SALARY: 5.0,
    }
    assert (found.total, found.unknown, found.caveat, found.model) == (82.0, frozenset(), None, DETERMINISTIC)


def test_who_has_everything_has_a_hundred() -> None:
    everything = (*skills("Python", "Django", "Git", "PostgreSQL", "Anglais", "Rigueur"), skill("Esprit d'équipe"))
    assert score(candidate(skills=everything), offer()).total == 100.0


@pytest.mark.parametrize(
    ("named", "asked", "matches"),
    [
        ("Python (avancé)", "Python", True),
        ("Python", "Python (primary)", True),
        ("react.js", "ReactJS", True),
        ("Java", "JavaScript", False),
        ("JavaScript", "Java", False),
        ("Java Script", "Java", False),
        ("Java Script", "JavaScript", True),
        ("Word, Excel, PowerPoint", "Excel", True),
        ("Pack Office (Word / Excel)", "Microsoft Word", True),
        ("Full-stack", "Fullstack", True),
        ("gestion des projets", "Gestion de projet", True),
        ("Project management", "Gestion de projet", True),
        ("Postgres", "PostgreSQL", True),
        ("C++", "C", False),
        ("Permis C", "C", False),
        ("C", "C++", False),
        ("Anglais (B2)", "English", True),
        ("Comptabilité", "Comptabilité analytique", False),
    ],
)
def test_names_of_skills_are_compared_word_by_word(named: str, asked: str, matches: bool) -> None:
    found = score(CandidateProfile(id=1, skills=skills(named)), bare_offer(profil_competences=asked))
    assert bool(found.matched) is matches
    assert (found.points[Part.SKILLS] == 40) is matches


def test_skills_are_found_in_texts_too_but_not_everyday_words() -> None:
    told = CandidateProfile(
        id=1, cv_text="J’ai mené des projets en Kubernetes et PostgreSQL. Let us go. Un mot : word."
    )
    found = score(told, bare_offer(profil_competences="Kubernetes, PostgreSQL, Go, Word"))
    assert found.matched == ("Kubernetes", "PostgreSQL")


def test_an_empty_profile_has_nothing_whatever_the_offer() -> None:
    for asked in (offer(), offer(job_type="internship", profil_formation=None), bare_offer(title="Vendeur")):
        for empty in (CandidateProfile(id=1), CandidateProfile(id=1, title=" ", summary="…", location="Libreville")):
            found = score(empty, asked)
            assert (found.total, found.caveat, set(found.points.values())) == (0.0, Caveat.EMPTY_PROFILE, {0.0})


def test_with_one_skill_alone_all_other_parts_are_unknown_and_give_nothing() -> None:
    found = score(CandidateProfile(id=1, skills=skills("Python")), offer(profil_formation=None, job_type="internship"))
    assert found.unknown == {*Part} - {Part.SKILLS}
    assert [part for part, points in found.points.items() if points] == [Part.SKILLS]
    assert found.total == found.points[Part.SKILLS] == 8.0


def test_an_offer_without_usable_words_is_said_to_be_too_short() -> None:
    assert score(candidate(), bare_offer(title="Offre d’emploi")).caveat is Caveat.OFFER_TOO_SHORT


@pytest.mark.parametrize(
    ("experiences", "years", "points"),
    [
        ((Experience("Développeur Python", None, 36),), None, 30.0),
        ((Experience("Développeur Python", None, 18),), None, 15.0),
        # Elsewhere counts for a third.
        ((Experience("Cuisinier", None, 60),), None, 10.0),
        # What was done counts, whatever it was called.
        ((Experience("Consultant", "Django et PostgreSQL", 36),), None, 30.0),
        # Gaps cost nothing: only months of work are counted.
        ((Experience("Développeur Python", None, 20), Experience("Développeur", None, 16)), None, 30.0),
        ((), 3, 30.0),
        ((), 1, 10.0),
        ((Experience("Développeur Python", None, None),), None, 0.0),
    ],
)
def test_experience_counts_by_months_and_field(
    experiences: tuple[Experience, ...], years: int | None, points: float
) -> None:
    found = score(candidate(experiences=experiences, years_experience=years, skills=()), offer())
    assert found.points[Part.EXPERIENCE] == points


@pytest.mark.parametrize(
    ("degree", "points"),
    [
        ("Master en génie logiciel", 15.0),
        ("Licence en génie civil", 12.5),
        ("BTS en génie logiciel", 12.0),
        ("Baccalauréat", 1.0),
        ("Certificat de natation", 0.0),
    ],
)
def test_degrees_count_by_level_and_subject(degree: str, points: float) -> None:
    found = score(candidate(educations=(Education(degree, None),)), offer())
    assert found.points[Part.EDUCATION] == points


@pytest.mark.parametrize(
    ("lives", "fields", "points"),
    [
        ("Libreville", {}, 5.0),
        ("Libreville, Glass", {}, 5.0),
        ("Akanda, Gabon", {}, 3.5),
        ("Gabon", {}, 5.0),
        ("Douala, Cameroun", {}, 2.0),
        ("Douala, Cameroun", {"location_type": "remote"}, 5.0),
        ("Libreville", {"salary_max": 500_000}, 3.0),
        ("Libreville", {"salary_min": None, "salary_max": None}, 5.0),
        ("Libreville", {"currency": "EUR"}, 3.0),
        (None, {}, 2.0),
    ],
)
def test_place_and_salary(lives: str | None, fields: dict[str, object], points: float) -> None:
    assert score(candidate(location=lives), offer(**fields)).points[Part.LOCATION_AND_SALARY] == points


def test_nothing_tells_who_somebody_is() -> None:
    known = {field.name for field in fields(CandidateProfile)}
    traits = {"name", "first_name", "last_name", "sex", "gender", "birth_date", "age", "address", "photo", "picture"}
    assert not known & (traits | {"nationality", "email", "phone", "marital_status", "leave", "gaps"})


@pytest.mark.parametrize("profession", PROFESSIONS, ids=lambda profession: profession.masculine)
def test_women_and_men_have_the_same_score(profession: object) -> None:
    for masculine, feminine in ((each.masculine, each.feminine) for each in PROFESSIONS if each is profession):
        for title in (masculine, feminine, f"{masculine} / {feminine} (H/F)"):
            him, her = (candidate(title=one, experiences=(Experience(one, None, 30),)) for one in (masculine, feminine))
            assert score(him, offer(title=title)) == score(her, offer(title=title))


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [
        ("Agent commercial", "Agente commerciale"),
        ("Directeur", "Directrice"),
        ("Avocat", "Avocate"),
        ("Apprenti", "Apprentie"),
        ("Maçon", "Maçonne"),
        ("Hôte d’accueil", "Hôtesse d’accueil"),
        ("Adjoint administratif", "Adjointe administrative"),
        ("Aide-soignant", "Aide-soignante"),
        ("Boulanger", "Boulangère"),
        ("Waiter", "Waitress"),
        ("Businessman", "Businesswoman"),
    ],
)
def test_titles_have_no_sex(masculine: str, feminine: str) -> None:
    for title in (masculine, feminine):
        him, her = (candidate(title=each, experiences=()) for each in (masculine, feminine))
        assert score(him, offer(title=title)) == score(her, offer(title=title))


@pytest.mark.parametrize("leave", ["Congé parental", "Congé maternité", "Parental leave", "Congé de paternité"])
def test_leave_changes_nothing(leave: str) -> None:
    with_leave = replace(
        candidate(), experiences=(*candidate().experiences, Experience(leave, "PostgreSQL, anglais", 30))
    )
    assert score(with_leave, offer()) == score(candidate(), offer())


def test_work_that_names_a_leave_is_work() -> None:
    mother = candidate(experiences=(Experience("Développeuse Python (congé maternité en 2024)", None, 36),))
    assert score(mother, offer()).points[Part.EXPERIENCE] == 30.0


PERSONAL = (
    "Nationalité : portugaise",
    "Nationalité espagnole et anglaise",
    "Portuguese citizen",
    "Né le 12 mars 1990 à Lisbonne, 36 ans",
    "Sexe : féminin. Mariée, 2 enfants",
    "12 rue des Espagnols, Libreville",
    "Marie Anglais",
    "Congé parental de 2019 à 2021, soit 30 mois",
    "Photo",
)


@pytest.mark.parametrize("line", PERSONAL)
def test_personal_lines_of_a_cv_change_nothing(line: str) -> None:
    asked = offer(profil_competences="Python, Portugais, Espagnol, Anglais", profil_formation="Licence")
    cv = "Développeuse Python\nTrois ans d’expérience\nLangues : lingala"
    without, with_line = (
        score(CandidateProfile(id=1, cv_text=text), asked) for text in (cv, cv.replace("\n", f"\n{line}\n", 1))
    )
    assert with_line == without
    assert without.matched == ("Python",)


@pytest.mark.parametrize(
    ("told", "matched"),
    [
        ("Langues : français, anglais (C1)", ("Anglais",)),
        ("LANGUES\nAnglais\nEspagnol (notions)", ("Anglais", "Espagnol")),
        ("I speak English and a little Spanish.", ("Anglais", "Espagnol")),
        ("Anglais : courant", ("Anglais",)),
        ("Nationalité : espagnole. Langues : anglais", ("Anglais",)),
    ],
)
def test_languages_count_where_they_are_spoken(told: str, matched: tuple[str, ...]) -> None:
    asked = bare_offer(profil_competences="Anglais, Espagnol")
    assert score(CandidateProfile(id=1, cv_text=told), asked).matched == matched


@pytest.mark.parametrize(
    ("told", "points"),
    [
        ("Expérience : 3 ans", 10.0),
        ("36 ans, 3 années d’expérience", 10.0),
        ("Âgée de 36 ans, de l’expérience", 0.0),
        ("Eighteen months, 1 year of experience", 3.3),
    ],
)
def test_a_cv_tells_how_long_somebody_has_worked(told: str, points: float) -> None:
    assert score(CandidateProfile(id=1, cv_text=told), offer()).points[Part.EXPERIENCE] == points


def test_more_soft_skills_count_in_their_part() -> None:
    rigorous = candidate(skills=(*candidate().skills, skill("Rigoureuse", kind=SkillKind.SOFT)))
    assert score(rigorous, offer()).points[Part.TITLE_AND_SOFT_SKILLS] == 10.0
