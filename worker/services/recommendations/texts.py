"""Texts of candidates and offers in words that can be compared: the matcher's, in French and in English at once.

Small words are left out, so that `gestion des projets` and `gestion de projet` are one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from worker.services.matching.normalise import LANGUAGES, words
from worker.services.matching.plain_text import plain_text
from worker.services.matching.small_words import small_words
from worker.services.matching.spellings import spellings
from worker.services.matching.stemming import Language, stem

# Two words that are another thing than the first alone.
_ONE_WORD = {("java", "script"): "javascript", ("type", "script"): "typescript"}
# Titles, skills and degrees are written by many people alike.
LONGEST_REMEMBERED = 60

_SECOND = frozenset(second for _, second in _ONE_WORD)


class Phrase(NamedTuple):
    """Neighbouring words in one language; `sequence` has them between single spaces, with one at both ends."""

    language: Language
    words: tuple[str, ...]
    sequence: str


# Every way to write one thing: it stands where any of them does. Without any it stands nowhere.
Term = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The words of some pieces of text. Two spaces part two pieces, so that no phrase reaches over an end."""

    sequences: Mapping[Language, str]
    words: Mapping[Language, frozenset[str]]

    def holds(self, term: Term) -> bool:
        return any(self.has(phrase) for phrase in term)

    def has(self, phrase: Phrase) -> bool:
        if phrase.words[0] not in self.words[phrase.language]:
            return False
        return len(phrase.words) == 1 or phrase.sequence in self.sequences[phrase.language]


NOTHING = Text(dict.fromkeys(LANGUAGES, ""), {each: frozenset() for each in LANGUAGES})


def text(piece: str | None) -> Text:
    """piece: may hold HTML."""
    if not piece:
        return NOTHING
    return _remembered_text(piece) if len(piece) <= LONGEST_REMEMBERED else _text(piece)


def _text(piece: str) -> Text:
    stems = [_stems(word) for word in plain_words(piece)]
    if not stems:
        return NOTHING
    by_language = dict(zip(LANGUAGES, zip(*stems, strict=True), strict=True))
    return Text(
        {language: _sequence(found) for language, found in by_language.items()},
        {language: frozenset(found) for language, found in by_language.items()},
    )


_remembered_text = lru_cache(maxsize=20_000)(_text)


def joined(texts: Iterable[Text]) -> Text:
    """All pieces of some texts as one."""
    every = tuple(texts)
    sequences = {each: "".join(one.sequences[each] for one in every) for each in LANGUAGES}
    return Text(sequences, {each: frozenset().union(*(one.words[each] for one in every)) for each in LANGUAGES})


@lru_cache(maxsize=20_000)
def term(*names: str) -> Term:
    """Whatever is called by one of these names, in all their spellings."""
    return tuple(dict.fromkeys(phrase for name in names for phrase in _spelled(name)))


def phrases(name: str) -> Term:
    """The same for a name as it is written."""
    stems = zip(*map(_stems, plain_words(name)), strict=True)
    return tuple(_phrase(found, language) for language, found in zip(LANGUAGES, stems, strict=False))


# For names: sentences would fill the memory, and belong to somebody.
literal = lru_cache(maxsize=20_000)(phrases)


def plain_words(piece: str) -> tuple[str, ...]:
    """The folded words of a piece without the small ones, in the order in which they stand."""
    found = words(plain_text(piece) if "<" in piece else piece)
    if not _SECOND.isdisjoint(found):
        found = tuple(_with_compounds(found))
    small = _small()
    return tuple([word for word in found if word not in small])


def _spelled(name: str) -> Iterator[Phrase]:
    yield from literal(name)
    kept = " ".join(plain_words(name))
    for language in LANGUAGES:
        for spelling in spellings(kept, language):
            yield _phrase(spelling.tokens, language)


def _with_compounds(found: tuple[str, ...]) -> Iterator[str]:
    place = 0
    while place < len(found):
        compound = _ONE_WORD.get((found[place], found[place + 1])) if place + 1 < len(found) else None
        yield compound or found[place]
        place += 2 if compound else 1


@cache
def _small() -> frozenset[str]:
    """Small words of either language; `dans` is the only one that a stem is made of."""
    return frozenset({"dans"}).union(*map(small_words, LANGUAGES))


@lru_cache(maxsize=100_000)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(stem(word, language) for language in LANGUAGES)


def _phrase(found: tuple[str, ...], language: Language) -> Phrase:
    return Phrase(language, found, _sequence(found))


def _sequence(found: Iterable[str]) -> str:
    return f" {' '.join(found)} "


def joined_terms(terms: Iterable[Term]) -> Term:
    return tuple(dict.fromkeys(phrase for one in terms for phrase in one))
