"""What is known of a candidate when he is compared with offers.

Nothing here tells who somebody is: no name, sex, age, address, picture, nationality or leave. What does not stand here
can change no score and reaches no language model.
"""

from dataclasses import dataclass
from enum import StrEnum


class SkillKind(StrEnum):
    """As `skills.category` is stored, in lower case."""

    TECHNICAL = "technical"
    SOFT = "soft"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Skill:
    """level: 1 to 5, as the candidate says."""

    name: str
    level: int
    kind: SkillKind


@dataclass(frozen=True, slots=True)
class Experience:
    """months: how long, None where the dates cannot be read. The employer's name is left out."""

    title: str
    description: str | None
    months: int | None


@dataclass(frozen=True, slots=True)
class Education:
    """The school's name is left out."""

    degree: str
    description: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateProfile:
    """location: a town or a country, never a street. Salaries are monthly. cv_text: plain text, at most 8,000
    characters, what is hidden left out; None where there is no readable CV.
    """

    id: int
    title: str | None = None
    summary: str | None = None
    years_experience: int | None = None
    skills: tuple[Skill, ...] = ()
    experiences: tuple[Experience, ...] = ()
    educations: tuple[Education, ...] = ()
    location: str | None = None
    salary_min: int | None = None
    salary_max: int | None = None
    cv_text: str | None = None
