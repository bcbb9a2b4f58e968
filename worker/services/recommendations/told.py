"""What a candidate tells, read once and compared with every offer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from worker.services.matching.normalise import fold
from worker.services.recommendations import lists
from worker.services.recommendations.degrees import levels_in_prose, levels_of_degree
from worker.services.recommendations.durations import MONTHS_PER_YEAR, MOST_WORKED, told_months
from worker.services.recommendations.profiles import CandidateProfile, Experience, SkillKind
from worker.services.recommendations.scores import Part
from worker.services.recommendations.spoken import spoken
from worker.services.recommendations.texts import Phrase, Text, joined, literal, text

# Time that counts neither for nor against anybody. What is called by work done beside it is work.
_LEAVE = re.compile(
    r"\W*(?:en |on )?(?:conges?\b|(?:parental|maternity|paternity|sick|family|adoption|career) (?:leave|break)\b"
    r"|pause (?:de )?carriere|pause parentale|(?:parent|mere|pere) au foyer|stay[ -]at[ -]home)"
)


@dataclass(frozen=True, slots=True)
class Stint:
    """Months of work: what it was called, and everything that is said of it."""

    title: Text
    everything: Text
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """items: the skills that are listed, member by member. titles: of the profile and of each stint.

    overall: what is said of all the years together, under the profile's title. level: years of study after the
    baccalauréat. salary: the least that is expected, 0 where only the most is told.
    """

    items: frozenset[Phrase]
    everything: Text
    titles: Text
    degrees: Text
    stints: tuple[Stint, ...]
    overall: Stint
    level: int | None
    location: str | None
    salary: int | None
    unknown: frozenset[Part]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told of any work."""
        return self.unknown >= {*Part} - {Part.LOCATION_AND_SALARY}


def read_candidate(profile: CandidateProfile) -> Told:
    experiences = [each for each in profile.experiences if not _LEAVE.match(fold(each.title))]
    prose = [fold(each or "") for each in (profile.summary, profile.cv_text)]
    title, summary, cv = map(text, (profile.title, *prose))
    named = joined(text(skill.name) for skill in profile.skills)
    degrees = joined(text(each) for one in profile.educations for each in (one.degree, one.description))
    stints = tuple(map(_stint, experiences))
    work = joined((title, summary, cv, *(stint.everything for stint in stints)))
    overall, level = _overall(profile.years_experience, prose), _level(profile, cv=prose[-1])
    known = {
        Part.SKILLS: _has_words(named) or _has_words(work) or _has_words(degrees),
        Part.EXPERIENCE: bool(stints) or overall is not None,
        Part.EDUCATION: level is not None or any(one.degree.strip() for one in profile.educations),
        Part.TITLE_AND_SOFT_SKILLS: _has_words(work) or any(each.kind is SkillKind.SOFT for each in profile.skills),
        Part.LOCATION_AND_SALARY: bool((profile.location or "").strip() or profile.salary_min or profile.salary_max),
    }
    return Told(
        items=frozenset().union(*(_items(skill.name) for skill in profile.skills), *map(spoken, prose)),
        everything=joined((named, work, degrees)),
        titles=joined((title, *(stint.title for stint in stints))),
        degrees=joined((degrees, cv)),
        stints=stints,
        overall=Stint(title, title, overall or 0),
        level=level,
        location=(profile.location or "").strip() or None,
        salary=profile.salary_min or (0 if profile.salary_max else None),
        unknown=frozenset(part for part, is_known in known.items() if not is_known),
    )


@lru_cache(maxsize=20_000)
def _items(name: str) -> frozenset[Phrase]:
    """The members of what somebody calls one skill."""
    members = [member for line in lists.lines(name) for part in lists.members(line) for member in part]
    return frozenset(
        phrase for member in members for part in (member, *lists.halves(member)) for phrase in literal(part)
    )


def _stint(experience: Experience) -> Stint:
    title = text(experience.title)
    months = min(max(experience.months or 0, 0), MOST_WORKED)
    return Stint(title, joined((title, text(experience.description))), months)


def _overall(years: int | None, prose: Iterable[str]) -> int | None:
    found = [months for each in prose if (months := told_months(each)) is not None]
    found += [] if years is None else [max(0, years) * MONTHS_PER_YEAR]
    return min(MOST_WORKED, max(found)) if found else None


def _level(profile: CandidateProfile, *, cv: str) -> int | None:
    told = (f"{one.degree}\n{one.description or ''}" for one in profile.educations)
    return max(frozenset().union(levels_in_prose(cv), *map(levels_of_degree, told)), default=None)


def _has_words(found: Text) -> bool:
    return any(found.words.values())
