"""Criteria as they are stored, and whether two of them ask for the same."""

from collections.abc import Hashable
from typing import Any

from models.enums import JobType, LocationType
from worker.services.matching.criteria import Criteria
from worker.services.matching.currencies import DEFAULT_CURRENCY
from worker.services.matching.normalise import LANGUAGES, fold, phrase


def to_json(criteria: Criteria) -> dict[str, Any]:
    """The JSON members that constrain, enum values in lower case and in the declared order; read back by
    `parse_criteria` they mean the same.
    """
    members: dict[str, Any] = {
        "keywords": list(criteria.keywords),
        "location": criteria.location,
        "job_types": [each.value for each in JobType if each in criteria.job_types],
        "location_types": [each.value for each in LocationType if each in criteria.location_types],
        "salary_min": criteria.salary_min,
        "salary_max": criteria.salary_max,
        "currency": criteria.currency,
        "include_unspecified_salary": criteria.include_unspecified_salary,
    }
    return {name: value for name, value in members.items() if value}


def equivalence_key(criteria: Criteria) -> Hashable:
    """Equal for criteria that the same offers answer: case, accents, plurals and the order of keywords do not count."""
    is_paid = criteria.salary_min is not None or criteria.salary_max is not None
    return (
        frozenset(tuple(phrase(keyword, language) for language in LANGUAGES) for keyword in criteria.keywords),
        " ".join(fold(criteria.location or "").split()),
        criteria.job_types,
        criteria.location_types,
        criteria.salary_min,
        criteria.salary_max,
        (criteria.currency or DEFAULT_CURRENCY) if is_paid else None,
        criteria.include_unspecified_salary if is_paid else None,
    )
