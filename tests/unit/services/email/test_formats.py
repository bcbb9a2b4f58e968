"""Values as people of a locale write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.kit.localisation import translate
from worker.services.email.wording.formats import FREQUENCY_LABELS, KINDS, day, frequency_label, kind, line, salary

# French groups thousands with a narrow no-break space.
N = "\u202f"


@pytest.mark.parametrize(
    ("low", "high", "currency", "french", "english"),
    [
        (
            650_000,
            900_000,
            "XAF",
            f"650{N}000 – 900{N}000 FCFA par mois",
            "650,000 – 900,000 FCFA per month",
        ),
        (650_000, None, "XOF", f"dès 650{N}000 FCFA par mois", "from 650,000 FCFA per month"),
        (650_000, 0, None, f"dès 650{N}000 FCFA par mois", "from 650,000 FCFA per month"),
        (0, 1_250_000, "xaf ", f"jusqu’à 1{N}250{N}000 FCFA par mois", "up to 1,250,000 FCFA per month"),
        (700, 700, "EUR", "700 EUR par mois", "700 EUR per month"),
        (None, None, "XAF", "", ""),
        (0, 0, "XAF", "", ""),
    ],
)
def test_salaries(low: int | None, high: int | None, currency: str | None, french: str, english: str) -> None:
    assert salary(low, high, currency, "fr") == french
    assert salary(low, high, currency, "en") == english


def test_a_made_up_currency_stays_short() -> None:
    assert salary(5, None, "franc\r\ncongolais", "en") == "from 5 FRANC CON… per month"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2026, 11, 20), "20 novembre 2026", "November 20, 2026"),
        (datetime(2026, 11, 1, 9, tzinfo=UTC), "1er novembre 2026", "November 1, 2026"),
        (None, "", ""),
    ],
)
def test_dates(value: date | None, french: str, english: str) -> None:
    assert (day(value, "fr"), day(value, "en")) == (french, english)


def test_labels_in_any_case_and_unknown_ones_as_they_are() -> None:
    assert [kind(label, "fr") for label in ("full_time", "FULL_TIME", "Freelance", None, "")] == [
        "Temps plein",
        "Temps plein",
        "Freelance",
        "",
        "",
    ]
    assert kind("internship", "en") == "Internship"


def test_rhythms() -> None:
    assert [frequency_label(each, "fr") for each in ("daily", "WEEKLY", "monthly", "nonsense")] == [
        "quotidienne",
        "hebdomadaire",
        "mensuelle",
        "",
    ]
    assert frequency_label("monthly", "en") == "monthly"


@pytest.mark.parametrize("vocabulary", [KINDS, FREQUENCY_LABELS])
def test_both_languages_have_the_same_words(vocabulary: dict[str, str]) -> None:
    for text in vocabulary.values():
        assert translate("fr", text) == text
        assert translate("en", text) != text


@given(text=st.text(max_size=60), most=st.integers(1, 40))
def test_a_line_is_one_short_line(text: str, most: int) -> None:
    cut = line(text, most)
    assert len(cut) <= most
    assert len(cut.splitlines()) <= 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in cut)
    assert line(cut, most) == cut


def test_what_fits_is_not_touched() -> None:
    assert line("Développeur « Python »", 30) == "Développeur « Python »"
    assert line("Nos offres\xa0: «\u202fÉté\u202f»", 30) == "Nos offres\xa0: «\u202fÉté\u202f»"
    assert line("un  deux\ttrois\n", 30) == "un deux trois"
    assert line("\xa0deux \xa0 mots\u3000et\x07un\r\nde plus\xa0", 40) == "deux\xa0mots et un de plus"
    assert line("abcdefgh", 5) == "abcd…"
    assert line(None, 5) == ""
