from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories.matching import index_of_open, is_open, match_many
from tests.unit.services.matching.offering import match, offer, prepared
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import Match, Reason
from worker.services.matching.index import OfferIndex
from worker.services.matching.offers import Offer, prepare

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def assert_answers(criteria: Criteria, fields: dict[str, Any], *, expected: bool) -> None:
    """The definition and the index agree that an offer with these fields answers the criteria, or does not."""
    assert (match(criteria, **fields) is not None) is expected
    assert match_many(criteria, OfferIndex([prepared(**fields)])).total == expected


def test_the_match_says_why() -> None:
    found = match(
        Criteria(keywords=("java", "Développeuse", "cobol")),
        title="Développeur",
        description="<p>Java</p>",
        requirements="java",
    )
    assert found == Match((Reason("java", "description"), Reason("Développeuse", "title")))


@pytest.mark.parametrize(
    "field",
    [
        *("title", "description", "requirements", "responsibilities", "mission_principale"),
        *("profil_formation", "profil_experience", "profil_competences", "profil_posture", "profil_autre"),
    ],
)
def test_every_text_field_is_searched(field: str) -> None:
    assert match(Criteria(keywords=("cobol",)), **{field: "COBOL"}) == Match((Reason("cobol", field),))


def test_a_phrase_does_not_reach_over_two_fields() -> None:
    assert match(Criteria(keywords=("chef projet",)), title="Chef", description="Projet") is None


def test_keywords_are_alternatives_and_the_rest_must_hold() -> None:
    criteria = Criteria(keywords=("java", "poste"), job_types=frozenset({"internship"}))
    assert match(criteria, job_type="internship") is not None
    assert match(criteria, job_type="full_time") is None
    assert match(criteria._replace(keywords=("java",)), job_type="internship") is None


def test_no_criteria_match_every_offer() -> None:
    assert match(Criteria()) == Match()


@pytest.mark.parametrize(
    ("wanted", "fields", "expected"),
    [
        ("libreville", {"location": "Libreville, Estuaire"}, True),
        ("LIBREVILLE", {"location": "Akanda"}, False),
        ("Port Gentil", {"location": "Port-Gentil"}, True),
        ("Gentil Port", {"location": "Port-Gentil"}, False),
        ("Port", {"location": "Porto-Novo"}, False),
        ("Libreville Gabon", {"location": "Libreville, Estuaire, Gabon"}, True),
        ("Cameroun", {"location": "Douala", "country": "CM"}, True),
        ("cameroon", {"location": "Douala", "country": "cm"}, True),
        ("cm", {"country": "CM"}, True),
        ("Cameroon", {"country": "Cameroun"}, True),
        ("Douala, Cameroun", {"location": "Douala", "country": "CM"}, True),
        ("Douala (Cameroun)", {"location": "Douala", "country": "CM"}, True),
        ("Douala, Gabon", {"location": "Douala", "country": "CM"}, False),
        ("Guinée", {"country": "GQ"}, False),
        ("Guinée équatoriale", {"country": "GQ"}, True),
        ("Niger", {"country": "NG"}, False),
        ("Côte d'Ivoire", {"country": "CI"}, True),
        ("Ivory Coast", {"country": "CI"}, True),
        ("RDC", {"country": "CD"}, True),
        ("N'Djamena", {"location": "Ndjamena"}, True),
        ("CEMAC", {"zone": "CEMAC"}, True),
        ("cemac", {"country": "GA"}, True),
        ("UEMOA", {"country": "GA"}, False),
        ("%", {"location": "Douala"}, False),
        ("Dou%", {"location": "Douala"}, False),
        ("Douala", {}, False),
        ("Douala", {"location_type": "remote"}, True),
        ("Douala", {"location_type": "remote", "location": " "}, True),
        ("Douala", {"location_type": "remote", "location": "Dakar"}, False),
        ("Télétravail", {"location_type": "remote", "location": "Dakar"}, True),
        ("à distance", {"location_type": "remote"}, True),
        ("REMOTE", {"location_type": "hybrid", "location": "remote"}, False),
        ("Dakar, remote", {"location_type": "remote", "location": "Dakar"}, True),
        ("Dakar, remote", {"location_type": "on_site", "location": "Dakar"}, False),
    ],
)
def test_location(wanted: str, fields: dict[str, Any], *, expected: bool) -> None:
    assert_answers(Criteria(location=wanted), fields, expected=expected)


