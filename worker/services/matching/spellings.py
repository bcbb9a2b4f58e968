"""One word or two: joined, hyphenated and parted spellings of a compound are one (`fullstack`, `full-stack`).

Both parts have three letters or more; `e` before four or more counts too (`e-commerce`, `ecommerce`). Small words
(`des`, `for`) make no compound.
"""

from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

from worker.services.matching.normalise import words
from worker.services.matching.small_words import small_words
from worker.services.matching.stemming import Language, singular, stem

SHORTEST_PART = 3
LONGEST_COMPOUND = 24
# Of a longer keyword no compound is read in another way: the ways would be too many.
MOST_WORDS = 6

Tokens = tuple[str, ...]
Pair = tuple[str, str]


class Spelling(NamedTuple):
    """A way to write a keyword. rare: what this way has and the keyword as written has not, a word or a pair."""

    tokens: Tokens
    rare: str = ""

    @property
    def sequence(self) -> str:
        """As `normalise.sequence` writes it."""
        return f" {' '.join(self.tokens)} "


class _Written(NamedTuple):
    """A keyword's tokens, the pairs that each of them may be, and what it may be together with the one behind it."""

    tokens: Tokens
    parted: Sequence[Sequence[Pair]] = ()
    joined: Sequence[Sequence[str]] = ()


def spellings(keyword: str, language: Language, known: Container[str] | None = None) -> list[Spelling]:
    """The keyword as it is written, then its other spellings, each once; none when it has no word.

    One compound is read in another way, of two words both may be. known: spellings with other tokens are left out.
    """
    written = _written(keyword, language)
    if not written.tokens:
        return []
    literal = Spelling(written.tokens)
    parted, joined = written.parted, written.joined
    if known is not None:
        parted = [[pair for pair in pairs if pair[0] in known and pair[1] in known] for pairs in parted]
        joined = [[compound for compound in compounds if compound in known] for compounds in joined]
    if not any(parted) and not any(joined):
        return [literal]
    others = dict.fromkeys((*_parted(written.tokens, parted), *_joined(written.tokens, joined)))
    return [literal, *others]


def _parted(tokens: Tokens, parted: Sequence[Sequence[Pair]]) -> Iterator[Spelling]:
    for place, pairs in enumerate(parted):
        for pair in pairs:
            yield Spelling((*tokens[:place], *pair, *tokens[place + 1 :]), " ".join(pair))
    if len(parted) == 2:
        for first, second in product(*parted):
            yield Spelling((*first, *second), " ".join(first))


def _joined(tokens: Tokens, joined: Sequence[Sequence[str]]) -> Iterator[Spelling]:
    for place, compounds in enumerate(joined):
        for compound in compounds:
            yield Spelling((*tokens[:place], compound, *tokens[place + 2 :]), compound)


@lru_cache(maxsize=50_000)
def _written(keyword: str, language: Language) -> _Written:
    asked = words(keyword)
    tokens = tuple(stem(word, language) for word in asked)
    if len(asked) > MOST_WORDS:
        return _Written(tokens)
    parted = [_pairs(word, language) for word in asked]
    joined = [_compounds(first, second, language) for first, second in pairwise(asked)]
    return _Written(tokens, parted, joined)


@lru_cache(maxsize=20_000)
def _pairs(word: str, language: Language) -> Sequence[Pair]:
    """What a compound may be made of."""
    if not word.isalpha() or len(word) > LONGEST_COMPOUND:
        return ()
    cuts = [1] if word[0] == "e" and len(word) > SHORTEST_PART + 1 else []
    cuts += range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    found = ((stem(word[:cut], language), stem(word[cut:], language)) for cut in cuts)
    return [pair for pair in found if small_words(language).isdisjoint(pair)]


def _compounds(first: str, second: str, language: Language) -> Tokens:
    """What two words make together, the first in the singular or as it is."""
    shortest = SHORTEST_PART + 1 if first == "e" else SHORTEST_PART
    is_long = len(second) >= shortest and (first == "e" or len(first) >= SHORTEST_PART)
    if not is_long or not (first.isalpha() and second.isalpha()) or len(first) + len(second) > LONGEST_COMPOUND:
        return ()
    if not small_words(language).isdisjoint((stem(first, language), stem(second, language))):
        return ()
    starts = dict.fromkeys((first, singular(first, language)))
    return tuple(dict.fromkeys(stem(start + second, language) for start in starts))
