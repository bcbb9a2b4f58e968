"""Where the words of a set of offers occur: postings per language, and the offers that hold a phrase."""

from array import array
from collections.abc import Sequence

import numpy as np

from worker.services.matching.bits import Row, positions_of, row_of, words_for
from worker.services.matching.normalise import LANGUAGES, phrase
from worker.services.matching.offers import PreparedOffer


class Postings:
    """Positions of offers by language and token, in ascending order."""

    def __init__(self, offers: Sequence[PreparedOffer]) -> None:
        self._offers = offers
        self._by_language: dict[str, dict[str, array[int]]] = {language: {} for language in LANGUAGES}
        for position, prepared in enumerate(offers):
            for language, tokens in _tokens(prepared).items():
                _add(self._by_language[language], tokens, position)

    def holding(self, keyword: str) -> Row | None:
        """The offers in which the keyword occurs in its French or its English form; None when there are none."""
        rows = [
            row for language in LANGUAGES if (row := self._holding(phrase(keyword, language), language)) is not None
        ]
        if not rows:
            return None
        return rows[0] if len(rows) == 1 else rows[0] | rows[1]

    def _holding(self, wanted: str, language: str) -> Row | None:
        postings = [self._by_language[language].get(token) for token in wanted.split()]
        known = [held for held in postings if held is not None]
        if not known or len(known) < len(postings):
            return None
        size = len(self._offers)
        if len(known) == 1:
            return row_of(np.frombuffer(known[0], dtype=np.int32), size)
        common = np.full(words_for(size), np.iinfo(np.uint64).max, dtype=np.uint64)
        for held in known:
            common &= row_of(np.frombuffer(held, dtype=np.int32), size)
        kept = [position for position in positions_of(common) if self._occurs(wanted, language, position)]
        return row_of(kept, size) if kept else None

    def _occurs(self, wanted: str, language: str, position: int) -> bool:
        texts = self._offers[position].texts
        return any(wanted in text.sequence for text in texts if text.language == language)


def _tokens(prepared: PreparedOffer) -> dict[str, set[str]]:
    tokens: dict[str, set[str]] = {}
    for text in prepared.texts:
        tokens.setdefault(text.language, set()).update(text.sequence.split())
    return tokens


def _add(postings: "dict[str, array[int]]", tokens: set[str], position: int) -> None:
    for token in tokens:
        held = postings.get(token)
        if held is None:
            postings[token] = array("i", (position,))
        else:
            held.append(position)