@pytest.mark.parametrize(
    ("wanted", "paid", "expected"),
    [
        ({"salary_min": 300}, {"salary_min": 200, "salary_max": 400}, True),
        ({"salary_min": 300}, {"salary_min": 200, "salary_max": 299}, False),
        ({"salary_min": 300}, {"salary_min": 200}, True),
        ({"salary_max": 300}, {"salary_max": 900}, True),
        ({"salary_max": 300}, {"salary_min": 301}, False),
        ({"salary_max": 300}, {"salary_min": 300}, True),
        ({"salary_min": 300, "salary_max": 500}, {"salary_min": 400, "salary_max": 450}, True),
        ({"salary_min": 300}, {"salary_min": 0, "salary_max": 0}, False),
        ({"salary_min": 300}, {}, False),
        ({"salary_min": 300, "include_unspecified_salary": True}, {}, True),
        ({"salary_min": 300, "include_unspecified_salary": True}, {"salary_max": 200}, False),
        ({"salary_min": 300, "currency": "XAF"}, {"salary_max": 400, "currency": "XOF"}, False),
        ({"salary_min": 300}, {"salary_max": 400, "currency": "XOF"}, False),
        ({"salary_min": 300, "currency": "XAF"}, {"salary_max": 400, "currency": None}, True),
        ({"salary_min": 300, "currency": "EUR"}, {"salary_max": 400, "currency": "eur"}, True),
        ({"currency": "EUR"}, {"salary_max": 400, "currency": "XAF"}, True),
    ],
)
def test_salary(wanted: dict[str, Any], paid: dict[str, Any], *, expected: bool) -> None:
    assert_answers(Criteria(**wanted), paid, expected=expected)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"status": "PUBLISHED"}, True),
        ({"status": "draft"}, False),
        ({"status": "closed"}, False),
        ({"expires_at": NOW + timedelta(seconds=1)}, True),
        ({"expires_at": NOW}, False),
    ],
)
def test_only_published_unexpired_offers_are_open(fields: dict[str, Any], *, expected: bool) -> None:
    assert is_open(offer(**fields), NOW) is expected
    assert bool(index_of_open([offer(**fields)], now=NOW).offers) is expected


def test_the_newest_twenty_are_shown_and_the_rest_counted() -> None:
    index = OfferIndex(prepared(number) for number in range(1, 31))
    found = match_many(Criteria(keywords=("poste",)), index)
    assert [one.offer.number for one in found.top] == list(range(30, 10, -1))
    assert (found.total, found.more) == (30, 10)


def test_order_is_number_then_date_then_id() -> None:
    undated = Offer(id=1, title="x")
    offers = [
        undated,
        replace(undated, id=2),
        replace(undated, id=3, posted_at=NOW),
        replace(undated, id=4, number=1, posted_at=NOW),
        replace(undated, id=5, number=2, posted_at=NOW - timedelta(days=9)),
    ]
    found = match_many(Criteria(), index_of_open(offers, now=NOW))
    assert [one.offer.id for one in found.top] == [5, 4, 3, 2, 1]


def test_a_run_sees_the_numbers_above_its_last_up_to_the_horizon() -> None:
    index = OfferIndex([*(prepared(number) for number in range(1, 10)), prepare(Offer(id=99, title="Brouillon"))])
    found = match_many(Criteria(), index, above=3, upper_bound=7, limit=2)
    assert [one.offer.number for one in found.top] == [7, 6]
    assert (found.total, found.more) == (4, 2)
    assert match_many(Criteria(), index, upper_bound=2).total == 2
    assert match_many(Criteria(), index).total == 10
