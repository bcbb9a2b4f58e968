"""Text to comparable words, the same for offers and for keywords.

Order: marks stripped and case folded; writing habits made one (elisions, inclusive endings, dotted
abbreviations); words cut out; number, gender and stem. `+ # .` stay where they belong to a word (`c++`, `c#`,
`.net`, `node.js`, `bac+5`), and a word with one of them, an ampersand or a digit is never stemmed. Every other
character, `%` and `_` among them, only separates words.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from worker.services.matching.agreement import Language, agreed

LANGUAGES: tuple[Language, ...] = ("fr", "en")

_LETTER = r"[^\W\d_]"
_WORD_CHARACTER = r"[^\W_]"

_EQUIVALENT = str.maketrans(
    {
        **dict.fromkeys("‘’ʼ′´", "'"),
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

_FEMININE = "e|es|ne|nes|se|ses|euse|euses|eure|eures|rice|rices|trice|trices|ere|eres|iere|ieres|ienne|iennes|ive|ives"
_BRACKETED_ENDING = re.compile(rf"\((?<={_LETTER}{{3}}\()(?:{_FEMININE}|s|x|le|les|te|tes|ve|ves)\)")
_JOINED_ENDING = re.compile(
    rf"[·‧•./-](?<={_LETTER}{{3}}.)(?:{_FEMININE}|(?<=[·‧•/])(?:le|les|te|tes|ve|ves))(?:[·‧•./-]?s)?(?!{_WORD_CHARACTER})"
)
_ELISION = re.compile(rf"(?<!{_WORD_CHARACTER})(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=[aeiouyh])")
_AFRICAN_NAME = re.compile(rf"(?<!{_WORD_CHARACTER})([mn])'(?={_LETTER})")
_POSSESSIVE = re.compile(rf"'(?<={_WORD_CHARACTER}')s(?!{_WORD_CHARACTER})")
_DOTTED_ABBREVIATION = re.compile(rf"(?<![\w.])(?:{_LETTER}\.)+{_LETTER}(?!\w)\.?")
_SPACED_LEVEL = re.compile(r"(?<!\w)bac\s{0,3}\+\s{0,3}(?=\d)")
_SPACED_AMPERSAND = re.compile(rf"(?<!\w)({_LETTER})\s?&\s?({_LETTER})(?!\w)")

_WORD = re.compile(
    rf"""
    (?<!\w)\.net(?!{_WORD_CHARACTER})
    | bac\+\d
    | (?<!\w){_LETTER}&{_LETTER}(?!\w)
    | {_WORD_CHARACTER}+
      (?: \.(?:js|net|io)(?!{_WORD_CHARACTER}) | (?<=\d)\.\d+ )*
      (?: \+\+ | \#(?!{_LETTER}) | \+(?!{_LETTER}) )?
    """,
    re.VERBOSE,
)


# The character a habit cannot do without, the habit, the one form it becomes.
_HABITS: tuple[tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    ("(", _BRACKETED_ENDING, ""),
    ("", _JOINED_ENDING, ""),
    ("'", _ELISION, ""),
    ("'", _AFRICAN_NAME, r"\1"),
    ("'", _POSSESSIVE, ""),
    (".", _DOTTED_ABBREVIATION, lambda found: found.group().replace(".", "")),
    ("+", _SPACED_LEVEL, "bac+"),
    ("&", _SPACED_AMPERSAND, r"\1&\2"),
)


def fold(text: str) -> str:
    """Lower case without marks (NFKD): `Développeur` and `DEVELOPPEUR` fold to the same text."""
    if text.isascii():
        return text.lower()
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
    return tuple(_WORD.findall(folded))


def tokens(text: str, language: Language) -> tuple[str, ...]:
    """The words of a plain text in order, each in the form it shares with its plurals and genders."""
    return tuple(agreed(word, language) for word in words(text))


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
