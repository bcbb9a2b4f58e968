"""Weights are never below those of X, and what is composed always fits."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.emulators.x import texts as emulated
from worker.kit.errors import Refused
from worker.providers.x.texts import LONGEST, composed, link_weight, weight

LINK = "https://intowork.co/carrieres/12-exemple/34-comptable?ref=p-56"
LOCAL = "http://127.0.0.1:5080/carrieres/12-exemple/34-comptable?ref=p-56"
WORDS = st.sampled_from(
    [
        "Comptable",
        "développeur",
        "日本",
        "$USD",
        "$XAF",
        "👩‍💻",
        "🇨🇲",
        "✅",
        "intowork.co",
        "Node.js",
        "a.fr,b.com",
        "1️⃣",
        "#x",
        "@y",
    ]
)
OFFERS = st.lists(WORDS | st.text(max_size=12), max_size=80).map(" ".join)
HASHTAGS = st.lists(st.sampled_from(["Recrutement", "Douala", "Finance", "日本"]), max_size=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("Bonjour", 7), ("é", 1), ("e\u0301", 1), ("日本", 4), ("🧮", 2), ("❤️", 2), ("«\u2019»", 3), ("…", 2)],
)
def test_weights(text: str, expected: int) -> None:
    assert weight(text) == expected == emulated.weight(text)


@given(OFFERS)
@example("a.com,b.com")
@example("👨‍👩‍👧‍👦")
def test_no_weight_is_below_that_of_x(text: str) -> None:
    assert weight(text) >= emulated.weight(text)


@given(OFFERS, HASHTAGS, st.booleans(), st.sampled_from([LINK, LOCAL]))
def test_what_is_composed_fits_and_holds_the_link_once(text: str, hashtags: list[str], within: bool, link: str) -> None:
    made = composed(f"{text}\n\nPostulez : {link}" if within else text, hashtags, link)
    assert emulated.weight(made) <= LONGEST
    assert made.count(link) == 1
    assert emulated.cashtags(made) <= 1
    assert made == unicodedata.normalize("NFC", made)


def test_what_fits_is_left_as_it_is() -> None:
    text = f"Exemple SA recrute 🧮\nComptable\n\nPostulez : {LINK}\n\nBonne chance"
    assert composed(text, ["Douala", "Finance"], LINK) == f"{text}\n\n#Douala #Finance"


def test_hashtags_go_first_then_the_end_of_the_text() -> None:
    words = "x" * 240
    assert composed(f"{words}\n\n{LINK}", ["Douala", "Recrutement"], LINK) == f"{words}\n\n{LINK}\n\n#Douala"
    long = "mot " * 80
    made = composed(f"{long}\n\n{LINK}", ["Douala"], LINK)
    assert made == f"{'mot ' * 62}mot…\n\n{LINK}"
    assert emulated.weight(made) == 278


def test_a_text_is_cut_on_a_word_and_without_a_stop_before_the_mark() -> None:
    made = composed("Comptable, " * 40, [], LINK)
    assert made.partition("…")[0].endswith("Comptable")
    assert composed("x" * 400, [], LINK) == f"{'x' * 253}…\n\n{LINK}"


def test_one_cashtag_keeps_its_sign() -> None:
    assert composed("Salaire en $USD ou $XAF, de $500", [], LINK).startswith("Salaire en $USD ou XAF, de $500")


def test_only_what_the_internet_can_reach_is_shortened() -> None:
    assert (link_weight(LINK), link_weight(LOCAL)) == (23, emulated.weight(LOCAL))
    with pytest.raises(Refused, match="280"):
        composed("Comptable", [], f"{LOCAL}{'x' * 280}")
