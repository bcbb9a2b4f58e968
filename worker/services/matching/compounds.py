"""Pairs of words as one token, so that an index answers most phrases without reading a text.

A pair is two neighbouring words of meaning with the small words between them (`chef de projet`, `ressources humaines`);
its token is `fr:chef de projet`. A phrase that is one pair occurs in a text exactly when the text has its token.
"""

from collections.abc import Iterator, Sequence

from worker.services.matching.offers import FieldText
from worker.services.matching.small_words import small_words
from worker.services.matching.stemming import Language

# An index entry of Postgres holds at most 2,704 bytes.
LONGEST_PAIR = 200


def pairs_of(texts: Sequence[FieldText]) -> set[str]:
    """The tokens of all pairs of an offer's texts."""
    return {pair for text in texts for pair in pairs(text.sequence.split(), text.language) if len(pair) <= LONGEST_PAIR}


def pairs(words: Sequence[str], language: Language) -> Iterator[str]:
    """The tokens of the pairs among the words of a text or a phrase, in order, however long."""
    small = small_words(language)
    first = None
    for place, word in enumerate(words):
        if word not in small:
            if first is not None:
                yield f"{language}:{' '.join(words[first : place + 1])}"
            first = place


def is_pair(words: Sequence[str], language: Language) -> bool:
    """Whether a phrase is one pair, from its first word to its last."""
    return list(pairs(words, language)) == [f"{language}:{' '.join(words)}"]
