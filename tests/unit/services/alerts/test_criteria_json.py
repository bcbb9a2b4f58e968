"""Criteria written and read back mean the same; two that mean the same are told from two that do not."""

from typing import Any

import pytest
from hypothesis import given

from tests.factories import search_strategies as strategies
from worker.services.alerts.criteria_json import equivalence_key, to_json
from worker.services.matching.criteria import Criteria, parse_criteria


def wish(**members: Any) -> Criteria:
    return parse_criteria(members)


@given(strategies.criteria)
def test_what_is_written_is_read_back(source: Criteria) -> None:
    members = source._asdict()
    read = parse_criteria(
        {name: list(value) if isinstance(value, frozenset) else value for name, value in members.items()}
    )
    again = parse_criteria(to_json(read))
    assert again == read._replace(ignored=())
    assert equivalence_key(again) == equivalence_key(read)


def test_what_others_wrote_becomes_lower_case_and_loses_what_does_not_constrain() -> None:
    found = wish(
        keywords=[" Python ", "", None, "python", "C++"],
        location="  Port-Gentil ",
        job_types=["PART_TIME", "FULL_TIME"],
        location_types=None,
        salary_min=0,
        salary_max="500 000",
    )
    assert to_json(found) == {
        "keywords": ["Python", "C++"],
        "location": "Port-Gentil",
        "job_types": ["full_time", "part_time"],
        "salary_max": 500_000,
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"keywords": ["Développeur"]}, {"keywords": ["DEVELOPPEUSES"]}),
        ({"keywords": ["java", "python"]}, {"keywords": ["python", "java", "Java"]}),
        ({"location": "Port-Gentil"}, {"location": " PORT-GENTIL "}),
        ({"salary_min": 1}, {"salary_min": 1, "currency": "xaf"}),
        ({"currency": "XOF", "include_unspecified_salary": True}, {}),
        ({"job_types": ["contract", "internship"]}, {"job_types": ["STAGE", "contrat"]}),
    ],
)
def test_equal_meanings(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert equivalence_key(wish(**one)) == equivalence_key(wish(**other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"keywords": ["java"]}, {"keywords": ["javascript"]}),
        ({"keywords": ["c"]}, {"keywords": ["c#"]}),
        ({"keywords": ["!!!"]}, {}),
        ({"location": "Libreville, Gabon"}, {"location": "Libreville Gabon"}),
        ({"salary_min": 1}, {"salary_max": 1}),
        ({"salary_min": 1}, {"salary_min": 1, "currency": "XOF"}),
        ({"salary_min": 1}, {"salary_min": 1, "include_unspecified_salary": True}),
        ({"job_types": ["contract"]}, {"location_types": ["remote"]}),
    ],
)
def test_different_meanings(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert equivalence_key(wish(**one)) != equivalence_key(wish(**other))
