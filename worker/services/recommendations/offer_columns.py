"""What many offers ask for, as columns of numbers: one place per offer."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.filters import Places
from worker.services.matching.offers import REMOTE
from worker.services.matching.places import offered_country
from worker.services.recommendations import points
from worker.services.recommendations.asked import Asked
from worker.services.recommendations.finding import Finder, Numbers
from worker.services.recommendations.texts import Phrase, Term, Text
from worker.services.recommendations.told import Told
from worker.services.recommendations.vocabulary.everything import Skill

Column = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_PLACES = 1_000


class TermColumn:
    """How many of the terms that each offer asks for stand in a text."""

    def __init__(self, asked: Sequence[Iterable[Term]]) -> None:
        numbers = Numbers[Term]()
        of_offers = [[numbers.of(term) for term in terms] for terms in asked]
        self.wanted = column(map(len, of_offers))
        self._postings = Postings(of_offers, len(numbers))
        self._finder = Finder(numbers)

    def counts(self, text: Text) -> Column:
        return self._postings.counts(self._finder.found(text))


class SkillColumn:
    """The same for skills, which are listed or named in texts."""

    def __init__(self, asked: Sequence[Sequence[Skill]]) -> None:
        numbers = Numbers[tuple[Term, Term]]()
        self.of_offers = [[numbers.of((skill.anywhere, skill.listed)) for skill in skills] for skills in asked]
        self.wanted = column(map(len, asked))
        self._postings = Postings(self.of_offers, len(numbers))
        self.languages = {
            numbers.of((skill.anywhere, skill.listed)) for skills in asked for skill in skills if skill.is_language
        }
        self._finder = Finder(anywhere for anywhere, _ in numbers)
        self._listed: dict[Phrase, list[int]] = {}
        for number, (_, listed) in enumerate(numbers):
            for phrase in listed:
                self._listed.setdefault(phrase, []).append(number)

    def had(self, told: Told) -> set[int]:
        """As `formula.has` says of each."""
        found = self._finder.found(told.everything)
        for item in told.items:
            found.update(self._listed.get(item, ()))
        return found

    def counts(self, numbers: Iterable[int]) -> Column:
        return self._postings.counts(numbers)


class Postings:
    """The offers that ask for each number, as often as they do."""

    def __init__(self, numbers_of_offers: Sequence[Sequence[int]], distinct: int) -> None:
        self._size = len(numbers_of_offers)
        places: list[list[int]] = [[] for _ in range(distinct)]
        for place, asked in enumerate(numbers_of_offers):
            for number in asked:
                places[number].append(place)
        self._places = [np.array(each, dtype=np.int64) for each in places]

    def counts(self, numbers: Iterable[int]) -> Column:
        """Per offer how many of these it asks for."""
        chosen = [self._places[number] for number in numbers]
        if not chosen:
            return np.zeros(self._size, dtype=np.int64)
        return np.bincount(np.concatenate(chosen), minlength=self._size)


class Conditions:
    """Points for place and salary, remembered by place."""

    def __init__(self, asked: Sequence[Asked], most_places: int) -> None:
        self._most_places = most_places
        offers = [each.offer for each in asked]
        self._places = Places(offers)
        self._countries = np.array([offer.country or "" for offer in offers], dtype=np.str_)
        self._anywhere: Flags = np.array(
            [offer.location_type == REMOTE or not (offer.location or offer.area) for offer in offers], dtype=np.bool_
        )
        self._highest = column(points.highest_expectation(offer) for offer in offers)
        self._by_place: dict[str, Column] = {}

    def points(self, told: Told) -> Column:
        place = np.zeros(len(self._highest), dtype=np.int64) if told.location is None else self._of(told.location)
        return place if told.salary is None else place + points.SALARY * (self._highest >= told.salary)

    def _of(self, lives: str) -> Column:
        if lives not in self._by_place:
            if len(self._by_place) >= self._most_places:
                self._by_place.clear()
            self._by_place[lives] = self._located(lives)
        return self._by_place[lives]

    def _located(self, lives: str) -> Column:
        near = self._anywhere.copy()
        for town in points.towns(lives):
            row = self._places.at(town)
            near |= np.unpackbits(row.view(np.uint8), bitorder="little")[: len(near)].astype(np.bool_)
        country = offered_country(None, lives)
        same = self._countries == country if country else np.zeros(len(near), dtype=np.bool_)
        return np.where(near, points.SAME_TOWN, np.where(same, points.SAME_COUNTRY, 0)).astype(np.int64)


class Degrees:
    """Points for a level of study, per level."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = [each.level for each in asked]
        self._by_level: dict[int | None, Column] = {}

    def points(self, level: int | None) -> Column:
        if level not in self._by_level:
            self._by_level[level] = column(points.degree(level, wanted) for wanted in self._asked)
        return self._by_level[level]


def shares(most: int | Column, had: Column, wanted: Column) -> Column:
    """`points.share` of each."""
    some = np.maximum(wanted, 1)
    return np.where(wanted > 0, (2 * most * np.minimum(had, wanted) + some) // (2 * some), most)


def column(values: Iterable[int]) -> Column:
    return np.fromiter(values, dtype=np.int64)
