"""How much experience a text asks for or tells of, in months."""

import re
from collections.abc import Iterator

from worker.services.matching.normalise import fold
from worker.services.recommendations.lists import lines

MONTHS_PER_YEAR = 12
MOST_ASKED = 180
MOST_WORKED = 600
# Where an offer asks for experience without saying how much, and where it says nothing.
USUAL = 12

_NUMBERS = {
    **dict(zip("un deux trois quatre cinq six sept huit neuf dix".split(), range(1, 11), strict=True)),  # noqa: SIM905 - a word list
    **dict(zip("one two three four five six seven eight nine ten".split(), range(1, 11), strict=True)),  # noqa: SIM905 - a word list
    "une": 1,
    "douze": 12,
    "twelve": 12,
    "quinze": 15,
    "fifteen": 15,
    "vingt": 20,
    "twenty": 20,
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_DURATION = re.compile(
    rf"\b{_NUMBER}(?:\s?\(\w{{1,8}}\))?(?:\s?(?:a|-|/|to|ou|et|or)\s?{_NUMBER}(?:\s?\(\w{{1,8}}\))?)?\+?\s?"
    r"(ans?|annees?|years?|mois|months?)\b"
)
_EXPERIENCE = re.compile(r"\b(?:experiences?|experienced|pratique|anciennete|practice)\b")
_AGE = re.compile(r"\bag(?:e|ee|es|ees|ed)\b|\bmoins de \d\d ans\b|\bans (?:au plus|maximum|revolus)\b")
_NONE = re.compile(
    r"\b(?:debutante?s?|aucune experience|sans experience|no experience|premiere experience|first experience"
    r"|jeunes? diplomee?s?|stage de fin|beginners?|entry[ -]level|experience non exigee)\b"
)


def asked_months(experience: str | None, requirements: str | None, *, internship: bool) -> int:
    """The first amount that is named, at most `MOST_ASKED`; 0 where a beginner is welcome."""
    sentences = list(_sentences(fold(experience or "")))
    sentences += [sentence for sentence in _sentences(fold(requirements or "")) if _EXPERIENCE.search(sentence)]
    for sentence in sentences:
        found = None if _AGE.search(sentence) else _DURATION.search(sentence)
        if found:
            return min(MOST_ASKED, _months(found))
    return 0 if internship or any(map(_NONE.search, sentences)) else USUAL


def told_months(text: str) -> int | None:
    """The longest experience that a CV names; of a sentence the duration next to that word, another may be an age."""
    folded = fold(text)
    if not _EXPERIENCE.search(folded):
        return None
    found = [months for sentence in _sentences(folded) if (months := _next_to_experience(sentence)) is not None]
    return min(MOST_WORKED, max(found)) if found else None


def _sentences(folded: str) -> Iterator[str]:
    """What stands behind a colon belongs to what stands before it."""
    return lines(folded.replace(":", " "))


def _next_to_experience(sentence: str) -> int | None:
    named = _EXPERIENCE.search(sentence)
    if not named or _AGE.search(sentence):
        return None
    found = min(_DURATION.finditer(sentence), key=lambda each: _gap(each, named), default=None)
    return _months(found) if found else None


def _gap(one: re.Match[str], other: re.Match[str]) -> int:
    return max(one.start(), other.start()) - min(one.end(), other.end())


def _months(duration: re.Match[str]) -> int:
    """Of `3 à 5 ans` the lower end."""
    number = _NUMBERS.get(duration[1]) or int(duration[1])
    return number * (1 if duration[3].startswith("mo") else MONTHS_PER_YEAR)
