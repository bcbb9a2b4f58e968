"""Pairs: two neighbouring words of meaning, and what stands between them."""

import pytest

from worker.services.matching.compounds import LONGEST_PAIR, is_pair, pairs, pairs_of
from worker.services.matching.normalise import tokens
from worker.services.matching.offers import FieldText
from worker.services.matching.stemming import Language


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Chefs de projet", "fr", ["fr:chef de projet"]),
        ("chef de la direction", "fr", ["fr:chef de la direction"]),
        ("de chef projet dans la", "fr", ["fr:chef projet"]),
        ("chef java de projet", "fr", ["fr:chef java", "fr:java de projet"]),
        ("java java", "fr", ["fr:java java"]),
        ("Head of the sales", "en", ["en:head of the sale"]),
        ("de la", "fr", []),
        ("java", "fr", []),
        ("", "fr", []),
    ],
)
def test_pairs_of_a_text(text: str, language: Language, found: list[str]) -> None:
    assert list(pairs(tokens(text, language), language)) == found


@pytest.mark.parametrize(
    ("phrase", "whole"),
    [
        ("chef de projet", True),
        ("java java", True),
        ("chef java projet", False),
        ("de projet", False),
        ("chef de", False),
        ("java", False),
    ],
)
def test_which_phrase_is_one_pair(phrase: str, *, whole: bool) -> None:
    assert is_pair(tokens(phrase, "fr"), "fr") is whole


def test_an_offer_has_the_pairs_of_each_field_and_no_longer_ones() -> None:
    longest = "x" * (LONGEST_PAIR - len("fr:chef "))
    texts = (
        FieldText("title", "fr", " chef projet "),
        FieldText("description", "fr", f" java chef {longest} "),
        FieldText("requirements", "fr", f" chef {longest}x "),
        FieldText("title", "en", " chef project "),
    )
    assert pairs_of(texts) == {"fr:chef projet", "fr:java chef", f"fr:chef {longest}", "en:chef project"}
