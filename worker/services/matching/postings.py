"""Where the words of a set of offers occur: postings per language, and the offers that hold a phrase."""

from array import array
from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.bits import Row, row_of
from worker.services.matching.normalise import LANGUAGES
from worker.services.matching.offers import PreparedOffer
from worker.services.matching.spellings import Spelling, spellings

Positions = NDArray[np.int32]

_NONE: Positions = np.array([], dtype=np.int32)


class Postings:
    """Positions of offers by language and token, ascending, and the text in which phrases are looked for."""

    def __init__(self, offers: Sequence[PreparedOffer]) -> None:
        self._size = len(offers)
        self._by_language: dict[str, dict[str, array[int]]] = {language: {} for language in LANGUAGES}
        self._texts: dict[str, list[str]] = {language: [""] * len(offers) for language in LANGUAGES}
        for position, prepared in enumerate(offers):
            for language, text in _texts(prepared).items():
                self._texts[language][position] = text
                _add(self._by_language[language], set(text.split()), position)

    def holding(self, keyword: str) -> Row | None:
        """The offers in which a spelling of the keyword occurs in its French or its English form; None when there are
        none.
        """
        found = [
            self._holding(each, language)
            for language in LANGUAGES
            for each in spellings(keyword, language, self._by_language[language])
        ]
        positions = np.concatenate([some for some in found if some is not None] or [_NONE])
        return row_of(positions, self._size) if len(positions) else None

    def _holding(self, spelling: Spelling, language: str) -> Positions | None:
        postings = self._by_language[language]
        known = []
        for token in spelling.tokens:
            held = postings.get(token)
            if held is None:
                return None
            known.append(held)
        rarest, *others = sorted((np.frombuffer(held, dtype=np.int32) for held in known), key=len)
        if not others:
            return rarest
        texts, wanted = self._texts[language], spelling.sequence
        candidates = reduce(_common, others, rarest).tolist()
        return np.array([position for position in candidates if wanted in texts[position]], dtype=np.int32)


def _common(few: Positions, many: Positions) -> Positions:
    """The positions in both; both ascend."""
    places = np.searchsorted(many, few)
    common: Positions = few[many[np.minimum(places, len(many) - 1)] == few]
    return common


def _texts(prepared: PreparedOffer) -> dict[str, str]:
    """The offer's sequences by language. Two spaces part two of them, so that no phrase reaches over a field's end."""
    sequences: dict[str, list[str]] = {}
    for text in prepared.texts:
        sequences.setdefault(text.language, []).append(text.sequence)
    return {language: "".join(found) for language, found in sequences.items()}


def _add(postings: "dict[str, array[int]]", tokens: set[str], position: int) -> None:
    for token in tokens:
        held = postings.get(token)
        if held is None:
            postings[token] = array("i", (position,))
        else:
            held.append(position)
