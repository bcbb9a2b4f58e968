"""Text to comparable words, the same for offers and for keywords.

Order: marks stripped and case folded; writing habits made one (elisions, inclusive endings, dotted
abbreviations, levels of study); words cut out; names of technologies made one; number, gender and stem. `+ # .` stay
where they belong to a word (`c++`, `c#`, `.net`, `node.js`, `bac+5`), and a word with one of them, an ampersand or a
digit is never stemmed. Every other character, `%` and `_` among them, only separates words.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from worker.services.matching.stemming import Language, stem
from worker.services.matching.technologies import in_one_form

LANGUAGES: tuple[Language, ...] = ("fr", "en")

_LETTER = r"[^\W\d_]"
_WORD_CHARACTER = r"[^\W_]"

_EQUIVALENT = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ′´`", "'"),
        **dict.fromkeys("™℠®©", " "),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
        **dict.fromkeys("‐‑‒–—−", "-"),
        "♯": "#",
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
    }
)

_FEMININE = (
    "e|es|ee|ees|ne|nes|nne|nnes|se|ses|sse|sses|esse|esses|euse|euses|eure|eures|fe|fes|lle|lles"
    "|rice|rices|trice|trices|ere|eres|iere|ieres|ienne|iennes|ive|ives"
)
# Behind a hyphen or a stop these would be words of their own.
_MARKED_ONLY = (
    "le|les|te|tes|ve|ves|ale|ales|ante|antes|che|ches|cienne|ciennes|elle|elles|ente|entes|gere|geres"
    "|que|ques|teuse|teuses|tte|ttes"
)
_INSIDE = rf"\s?[-/·‧•.]?\s?(?:{_FEMININE}|{_MARKED_ONLY}|s|x)(?:[-/·‧•.]?s)?\s?[)\]]"
_BRACKETED_ENDING = re.compile(rf"[(\[](?<={_LETTER}{{3}}.){_INSIDE}")
_PARTED_ENDING = re.compile(rf"\s[(\[](?<={_LETTER}{{3}}..){_INSIDE}(?:s(?!{_WORD_CHARACTER}))?")
_JOINED_ENDING = re.compile(
    rf"[·‧•./-](?<={_LETTER}{{3}}.)(?:{_FEMININE}|(?<=[·‧•/])(?:{_MARKED_ONLY}))(?:[·‧•./-]?s)?(?!-?{_WORD_CHARACTER})"
)
_ELISION = re.compile(rf"(?<!{_WORD_CHARACTER})(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'\s?(?=[aeiouyh])")
# `chef d equipe`, but neither `permis d et e` nor `permis d exige`.
_LONE_ELISION = re.compile(
    rf"(?<!{_WORD_CHARACTER})(?<!permis )(?<!categorie )(?<!vitamine )[dl]\s"
    rf"(?=[aeiouyh]{_LETTER}{{2}})(?!(?:aux|avec|elle|est|exige|indispensable|obligatoire|une){_LETTER}{{0,2}}(?!{_LETTER}))"
)
_AFRICAN_NAME = re.compile(rf"(?<!{_WORD_CHARACTER})([mn])'\s?(?={_LETTER})")
_POSSESSIVE = re.compile(rf"'(?<={_WORD_CHARACTER}')s(?!{_WORD_CHARACTER})")
_DOTTED_ABBREVIATION = re.compile(rf"(?<![\w.])(?:{_LETTER}\.)+{_LETTER}(?!\w)\.?")
_LEVEL = re.compile(
    r"(?<!\w)bac\s{0,3}(?:\+|plus)\s{0,3}(?P<first>\d)(?!\d)"
    r"(?P<others>(?:(?:\s?/\s?|-|\s(?:a|ou)\s)\+?\s?\d(?!\w)){0,5})(?P<years>\s?(?:ans?|annees?|years?|mois)(?!\w))?"
)
_LEVEL_PART = re.compile(r"(/|-|a|ou)\s?\+?\s?(\d)")
_SPACED_AMPERSAND = re.compile(rf"(?<!\w)({_LETTER})\s?&\s?({_LETTER})(?!\w)")
_SPACED_SYMBOL = re.compile(r"(?<!\w)([cf])\s(?=\+\+|#(?!\w))")

_WORD = re.compile(
    rf"""
    (?<!\w)\.net(?!{_LETTER})
    | bac\+\d(?!\d)
    | (?<!\w){_LETTER}&{_LETTER}(?!\w)
    | {_WORD_CHARACTER}+
      (?: \.(?:js|net|io)(?!{_LETTER}) | (?<=\d)\.\d+ )*
      (?: \+\+ | \#(?!{_LETTER}) | \+(?!{_LETTER}) )?
    """,
    re.VERBOSE,
)


def _levels(found: re.Match[str]) -> str:
    """`bac+4/5` as `bac+4 bac+5`, `bac+3 a 5` with every level between. Years of experience are no level."""
    levels = [int(found["first"])]
    if found["years"]:
        return f"bac+{levels[0]}{found['others']}{found['years']}"
    for link, digit in _LEVEL_PART.findall(found["others"]):
        level = int(digit)
        is_range = link in {"-", "a"} and level > levels[-1]
        levels += range(levels[-1] + 1, level + 1) if is_range else [level]
    return " ".join(f"bac+{level}" for level in levels)


# What a habit cannot do without, the habit, the one form it becomes.
_HABITS: tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    ("(", _BRACKETED_ENDING, ""),
    ("[", _BRACKETED_ENDING, ""),
    ("(", _PARTED_ENDING, ""),
    ("[", _PARTED_ENDING, ""),
    ("", _JOINED_ENDING, ""),
    ("'", _ELISION, ""),
    ("d ", _LONE_ELISION, ""),
    ("l ", _LONE_ELISION, ""),
    ("'", _AFRICAN_NAME, r"\1"),
    ("'", _POSSESSIVE, ""),
    (".", _DOTTED_ABBREVIATION, lambda found: found.group().replace(".", "")),
    ("bac", _LEVEL, _levels),
    ("+", _SPACED_SYMBOL, r"\1"),
    ("#", _SPACED_SYMBOL, r"\1"),
    ("&", _SPACED_AMPERSAND, r"\1&\2"),
)


def fold(text: str) -> str:
    """Lower case without marks (NFKD): `Développeur` and `DEVELOPPEUR` fold to the same text."""
    if text.isascii():
        return text.lower().replace("`", "'")
    text = unicodedata.normalize("NFKD", text.translate(_EQUIVALENT))
    text = unicodedata.normalize("NFKD", text.casefold())
    for mark in filter(unicodedata.combining, set(text)):
        text = text.replace(mark, "")
    return text


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text in order, without number, gender or stem: what names of places compare by."""
    folded = fold(text)
    for needed, habit, one_form in _HABITS:
        if needed in folded:
            folded = habit.sub(one_form, folded)
    return in_one_form(_WORD.findall(folded))


def tokens(text: str, language: Language) -> tuple[str, ...]:
    """The words of a plain text in order, each in the form it shares with its plurals and genders."""
    return tuple(stem(word, language) for word in words(text))


def sequence(text: str, language: Language) -> str:
    """The tokens between single spaces, with one space at both ends; empty without tokens.

    A phrase occurs in a text, whole words in order and adjacent, exactly when its sequence is contained in the
    text's sequence: tokens hold no space.
    """
    found = tokens(text, language)
    return f" {' '.join(found)} " if found else ""


@lru_cache(maxsize=50_000)
def phrase(keyword: str, language: Language) -> str:
    """`sequence` of a keyword, remembered; empty when the keyword has no word, and then it occurs nowhere."""
    return sequence(keyword, language)
