"""What an offer asks for is read from its texts alone."""

import pytest

from tests.factories.recommendations import bare_offer, offer
from worker.services.matching.offers import PreparedOffer
from worker.services.recommendations.asked import read_offer
from worker.services.recommendations.lists import core


def hard(prepared: PreparedOffer) -> list[str]:
    return [skill.name for skill in read_offer(prepared).skills]


def soft(prepared: PreparedOffer) -> list[str]:
    return [skill.name for skill in read_offer(prepared).soft_skills]


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("Python (avancé)", ["Python"]),
        ("Word, Excel, PowerPoint", ["Word", "Excel", "PowerPoint"]),
        ("Word/Excel", ["Word", "Excel"]),
        ("Suite Office (Word, Excel et PowerPoint)", ["Suite Office", "Word", "Excel", "PowerPoint"]),
        ("<ul><li>Bonne maîtrise d’Excel avancé</li><li>Anglais courant (B2)</li></ul>", ["Excel", "Anglais"]),
        ("• C\n• C++\n• C#, .NET et R", ["C", "C++", "C#", ".NET", "R"]),
        ("Python (Django, Flask)", ["Python", "Django", "Flask"]),
        ("ReactJS, react.js, React", ["ReactJS"]),
        ("SYSCOHADA, Excel. La maîtrise de l’anglais est un atout.", ["SYSCOHADA", "Excel", "anglais"]),
        ("Gestion des sinistres, Code CIMA", ["Gestion des sinistres", "Code CIMA"]),
        ("Vous maîtrisez parfaitement le langage Python et connaissez bien Docker", ["Python", "Docker"]),
        ("La connaissance d’une langue locale est appréciée.", ["Comptable"]),
        ("3 ans d’expérience, Licence en droit, Excel", ["Excel"]),
    ],
)
def test_skills_are_named_as_the_offer_names_them(listed: str, names: list[str]) -> None:
    assert hard(bare_offer(title="Comptable", profil_competences=listed)) == names


def test_without_a_list_the_requirements_tell_then_other_texts_then_the_title() -> None:
    requirements = "• Licence en réseaux\n• Deux ans d’expérience\n• Soudure TIG\n• Cisco, Linux"
    assert hard(bare_offer(title="Technicien", requirements=requirements)) == ["Soudure", "Cisco", "Linux"]
    assert hard(bare_offer(title="Soudeur", requirements="Lecture isométrique, brasage")) == [
        "Lecture isométrique",
        "brasage",
    ]
    described = "Vous tenez la caisse et préparez les commandes avec Excel."
    assert hard(bare_offer(title="Vendeur", description=described)) == ["Excel"]
    said = "Nous cherchons quelqu’un de confiance pour notre boutique du centre."
    assert hard(bare_offer(title="Vendeuse (F/H)", description=said)) == ["Vendeuse"]


def test_words_of_everyday_language_name_no_skill_in_a_sentence() -> None:
    described = "You go to word meetings and access the office; vous serez un as de la vente."
    assert hard(bare_offer(title="Comptable", description=described)) == ["Comptable"]


def test_soft_skills_stand_apart() -> None:
    asked = offer(profil_competences="Excel, Rigueur, Capacité à convaincre", profil_posture="Autonomie et curiosité.")
    assert hard(asked) == ["Excel", "Python"]
    assert soft(asked) == ["Autonomie", "curiosité", "Rigueur", "Capacité à convaincre"]


@pytest.mark.parametrize(
    ("told", "months"),
    [
        ("Trois à cinq ans d’expérience dans un poste comparable.", 36),
        ("Plus de sept ans d’expérience", 84),
        ("3-5 years in a similar position", 36),
        ("Minimum deux (2) ans", 24),
        ("6 mois d’expérience", 6),
        ("Expérience : cinq ans, dont deux ans dans une banque", 60),
        ("Première expérience ou stage apprécié.", 0),
        ("Débutants acceptés", 0),
        ("Être âgé de 25 à 35 ans, avec une expérience", 12),
        ("40 ans d’expérience", 180),
        (None, 12),
    ],
)
def test_experience_is_read_in_months(told: str | None, months: int) -> None:
    assert read_offer(offer(profil_experience=told)).months == months


def test_requirements_tell_of_experience_too() -> None:
    asked = offer(profil_experience=None, requirements="• Avoir 25 à 35 ans\n• Expérience : 4 ans\n• Permis B")
    assert read_offer(asked).months == 48


def test_an_internship_welcomes_beginners() -> None:
    assert read_offer(offer(profil_experience=None, job_type="internship")).months == 0


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("Bac+3/5 en informatique", 3),
        ("Master ou doctorat", 5),
        ("BTS/DUT en comptabilité", 2),
        ("Diplôme d’ingénieur", 5),
        ("CAP en soudure", -1),
        ("Baccalauréat", 0),
        ("Bachelor’s degree in accounting", 3),
        ("Permis B", None),
        (None, None),
    ],
)
def test_the_lowest_degree_is_enough(told: str | None, level: int | None) -> None:
    assert read_offer(offer(profil_formation=told)).level == level


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Développeur / Développeuse Python (H/F) – CDI", 2),
        ("URGENT : recherche Comptable senior", 1),
        ("Offre d’emploi", 0),
    ],
)
def test_a_title_is_the_words_that_name_the_work(title: str, words: int) -> None:
    assert len(read_offer(offer(title=title)).title) == words


@pytest.mark.parametrize(
    ("fields", "is_too_short"),
    [
        ({"title": "Offre"}, True),
        ({"title": "Poste à pourvoir", "description": "???"}, True),
        ({"title": "Comptable"}, True),
        ({"title": "Comptable", "profil_competences": "Excel"}, False),
        ({"title": "Comptable", "description": "Vous tenez les livres d’une boutique familiale."}, False),
    ],
)
def test_an_offer_without_usable_words_is_too_short(fields: dict[str, str], is_too_short: bool) -> None:
    assert read_offer(bare_offer(**fields)).is_too_short is is_too_short


def test_technologies_of_a_title_keep_their_names() -> None:
    asked = read_offer(
        bare_offer(title="Développeur(se) C++ / Node.js (H/F)", description="Un poste à Dakar, en équipe.")
    )
    assert [skill.name for skill in asked.skills] == ["C++", "Node.js"]
    assert len(asked.title) == 3


def test_words_that_lead_to_nothing_are_left_behind_however_many_there_are() -> None:
    assert core("de " * 80_000 + "Excel" + " avancé" * 80_000) == "Excel"
    assert core("de " * 80_000) == ""
