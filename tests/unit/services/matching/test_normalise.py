"""What counts as the same word: the table of pairs, and the writing habits of francophone offers."""

import pytest

from tests.unit.services.matching.offering import has_keyword
from worker.services.matching.normalise import LANGUAGES, fold, tokens, words

MATCHING = [
    # keyword, text of the offer, language of the offer
    ("développeur", "Nous cherchons deux développeuses à Libreville.", "fr"),
    ("developpeur java", "DÉVELOPPEUR JAVA / Spring Boot", "fr"),
    ("développeuses", "Développeur·se web", "fr"),
    ("comptable", "Comptables confirmé(e)s – Douala", "fr"),
    ("assistant commercial", "Assistant(e) commercial(e) H/F", "fr"),
    ("assistante commerciale", "Assistants commerciaux terrain", "fr"),
    ("directrice financière", "Directeur financier groupe, zone CEMAC", "fr"),
    ("infirmier", "Infirmières diplômées d’État", "fr"),
    ("technicien réseau", "Technicienne réseaux et télécoms", "fr"),
    ("chargé d'affaires", "Chargée d’affaires PME, Yaoundé", "fr"),
    ("chauffeur", "Chauffeur/euse poids lourd", "fr"),
    ("conseillère clientèle", "Conseiller clientèle bancaire", "fr"),
    ("ingénieur", "Ingénieure BTP, Port-Gentil", "fr"),
    ("sage-femme", "SAGES-FEMMES (2 postes)", "fr"),
    ("avocat", "Avocate en droit OHADA", "fr"),
    ("formateur", "Formatrices en bureautique", "fr"),
    ("journal", "rédaction pour des journaux économiques", "fr"),
    ("QHSE", "Responsable Q.H.S.E. sur site minier", "fr"),
    ("bac+5", "Formation : Bac + 5 en gestion", "fr"),
    ("main d'oeuvre", "gestion de la main-d’œuvre locale", "fr"),
    ("c++", "Maîtrise du C++, de Qt et de Linux", "fr"),
    ("c#", "expérience en C#/.NET exigée", "fr"),
    (".net", "Développeur C#.NET", "fr"),
    ("node.js", "Stack : React et Node.JS.", "fr"),
    ("R&D", "service R & D de la brasserie", "fr"),
    ("100 %", "poste payé 100% à la commission", "fr"),
    ("engineer", "Software Engineers wanted in Accra", "en"),
    ("accountants", "Senior accountant, Buea office", "en"),
    ("secretary", "Bilingual secretaries (French and English)", "en"),
    ("driver's license", "You hold a drivers license", "en"),
]

NOT_MATCHING = [
    ("java", "Développeur JavaScript", "fr"),
    ("javascript", "Développeur Java", "fr"),
    ("c", "Développeur C#", "fr"),
    ("c", "Développeur C++", "fr"),
    ("c", "C’est un poste basé à Dakar", "fr"),
    ("c++", "Développeur C", "fr"),
    ("c#", "Développeur C", "fr"),
    (".net", "salaire net mensuel", "fr"),
    ("net", "Développeur ASP.NET", "fr"),
    ("r", "ingénieur R&D", "fr"),
    ("engineer", "Diesel engine maintenance", "en"),
    ("engineer", "Conducteur d’engins de chantier", "fr"),
    ("manager", "Management of spare parts", "en"),
    ("accountant", "Open an account with us", "en"),
    ("marketing", "market research", "en"),
    ("operator", "Head of operations", "en"),
    ("comptable", "service comptabilité", "fr"),
    ("port", "sera porté à la connaissance des candidats, prêt à porter", "fr"),
    ("port", "vente en porte-à-porte", "fr"),
    ("équipement", "esprit d’équipe", "fr"),
    ("animateur", "animation des ventes", "fr"),
    ("conseiller", "cabinet de conseil", "fr"),
    ("infirmier", "travail à l’infirmerie", "fr"),
    ("médecin", "faculté de médecine", "fr"),
    ("développeur java", "Développeur web, bases en Java", "fr"),
    ("chef de projet", "Projet de construction, chef exigeant", "fr"),
    ("%", "prime de 100 %", "fr"),
    ("j_va", "Développeur Java", "fr"),
    ("dev%", "Développeur Java", "fr"),
    ("gestion", "Assistante gestionnaire de paie", "fr"),
]


def test_the_table_has_sixty_pairs() -> None:
    assert (len(set(MATCHING)), len(set(NOT_MATCHING))) == (30, 30)


@pytest.mark.parametrize(("keyword", "text", "language"), MATCHING)
def test_a_keyword_matches(keyword: str, text: str, language: str) -> None:
    assert has_keyword(keyword, text, language)


@pytest.mark.parametrize(("keyword", "text", "language"), NOT_MATCHING)
def test_a_keyword_does_not_match(keyword: str, text: str, language: str) -> None:
    assert not has_keyword(keyword, text, language)


@pytest.mark.parametrize("language", ["fr", "en", "pt", None])
@pytest.mark.parametrize(("masculine", "feminine"), [("développeur", "développeuses"), ("engineer", "engineers")])
def test_number_and_gender_agree_whatever_the_offer_is_labelled(
    masculine: str, feminine: str, language: str | None
) -> None:
    assert has_keyword(masculine, feminine, language)
    assert has_keyword(feminine, masculine, language)


def test_an_offer_in_another_language_is_read_in_french_and_in_english() -> None:
    assert has_keyword("secretary", "secretaries", "pt")
    assert has_keyword("avocates", "avocat", "ar")


@pytest.mark.parametrize(
    "word", ["c++", "c#", ".net", "node.js", "exemple.net", "f#", "bac+5", "r&d", "b2b", "v2.0", "canal+"]
)
def test_words_with_symbols_or_digits_stay_whole(word: str) -> None:
    for language in LANGUAGES:
        assert tokens(f"- {word.upper()}, puis.", language) == (word, "puis")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("technicien.ne.s", ("technicien",)),
        ("employé-e", ("employe",)),
        ("commercial(e)s", ("commercials",)),
        ("R.H. et C.V", ("rh", "et", "cv")),
        ("N’Djamena", ("ndjamena",)),
        ("l’aéroport d'Abidjan", ("aeroport", "abidjan")),
        ("snake_case 50%", ("snake", "case", "50")),
        ("Node JS, ASP.NET8 et C Sharp", ("node.js", "asp", ".net", "8", "et", "c#")),
        ("Bac+3 à 5, bac +2/+3", ("bac+3", "bac+4", "bac+5", "bac+2", "bac+3")),
        ("Bac+4/5 ans", ("bac+4", "5", "ans")),
        ("Chargé (e) de clientèle", ("charge", "de", "clientele")),
        ("technicien (ne)s", ("technicien",)),
        ("marketing/e-commerce", ("marketing", "e", "commerce")),
        ("chef d equipe, d`equipe", ("chef", "equipe", "equipe")),
        ("permis D et E", ("permis", "d", "et", "e")),
        ("fin.Début", ("fin", "debut")),
        ("Java™ m²", ("java", "m2")),
        ("dé­velop\u200bpeur", ("developpeur",)),
        ("Ｃ＃ ﬁnance", ("c#", "finance")),
        ("", ()),
        ("…—!?%_", ()),
    ],
)
def test_writing_habits_become_one(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["ÉTÉ", "é", "İstanbul", "Straße", "㎒", "ÇA"])
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
