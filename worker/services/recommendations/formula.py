"""The score of one candidate for one offer, without a language model: `docs/recommendations.md` has it in words."""

from collections.abc import Iterable, Mapping

from worker.services.matching.offers import PreparedOffer
from worker.services.recommendations import points
from worker.services.recommendations.asked import Asked, read_offer
from worker.services.recommendations.profiles import CandidateProfile
from worker.services.recommendations.scores import Caveat, Part, Score
from worker.services.recommendations.texts import Term, Text
from worker.services.recommendations.told import Stint, Told, read_candidate
from worker.services.recommendations.vocabulary.everything import Skill

TENTHS = 10


def score(candidate: CandidateProfile, offer: PreparedOffer) -> Score:
    """offer: prepared with all its texts. Many pairs are read once each and compared with `compare`, or in bulk."""
    return compare(read_candidate(candidate), read_offer(offer))


def compare(told: Told, asked: Asked) -> Score:
    if told.is_empty or asked.is_too_short:
        return _without(told, Caveat.EMPTY_PROFILE if told.is_empty else Caveat.OFFER_TOO_SHORT)
    had = [has(told, skill) for skill in asked.skills]
    found = {
        Part.SKILLS: points.share(points.SKILLS, sum(had), len(had)),
        Part.EXPERIENCE: _experience(told, asked),
        Part.EDUCATION: points.degree(told.level, asked.level) + _subjects(told, asked),
        Part.TITLE_AND_SOFT_SKILLS: _title(told, asked),
        Part.LOCATION_AND_SALARY: _conditions(told, asked.offer),
    }
    tenths = {part: 0 if part in told.unknown else gained for part, gained in found.items()}
    return Score(
        total=sum(tenths.values()) / TENTHS,
        points=_in_points(tenths),
        matched=tuple(skill.name for skill, is_had in zip(asked.skills, had, strict=True) if is_had),
        missing=tuple(skill.name for skill, is_had in zip(asked.skills, had, strict=True) if not is_had),
        unknown=told.unknown,
        caveat=None,
    )


def has(told: Told, skill: Skill) -> bool:
    """Whether a skill is named anywhere, or listed under a name that counts only there."""
    return told.everything.holds(skill.anywhere) or not told.items.isdisjoint(skill.listed)


def is_in_the_field(stint: Stint, asked: Asked) -> bool:
    """By its title, or by the skills that its text names."""
    if _count(stint.title, asked.field):
        return True
    skills = asked.work_skills
    named = _count(stint.everything, (skill.anywhere for skill in skills))
    return named >= points.enough_skills(len(skills))


def has_work_in_common(told: Told, asked: Asked) -> bool:
    """Whether an offer can be recommended at all: for an asked skill other than a language, or for its field."""
    stints = (*told.stints, told.overall)
    return any(has(told, skill) for skill in asked.work_skills) or any(is_in_the_field(each, asked) for each in stints)


def _experience(told: Told, asked: Asked) -> int:
    listed = [stint for stint in told.stints if is_in_the_field(stint, asked)]
    overall = [told.overall] if is_in_the_field(told.overall, asked) else []
    return points.experience(
        max(_months(listed), _months(overall)),
        max(_months(told.stints), told.overall.months),
        asked.months,
        is_of_the_field=bool(listed or overall),
    )


def _months(stints: Iterable[Stint]) -> int:
    return sum(stint.months for stint in stints)


def _subjects(told: Told, asked: Asked) -> int:
    return points.subjects(_count(told.degrees, asked.subjects), len(asked.subjects))


def _title(told: Told, asked: Asked) -> int:
    soft = points.soft_skills(sum(has(told, skill) for skill in asked.soft_skills), len(asked.soft_skills))
    hits = _count(told.titles, asked.title)
    return soft + points.title(hits, len(asked.title), beside_soft_skills=bool(asked.soft_skills))


def _conditions(told: Told, offer: PreparedOffer) -> int:
    place = 0 if told.location is None else points.location(told.location, offer)
    return place + (0 if told.salary is None else points.salary(told.salary, offer))


def _count(text: Text, terms: Iterable[Term]) -> int:
    return sum(text.holds(term) for term in terms)


def _without(told: Told, caveat: Caveat) -> Score:
    return Score(0.0, _in_points(dict.fromkeys(Part, 0)), (), (), told.unknown, caveat)


def _in_points(tenths: Mapping[Part, int]) -> Mapping[Part, float]:
    return {part: gained / TENTHS for part, gained in tenths.items()}
