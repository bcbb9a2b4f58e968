"""Number and gender: the words that count as one word.

Plural first, then gender, then the Snowball stem of the language. Snowball also joins a trade to its tool
(engineer, engine) and a person to an activity (manager, management); a word that ends as trades, activities
and qualities do therefore keeps its ending, and a stem of fewer than five letters is not used (port, porter).
"""

import re
from functools import cache, lru_cache
from threading import Lock
from typing import Literal

import Stemmer

Language = Literal["fr", "en"]

SHORTEST_STEM = 5

_SNOWBALL = {"fr": "french", "en": "english"}
_LATIN = re.compile(r"[a-z]+\Z")
_STEMMER_LOCK = Lock()

_WITHOUT_PLURAL = frozenset({"corps", "cours", "concours", "fonds", "mars", "news", "secours", "sens", "temps"})
_PLURAL_IN_X = frozenset(
    "bijoux cheveux enjeux essieux feux genoux jeux lieux milieux neveux pneux voeux".split()  # noqa: SIM905 - a word list
    + "adieux aveux cailloux choux moyeux".split()  # noqa: SIM905 - a word list
    + "aloyaux boyaux etaux fabliaux gruaux hoyaux joyaux landaux materiaux noyaux tuyaux".split()  # noqa: SIM905 - a word list
)
_IRREGULAR_PLURALS = {
    "baux": "bail",
    "businessmen": "businessman",
    "businesswomen": "businesswoman",
    "coraux": "corail",
    "craftsmen": "craftsman",
    "foremen": "foreman",
    "salesmen": "salesman",
    "saleswomen": "saleswoman",
    "soupiraux": "soupirail",
    "travaux": "travail",
    "vantaux": "vantail",
    "vitraux": "vitrail",
    "watchmen": "watchman",
}

_IRREGULAR_GENDERS = {
    "actress": "actor",
    "businesswoman": "businessman",
    "championne": "champion",
    "cheffe": "chef",
    "doctoresse": "docteur",
    "hostess": "host",
    "hotesse": "hote",
    "maitresse": "maitre",
    "nouvel": "nouveau",
    "nouvelle": "nouveau",
    "patronne": "patron",
    "saleswoman": "salesman",
    "stewardess": "steward",
    "vigneronne": "vigneron",
    "waitress": "waiter",
}
_ONE_GENDER = frozenset({"donnee", "entree", "medecine", "rentree", "soiree", "trainee"})
# ending, what it becomes, fewest letters of a word it applies to
_GENDERS = (
    ("trice", "teur", 6),
    ("drice", "deur", 6),
    ("euse", "eur", 6),
    ("eure", "eur", 6),
    # rigoureux and danseur share a feminine ending, so the masculine ones share a form too
    ("eux", "eur", 6),
    ("iere", "ier", 6),
    ("chere", "cher", 7),
    ("gere", "ger", 7),
    ("llere", "ller", 7),
    ("ienne", "ien", 7),
    ("eenne", "een", 7),
    ("ante", "ant", 7),
    ("idente", "ident", 7),
    ("iente", "ient", 6),
    ("ale", "al", 7),
    ("elle", "el", 7),
    ("ive", "if", 6),
    ("ee", "e", 6),
)

_KEPT_ENDINGS = (
    *("eer", "er", "eur", "ier", "or", "ien", "een", "ian", "ist", "iste", "ant", "ent"),
    *("age", "ance", "ence", "ee", "erie", "ing", "ism", "isme", "ite", "ity", "ness", "ship", "sion", "tion", "ure"),
    *("able", "al", "el", "ible", "ic", "if", "ique"),
)


@lru_cache(maxsize=200_000)
def stem(word: str, language: Language) -> str:
    """The form a folded word shares with its plurals and genders; only words of Latin letters change."""
    if not _LATIN.match(word):
        return word
    return _snowball(_masculine(singular(word, language)), language)


def singular(word: str, language: Language) -> str:
    """Of a folded word, before gender and stem."""
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if len(word) < 4 or word in _WITHOUT_PLURAL:
        return word
    if word.endswith("x"):
        return _singular_of_x(word)
    return _singular_of_s(word, language) if word.endswith("s") else word


def _singular_of_x(word: str) -> str:
    if word in _PLURAL_IN_X or word.endswith("eaux"):
        return word[:-1]
    return word[:-3] + "al" if word.endswith("aux") and len(word) > 5 else word


def _singular_of_s(word: str, language: Language) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if language == "en" and len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if language == "en" and word.endswith(("ches", "shes", "xes", "zes")):
        return word[:-2]
    singular_ending = word.endswith(("ss", "us", "is")) and not word.endswith(("ois", "ais"))
    return word if singular_ending else word[:-1]


def _masculine(word: str) -> str:
    if word in _ONE_GENDER:
        return word
    if word in _IRREGULAR_GENDERS:
        return _IRREGULAR_GENDERS[word]
    for ending, replacement, fewest in _GENDERS:
        if len(word) >= fewest and word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word


def _snowball(word: str, language: Language) -> str:
    if word in _ONE_GENDER or word.endswith(_KEPT_ENDINGS):
        return word
    with _STEMMER_LOCK:
        stem = str(_stemmer(language).stemWord(word))
    return stem if len(stem) >= SHORTEST_STEM else word


@cache
def _stemmer(language: Language) -> Stemmer.Stemmer:
    """One per language and process; not safe for several threads at once, hence the lock around its use."""
    return Stemmer.Stemmer(_SNOWBALL[language], 0)
