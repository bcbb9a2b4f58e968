"""A score of one candidate for one offer, in parts, before anybody puts it into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DETERMINISTIC = "deterministic-1"


class Part(StrEnum):
    """What is compared, with the most points each can give: together 100."""

    SKILLS = "skills"
    EXPERIENCE = "experience"
    EDUCATION = "education"
    TITLE_AND_SOFT_SKILLS = "title_and_soft_skills"
    LOCATION_AND_SALARY = "location_and_salary"


MOST_POINTS: Mapping[Part, int] = {
    Part.SKILLS: 40,
    Part.EXPERIENCE: 30,
    Part.EDUCATION: 15,
    Part.TITLE_AND_SOFT_SKILLS: 10,
    Part.LOCATION_AND_SALARY: 5,
}


class Caveat(StrEnum):
    """Why a score says less than it seems to."""

    EMPTY_PROFILE = "empty_profile"
    OFFER_TOO_SHORT = "offer_too_short"


@dataclass(frozen=True, slots=True)
class Score:
    """total: 0 to 100, one decimal. points: by part. matched, missing: skills as the offer names them.

    unknown: parts for which the candidate tells nothing (0 points, and the explanation says so).
    """

    total: float
    points: Mapping[Part, float]
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: frozenset[Part]
    caveat: Caveat | None
    model: str = DETERMINISTIC
