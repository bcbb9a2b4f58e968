"""Whether something stands in the texts that a language model was told."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from worker.services.matching.normalise import LANGUAGES, sequence, words
from worker.services.matching.small_words import small_words
from worker.services.matching.spellings import spellings
from worker.services.matching.stemming import Language, stem

LONGEST_PHRASE = 200

_NUMBER = re.compile(r"\d{1,15}(?:[.,]\d{1,15})?")
# What people write behind a skill: `Python (avancé)`, `Excel - confirmé`.
_BEHIND = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|\s[-–:]\s.*)\s*$")


class Evidence:
    """All texts and numbers of some JSON values."""

    def __init__(self, *told: Mapping[str, Any]) -> None:
        self._leaves = [leaf for each in told for leaf in _leaves(each)]

    def holds(self, phrase: str) -> bool:
        """Whether a skill is named: its words in order, or all of them in one text; number, gender, marks and the ways
        to write a technology count for nothing.
        """
        named = _BEHIND.sub("", phrase[:LONGEST_PHRASE]) or phrase[:LONGEST_PHRASE]
        return any(self._holds(named, language) for language in LANGUAGES)

    def knows(self, word: str) -> bool:
        """Whether a word stands anywhere, in any form."""
        return any(
            all(stem(each, language) in self._tokens[language] for each in words(word)) for language in LANGUAGES
        )

    def has_number(self, number: str) -> bool:
        return float(number.replace(",", ".")) in self._numbers

    def _holds(self, phrase: str, language: Language) -> bool:
        written = spellings(phrase, language)
        texts = self._sequences[language]
        if any(each.sequence in text for each in written for text in texts):
            return True
        needed = set(written[0].tokens) - small_words(language) if written else set()
        return len(needed) > 1 and any(needed <= found for found in self._by_text[language])

    @cached_property
    def _sequences(self) -> Mapping[Language, list[str]]:
        texts = [leaf for leaf in self._leaves if isinstance(leaf, str)]
        return {language: [sequence(text, language) for text in texts] for language in LANGUAGES}

    @cached_property
    def _by_text(self) -> Mapping[Language, list[frozenset[str]]]:
        return {language: [frozenset(text.split()) for text in texts] for language, texts in self._sequences.items()}

    @cached_property
    def _tokens(self) -> Mapping[Language, frozenset[str]]:
        return {language: frozenset().union(*texts) for language, texts in self._by_text.items()}

    @cached_property
    def _numbers(self) -> frozenset[float]:
        written = (str(leaf) for leaf in self._leaves)
        found = (float(each.replace(",", ".")) for text in written for each in numbers(text))
        return frozenset(number for each in found for number in (each, round(each)))


def numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from _all_leaves(value.values())
    elif isinstance(value, list | tuple):
        yield from _all_leaves(value)
    elif value is not None:
        yield value


def _all_leaves(values: Iterable[Any]) -> Iterator[Any]:
    for each in values:
        yield from _leaves(each)
