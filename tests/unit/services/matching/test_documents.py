import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings

from tests.factories.search_strategies import criteria, offers
from tests.unit.services.matching.offering import prepared
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import matches
from worker.services.matching.documents import LONGEST_TOKEN, document, prepared_from, wanted
from worker.services.matching.offers import Offer, prepare


def test_tokens_say_what_they_are() -> None:
    one = prepared(title="Comptables", location="Port-Gentil", country="GA", description="Excel")
    assert document(one).tokens == (
        *("a:cemac", "a:ga", "a:gabon", "fr:comptable", "fr:excel"),
        *("k:on_site", "l:gentil", "l:port", "t:full_time"),
    )


def test_an_offer_in_another_language_has_both_forms() -> None:
    tokens = document(prepared(title="Nationalities", language="pt")).tokens
    assert {"fr:nationalit", "en:nationality"} <= set(tokens)


def test_a_remote_offer_without_place_is_anywhere() -> None:
    assert "l:*" in document(prepared(location_type="remote")).tokens
    assert "l:*" not in document(prepared(location_type="remote", location="Dakar")).tokens
    assert "l:*" not in document(prepared()).tokens


def test_a_word_too_long_for_an_index_is_cut_on_both_sides_and_checked_exactly() -> None:
    word = "a" * 3000
    tokens = document(prepared(title=word, location=word, zone=word)).tokens
    assert max(map(len, tokens)) == LONGEST_TOKEN
    asked = wanted(Criteria(keywords=(word,), location=word))
    assert asked.keywords is not None
    assert set(asked.keywords[0]) <= set(tokens)
    assert not asked.exact


@pytest.mark.parametrize(
    ("location", "places"),
    [
        (None, None),
        ("%", ()),
        ("Télétravail", (("k:remote",),)),
        ("Douala", (("l:douala",), ("a:douala",), ("l:*",))),
        (
            "Douala, remote",
            (
                ("l:douala", "l:remote"),
                ("a:douala remote",),
                ("l:*",),
                ("l:douala", "k:remote"),
                ("a:douala", "k:remote"),
                ("l:*", "k:remote"),
            ),
        ),
    ],
)
def test_places_that_answer_a_location(location: str | None, places: object) -> None:
    assert wanted(Criteria(location=location)).places == places


def test_a_keyword_without_words_is_held_by_no_offer() -> None:
    assert wanted(Criteria(keywords=("%",))).keywords == ()


@settings(max_examples=100, deadline=None)
@given(offers)
def test_a_stored_document_gives_back_the_prepared_offer(offered: list[Offer]) -> None:
    for one in map(prepare, offered):
        stored = json.loads(json.dumps(asdict(document(one))))
        assert prepared_from(stored, one.offer) == one


@settings(max_examples=300, deadline=None)
@given(offers, criteria)
def test_what_matches_holds_the_wanted_tokens(offered: list[Offer], asked: Criteria) -> None:
    asked = asked._replace(job_types=frozenset(), location_types=frozenset(), salary_min=None, salary_max=None)
    conditions = wanted(asked)
    for one in map(prepare, offered):
        tokens = set(document(one).tokens)
        holds = all(
            alternatives is None or any(tokens.issuperset(way) for way in alternatives)
            for alternatives in (conditions.keywords, conditions.places)
        )
        found = matches(asked, one) is not None
        assert holds if found else not (holds and conditions.exact)


def test_an_offer_of_one_word_is_found_by_its_tokens_alone() -> None:
    assert wanted(Criteria(keywords=("c++",), location="Douala")).exact
    assert not wanted(Criteria(keywords=("comptable",))).exact
    assert not wanted(Criteria(location="Cameroun")).exact
    assert not wanted(Criteria(keywords=("chef de projet",))).exact
    assert not wanted(Criteria(location="Port Gentil")).exact
