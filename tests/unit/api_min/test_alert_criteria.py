"""What a person may ask an alert for, and which place an unusable part is named by."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api_min.schemas.alert_criteria import AlertCriteria
from api_min.schemas.job_alerts import NewJobAlert
from worker.services.alerts.criteria_json import to_json
from worker.services.matching.criteria import parse_criteria

LABELS = ["full_time", "FULL_TIME", " Full Time ", "temps plein", "stage", "", None]
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "keywords": st.none() | st.text(max_size=30) | st.lists(st.none() | st.text(max_size=12), max_size=8),
        "location": st.none() | st.text(max_size=30),
        "job_types": st.none() | st.lists(st.sampled_from(LABELS), max_size=4),
        "location_types": st.none() | st.lists(st.sampled_from(["REMOTE", "on-site", "hybride", ""]), max_size=3),
        "salary_min": st.none() | st.integers(0, 5) | st.sampled_from(["", "4 000"]),
        "salary_max": st.none() | st.integers(4000, 2**31 - 1),
        "currency": st.sampled_from([None, "", "xof", "XAF"]),
        "include_unspecified_salary": st.none() | st.booleans(),
    },
)


def read(members: dict[str, Any]) -> dict[str, Any]:
    return to_json(AlertCriteria.model_validate(members).parsed())


def places(members: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        AlertCriteria.model_validate(members)
    return {".".join(str(part) for part in each["loc"]) for each in caught.value.errors()}


@given(MEMBERS)
def test_what_is_accepted_is_read_as_stored_alerts_are_read(members: dict[str, Any]) -> None:
    accepted = AlertCriteria.model_validate(members).parsed()
    assert accepted.ignored == ()
    assert accepted == parse_criteria(members)


def test_any_case_blanks_and_nulls() -> None:
    members = {
        "keywords": ["Python ", "", None, "python", " chef   de projet"],
        "location": " ",
        "job_types": ["FULL_TIME", "Part-Time", "stage", None],
        "location_types": "REMOTE",
        "salary_min": "300 000",
        "salary_max": 0,
        "currency": "xof",
        "unknown": {"kept": "not"},
    }
    assert read(members) == {
        "keywords": ["Python", "chef de projet"],
        "job_types": ["full_time", "part_time", "internship"],
        "location_types": ["remote"],
        "salary_min": 300_000,
        "currency": "XOF",
    }


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"keywords": [f"mot{number}" for number in range(21)]}, "keywords"),
        ({"keywords": ["ok", "x" * 101]}, "keywords.1"),
        ({"keywords": ["ok", 7]}, "keywords.1"),
        ({"keywords": {"a": 1}}, "keywords"),
        ({"location": "x" * 201}, "location"),
        ({"location": ["Libreville"]}, "location"),
        ({"job_types": ["full_time", "slavery"]}, "job_types.1"),
        ({"location_types": ["moon"]}, "location_types.0"),
        ({"salary_min": -1}, "salary_min"),
        ({"salary_min": 2**31}, "salary_min"),
        ({"salary_max": 1.5}, "salary_max"),
        ({"salary_max": True}, "salary_max"),
        ({"salary_max": "beaucoup"}, "salary_max"),
        ({"salary_min": 2, "salary_max": 1}, "salary_max"),
        ({"currency": "francs"}, "currency"),
        ({"include_unspecified_salary": "perhaps"}, "include_unspecified_salary"),
    ],
)
def test_what_cannot_be_used_is_named(members: dict[str, Any], place: str) -> None:
    assert places(members) == {place}


def test_the_largest_of_everything_is_accepted() -> None:
    members = {
        "keywords": [*(f"{number}".rjust(100, "x") for number in range(20)), "", None],
        "location": "x" * 200,
        "salary_min": 2**31 - 1,
        "salary_max": 2**31 - 1,
    }
    assert len(read(members)["keywords"]) == 20


def test_a_name_is_one_line_and_the_frequency_in_any_case() -> None:
    new = NewJobAlert.model_validate({"name": " Python\r\nà  Libreville ", "criteria": {}, "frequency": "MONTHLY"})
    assert (new.name, new.frequency.value, new.criteria.parsed()) == (
        "Python à Libreville",
        "monthly",
        parse_criteria({}),
    )
    for wrong in ({"name": " "}, {"name": "x" * 201}, {"frequency": "hourly"}, {"criteria": None}):
        with pytest.raises(ValidationError):
            NewJobAlert.model_validate({"name": "A", "criteria": {}, **wrong})
