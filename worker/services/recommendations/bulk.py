"""Many candidates against many offers: the same scores as `formula.compare`, on columns with one place per offer.

Only pairs that have something of the work in common are scored, as `formula.has_work_in_common` says. All others are
left out, whatever else would fit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.offers import PreparedOffer, newest_first
from worker.services.recommendations import points
from worker.services.recommendations.asked import read_offer
from worker.services.recommendations.formula import TENTHS
from worker.services.recommendations.offer_columns import (
    MOST_PLACES,
    Column,
    Conditions,
    Degrees,
    Flags,
    SkillColumn,
    TermColumn,
    column,
    shares,
)
from worker.services.recommendations.profiles import CandidateProfile
from worker.services.recommendations.scores import Part, Score
from worker.services.recommendations.told import Stint, Told, read_candidate

MOST_RECOMMENDED = 20

Ranked = list[tuple[int, Score]]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the work of a candidate and each offer has in common: the asked skills that are had, by number; months in
    the field, and whether anything is of it; whether there is anything at all.
    """

    skills: set[int]
    months: Column
    is_of_the_field: Flags
    is_any: Flags


class Index:
    """Offers read once, newest first. Those that are too short to compare are left out.

    most_places: of candidates, so many are remembered with their points.
    """

    def __init__(self, offers: Iterable[PreparedOffer], *, most_places: int = MOST_PLACES) -> None:
        asked = [read for offer in sorted(offers, key=newest_first) if not (read := read_offer(offer)).is_too_short]
        self._ids = [each.offer.offer.id for each in asked]
        self._names = [[skill.name for skill in each.skills] for each in asked]
        self._skills = SkillColumn([each.skills for each in asked])
        self._work = TermColumn([[skill.anywhere for skill in each.work_skills] for each in asked])
        self._enough_skills = column(points.enough_skills(int(wanted)) for wanted in self._work.wanted)
        self._soft_skills = SkillColumn([each.soft_skills for each in asked])
        self._titles = TermColumn([each.title for each in asked])
        self._fields = TermColumn([each.field for each in asked])
        self._subjects = TermColumn([each.subjects for each in asked])
        self._degrees = Degrees(asked)
        self._conditions = Conditions(asked, most_places)
        self._months = column(each.months for each in asked)
        self._most_for_title = np.where(self._soft_skills.wanted > 0, points.TITLE, points.TITLE + points.SOFT_SKILLS)

    def best(self, profiles: Iterable[CandidateProfile], count: int = MOST_RECOMMENDED) -> Iterator[Ranked]:
        """Per candidate the offers with the highest scores, by id, best first; of equal ones the newest first.

        Whoever tells nothing of his work has none. Nothing of a candidate is kept when the next one is asked for.
        """
        for profile in profiles:
            told = read_candidate(profile)
            yield [] if told.is_empty or not self._ids else self._best(told, count)

    def _best(self, told: Told, count: int) -> Ranked:
        shared = self._shared(told)
        places = np.flatnonzero(shared.is_any)
        parts = self._parts(told, shared, places)
        totals = sum(parts.values(), np.zeros(len(places), dtype=np.int64))
        chosen = _highest(totals, count)
        columns = {part: (gained[chosen] / TENTHS).tolist() for part, gained in parts.items()}
        in_all = (totals[chosen] / TENTHS).tolist()
        return [
            self._score(told, shared, place, in_all[rank], {part: gained[rank] for part, gained in columns.items()})
            for rank, place in enumerate(places[chosen].tolist())
        ]

    def _shared(self, told: Told) -> _Shared:
        skills = self._skills.had(told)
        flags = [self._in_the_field(stint) for stint in told.stints]
        listed = sum((stint.months * flag for stint, flag in zip(told.stints, flags, strict=True)), self._none())
        overall = self._in_the_field(told.overall)
        months = np.maximum(listed, told.overall.months * overall)
        is_of_the_field: Flags = np.logical_or.reduce([*flags, overall])
        is_any = is_of_the_field | (self._skills.counts(skills - self._skills.languages) > 0)
        return _Shared(skills, months, is_of_the_field, is_any)

    def _none(self) -> Column:
        return np.zeros(len(self._ids), dtype=np.int64)

    def _in_the_field(self, stint: Stint) -> Flags:
        """As `formula.is_in_the_field` says of each offer."""
        found: Flags = self._work.counts(stint.everything) >= self._enough_skills
        found |= self._fields.counts(stint.title) > 0
        return found

    def _parts(self, told: Told, shared: _Shared, at: NDArray[np.int64]) -> dict[Part, Column]:
        """Tenths of points at some places."""
        soft = self._soft_skills
        soft_had = soft.counts(soft.had(told))[at]
        title = shares(self._most_for_title[at], self._titles.counts(told.titles)[at], self._titles.wanted[at])
        soft_points = np.where(soft.wanted[at] > 0, shares(points.SOFT_SKILLS, soft_had, soft.wanted[at]), 0)
        found = {
            Part.SKILLS: shares(points.SKILLS, self._skills.counts(shared.skills)[at], self._skills.wanted[at]),
            Part.EXPERIENCE: self._experience(told, shared, at),
            Part.EDUCATION: self._degrees.points(told.level)[at] + self._subject_points(told, at),
            Part.TITLE_AND_SOFT_SKILLS: title + soft_points,
            Part.LOCATION_AND_SALARY: self._conditions.points(told)[at],
        }
        return {part: np.zeros_like(gained) if part in told.unknown else gained for part, gained in found.items()}

    def _experience(self, told: Told, shared: _Shared, at: NDArray[np.int64]) -> Column:
        wanted = self._months[at]
        in_all = np.full(len(at), max(sum(stint.months for stint in told.stints), told.overall.months))
        for_beginners = np.where(shared.is_of_the_field[at], points.EXPERIENCE, points.OTHER_EXPERIENCE)
        in_the_field = shares(points.EXPERIENCE, shared.months[at], wanted)
        found = np.maximum(in_the_field, shares(points.OTHER_EXPERIENCE, in_all, wanted))
        return np.where(wanted > 0, found, for_beginners)

    def _subject_points(self, told: Told, at: NDArray[np.int64]) -> Column:
        wanted = np.minimum(self._subjects.wanted[at], points.SUBJECTS_ENOUGH)
        return shares(points.SUBJECTS, self._subjects.counts(told.degrees)[at], wanted)

    def _score(
        self, told: Told, shared: _Shared, place: int, total: float, gained: dict[Part, float]
    ) -> tuple[int, Score]:
        asked = list(zip(self._names[place], self._skills.of_offers[place], strict=True))
        matched = tuple(name for name, number in asked if number in shared.skills)
        missing = tuple(name for name, number in asked if number not in shared.skills)
        return self._ids[place], Score(total, gained, matched, missing, told.unknown, None)


def _highest(totals: Column, count: int) -> NDArray[np.int64]:
    """Places of the highest, highest first; of equal ones the first."""
    keys = totals * len(totals) - np.arange(len(totals))
    if len(keys) > count:
        some = np.argpartition(-keys, count - 1)[:count]
        return some[np.argsort(-keys[some])]
    return np.argsort(-keys)
