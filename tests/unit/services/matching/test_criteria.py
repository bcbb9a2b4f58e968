import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.services.matching.criteria import Criteria, parse_criteria


def test_the_main_app_s_row() -> None:
    source = {
        "keywords": ["Java", " développeur  web ", ""],
        "location": "Libreville",
        "job_types": ["FULL_TIME", "part_time"],
        "location_types": ["REMOTE"],
        "salary_min": 300_000,
        "salary_max": None,
    }
    assert parse_criteria(source) == Criteria(
        keywords=("Java", "développeur web"),
        location="Libreville",
        job_types=frozenset({"full_time", "part_time"}),
        location_types=frozenset({"remote"}),
        salary_min=300_000,
    )


def test_the_report_s_row() -> None:
    source = {"keywords": "python, django,,", "location": "Remote", "job_types": ["Full-time", "Contract"]}
    assert parse_criteria(source) == Criteria(
        keywords=("python", "django"), location="Remote", job_types=frozenset({"full_time", "contract"})
    )


def test_text_of_json_is_read() -> None:
    assert parse_criteria(json.dumps({"keywords": ["java"]})) == Criteria(keywords=("java",))


@pytest.mark.parametrize("source", [{}, None, {"keywords": None, "location": "  ", "salary_min": 0, "currency": ""}])
def test_empty_rows_constrain_nothing(source: Any) -> None:
    assert parse_criteria(source) == Criteria()


@pytest.mark.parametrize("source", [[], "not json", 3, True, "[" * 100_000])
def test_a_row_that_is_no_object_is_reported(source: Any) -> None:
    assert parse_criteria(source) == Criteria(ignored=("criteria",))


def test_keywords_are_at_most_twenty_and_once_each() -> None:
    found = parse_criteria({"keywords": ["Java", "JAVA", *(f"mot {number}" for number in range(21))]})
    assert found.keywords == ("Java", *(f"mot {number}" for number in range(19)))
    assert found.ignored == ("keywords[21]", "keywords[22]")


@pytest.mark.parametrize(
    ("source", "ignored"),
    [
        ({"keywords": ["java", 7, {}]}, ("keywords[1]", "keywords[2]")),
        ({"keywords": 7}, ("keywords",)),
        ({"job_types": ["freelance", "internship"]}, ("job_types[0]",)),
        ({"location": ["Paris"]}, ("location",)),
        ({"salary_min": -5}, ("salary_min",)),
        ({"salary_min": "beaucoup"}, ("salary_min",)),
        ({"salary_max": True}, ("salary_max",)),
        ({"salary_max": float("nan")}, ("salary_max",)),
        ({"salary_min": 500, "salary_max": 300}, ("salary_min", "salary_max")),
        ({"currency": "francs"}, ("currency",)),
        ({"include_unspecified_salary": []}, ("include_unspecified_salary",)),
        ({"radius_km": 30}, ("radius_km",)),
    ],
)
def test_what_cannot_be_used_is_reported_and_constrains_nothing(source: Any, ignored: tuple[str, ...]) -> None:
    found = parse_criteria(source)
    assert found.ignored == ignored
    assert (found.location, found.salary_min, found.salary_max, found.currency) == (None, None, None, None)


def test_numbers_and_flags_as_text() -> None:
    found = parse_criteria({"salary_min": "250 000", "currency": "xof", "include_unspecified_salary": "Oui"})
    assert found == Criteria(salary_min=250_000, currency="XOF", include_unspecified_salary=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.sampled_from([*Criteria._fields])


@given(VALUES | st.dictionaries(PARTS, VALUES))
def test_nothing_a_row_holds_raises(source: Any) -> None:
    found = parse_criteria(source)
    assert len(found.keywords) <= 20
    assert all(keyword.strip() for keyword in found.keywords)
