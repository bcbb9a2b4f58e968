"""Words that only bind others."""

from functools import cache

from worker.services.matching.normalise import tokens
from worker.services.matching.stemming import Language

_SMALL = {
    "fr": "à au aux avec ce ces chez d' dans de des du en et l' la le les leur ou par pour sa ses son sous sur un une",
    "en": "a an and as at by for from in into is of on or our the their to with your",
}


@cache
def small_words(language: Language) -> frozenset[str]:
    """As tokens."""
    return frozenset(tokens(_SMALL[language], language))
