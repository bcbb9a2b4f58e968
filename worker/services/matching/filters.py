"""The conditions beside keywords, each as the row of the offers that meet it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import reduce
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.bits import Row, row_of
from worker.services.matching.criteria import LARGEST_SALARY, Criteria
from worker.services.matching.currencies import accepted
from worker.services.matching.offers import REMOTE, PreparedOffer
from worker.services.matching.places import Name, Place, contains_in_order, readings

Key = TypeVar("Key", bound=Hashable)
Part = tuple[str, Hashable]


class Places:
    """The distinct places of the offers: each is asked once, however many offers share it."""

    def __init__(self, offers: Sequence[PreparedOffer]) -> None:
        numbers: dict[tuple[Name, frozenset[Name], str | None, bool], int] = {}
        self._place_of = np.fromiter(
            (
                numbers.setdefault((o.location, o.area, o.country, o.location_type == REMOTE), len(numbers))
                for o in offers
            ),
            dtype=np.int64,
            count=len(offers),
        )
        self._locations = [location for location, _, _, _ in numbers]
        self._countries = [country for _, _, country, _ in numbers]
        self._remote = {number for (*_, remote), number in numbers.items() if remote}
        self._anywhere = {number for number in self._remote if not self._locations[number]}
        self._by_word = _grouped((word, number) for (location, *_), number in numbers.items() for word in location)
        self._by_area = _grouped((name, number) for (_, area, _, _), number in numbers.items() for name in area)

    def at(self, location: str) -> Row:
        """The offers at all places of one of the criterion's readings."""
        named: set[int] = set()
        for reading in readings(location):
            named |= set.intersection(*map(self._named, reading))
        flags = np.zeros(len(self._locations), dtype=np.bool_)
        flags[list(named)] = True
        return row_of(np.flatnonzero(flags[self._place_of]), len(self._place_of))

    def _named(self, place: Place) -> set[int]:
        if place.is_remote:
            return set(self._remote)
        holding = set.intersection(*(self._by_word.get(word, set()) for word in place.name))
        if place.homes:
            holding = {number for number in holding if self._countries[number] in {None, *place.homes}}
        found = {number for number in holding if contains_in_order(self._locations[number], place.name)}
        return found | self._by_area.get(place.name, set()) | self._anywhere


class Salaries:
    """The monthly ranges of the offers; a missing bound is open."""

    def __init__(self, offers: Sequence[PreparedOffer]) -> None:
        self._low = _amounts((o.salary_min for o in offers), 0)
        self._high = _amounts((o.salary_max for o in offers), LARGEST_SALARY)
        self._unspecified = np.array([o.salary_min is None and o.salary_max is None for o in offers], dtype=np.bool_)
        self._by_currency = _grouped((o.currency, position) for position, o in enumerate(offers))

    def overlapping(self, criteria: Criteria) -> Row:
        """The offers whose range overlaps the wanted one in its currency, and those without when they are included."""
        size = len(self._low)
        met = np.zeros(size, dtype=np.bool_)
        for currency in accepted(criteria.currency):
            met[list(self._by_currency.get(currency, ()))] = True
        met &= ~self._unspecified
        if criteria.salary_min is not None:
            met &= self._high >= criteria.salary_min
        if criteria.salary_max is not None:
            met &= self._low <= criteria.salary_max
        if criteria.include_unspecified_salary:
            met |= self._unspecified
        return row_of(np.flatnonzero(met), size)


class Filters:
    """Makes the row of the offers that meet one part of criteria."""

    def __init__(self, offers: Sequence[PreparedOffer]) -> None:
        size = len(offers)
        self._places = Places(offers)
        self._salaries = Salaries(offers)
        self._job_types = _rows(((o.job_type, position) for position, o in enumerate(offers)), size)
        self._location_types = _rows(((o.location_type, position) for position, o in enumerate(offers)), size)
        self._nothing = row_of([], size)

    def row(self, kind: str, criteria: Criteria) -> Row:
        if kind == "location":
            return self._places.at(criteria.location or "")
        if kind == "salary":
            return self._salaries.overlapping(criteria)
        if kind == "job_types":
            return self._any_of(self._job_types, criteria.job_types)
        return self._any_of(self._location_types, criteria.location_types)

    def _any_of(self, rows: Mapping[str, Row], wanted: Iterable[str]) -> Row:
        return reduce(np.bitwise_or, (rows[one] for one in wanted if one in rows), self._nothing)


def beside_keywords(criteria: Criteria) -> tuple[Hashable, ...]:
    """What is asked for beside keywords (the first member) as one key; the last member asks for nothing."""
    return criteria[1:-1]


def parts_of(criteria: Criteria) -> tuple[Part, ...]:
    """What is asked for beside keywords, as (kind, value): equal parts are met by the same offers."""
    parts: list[Part] = []
    if criteria.location:
        parts.append(("location", criteria.location))
    if criteria.job_types:
        parts.append(("job_types", criteria.job_types))
    if criteria.location_types:
        parts.append(("location_types", criteria.location_types))
    if criteria.salary_min is not None or criteria.salary_max is not None:
        asked = (criteria.salary_min, criteria.salary_max, criteria.currency, criteria.include_unspecified_salary)
        parts.append(("salary", asked))
    return tuple(parts)


def _amounts(values: Iterable[int | None], missing: int) -> NDArray[np.int64]:
    return np.fromiter((missing if value is None else value for value in values), dtype=np.int64)


def _grouped(pairs: Iterable[tuple[Key, int]]) -> dict[Key, set[int]]:
    grouped: dict[Key, set[int]] = {}
    for key, number in pairs:
        grouped.setdefault(key, set()).add(number)
    return grouped


def _rows(pairs: Iterable[tuple[str, int]], size: int) -> dict[str, Row]:
    return {key: row_of(list(positions), size) for key, positions in _grouped(pairs).items()}
