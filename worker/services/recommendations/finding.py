"""Which of many terms stand in a text, without looking for each of them."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

from worker.services.matching.normalise import LANGUAGES
from worker.services.matching.stemming import Language
from worker.services.recommendations.texts import Phrase, Term, Text

Key = TypeVar("Key", bound=Hashable)


class Numbers(Generic[Key]):
    """Gives every distinct key a number, from 0."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}

    def of(self, key: Key) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def __iter__(self) -> Iterator[Key]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


class _Beginning(NamedTuple):
    """Of the phrases that begin with one word: the terms it names alone, and the second words of the longer ones with
    these and their terms.
    """

    alone: list[int]
    longer: list[tuple[str, str, int]]


class Finder:
    """Terms by the first word of each of their phrases; a term's number is its place."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_first: Mapping[Language, dict[str, _Beginning]] = {each: {} for each in LANGUAGES}
        for number, term in enumerate(terms):
            for phrase in term:
                self._add(phrase, number)
        self._firsts = {each: frozenset(self._by_first[each]) for each in LANGUAGES}

    def found(self, text: Text) -> set[int]:
        """As `Text.holds` says of each."""
        found: set[int] = set()
        for language, beginnings in self._by_first.items():
            sequence, words = text.sequences[language], text.words[language]
            for word in self._firsts[language] & words:
                alone, longer = beginnings[word]
                found.update(alone)
                found.update(number for second, phrase, number in longer if second in words and phrase in sequence)
        return found

    def _add(self, phrase: Phrase, number: int) -> None:
        beginning = self._by_first[phrase.language].setdefault(phrase.words[0], _Beginning([], []))
        if len(phrase.words) == 1:
            beginning.alone.append(number)
        else:
            beginning.longer.append((phrase.words[1], phrase.sequence, number))
