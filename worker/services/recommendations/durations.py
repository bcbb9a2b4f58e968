"""How much experience a text asks for or tells of, in months."""

import re

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
    """The lowest amount that is enough, at most `MOST_ASKED`; 0 where a beginner is welcome."""
    sentences = [*map(fold, lines(experience or ""))]
    sentences += [found for line in lines(requirements or "") if _EXPERIENCE.search(found := fold(line))]
    for sentence in sentences:
        months = [] if _AGE.search(sentence) else _months(sentence)
        if months:
            return min(MOST_ASKED, *months)
    return 0 if internship or any(map(_NONE.search, sentences)) else USUAL


def told_months(text: str) -> int | None:
    """The longest experience that a CV names in one of its sentences."""
    folded = fold(text)
    if not _EXPERIENCE.search(folded):
        return None
    sentences = [line for line in lines(folded) if _EXPERIENCE.search(line) and not _AGE.search(line)]
    told = [months for sentence in sentences for months in _months(sentence)]
    return min(MOST_WORKED, max(told)) if told else None


def _months(sentence: str) -> list[int]:
    """Each duration of a sentence; of `3 à 5 ans` the lower end."""
    found = []
    for first, _, unit in _DURATION.findall(sentence):
        number = _NUMBERS.get(first) or int(first)
        found.append(number * (1 if unit.startswith("mo") else MONTHS_PER_YEAR))
    return found
