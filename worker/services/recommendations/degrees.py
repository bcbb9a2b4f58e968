"""Degrees as years of study after the baccalauréat, and the subjects that stand beside them."""

import re
from collections.abc import Iterator

from worker.services.matching.normalise import fold, words
from worker.services.recommendations.lists import lines
from worker.services.recommendations.texts import Term, plain_words, term

BELOW = -1
HIGHEST = 8
MOST_SUBJECTS = 8

_LEVEL = re.compile(r"bac\+(\d)\Z")
_NO_DEGREE = re.compile(r"\b(?:scrum master|master data|permis|driving licen[cs]e|licences? (?:logiciel|windows)\w*)\b")
_DEGREES: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern), level)
    for pattern, level in (
        (r"\b(?:doctorat|doctorate|ph\.? ?d|these de doctorat)\b", 8),
        (r"\b(?:docteur|doctor) (?:en|of|in)\b", 8),
        (r"\b(?:masters?|mastere|msc|mba|dess|dea|capes|agregation|m2|engineering degree)\b", 5),
        (
            r"\bdiplomes? d['e]\s?(?:\w+ d')?(?:ingenieure?s?|architecte)\b|\becole d'ingenieurs?\b",
            5,
        ),
        (r"\b(?:maitrise en|maitrise universitaire|m1)\b", 4),
        (r"\b(?:licences?|bachelors?|bsc|bachelor's|diplome d'etat d'infirmiere?|undergraduate degree)\b", 3),
        (r"\b(?:bts|dut|deug|deust|hnd|dts|diploma in)\b", 2),
        (r"\b(?:baccalaureat|bac|bac pro|high school diploma|a levels?|gce)\b(?!\s?\+)", 0),
        (r"\b(?:bepc|bep|cap|brevet|cepe|certificat d'aptitude)\b", BELOW),
    )
)
# Without any of these there is no degree in a text.
_HINT = re.compile(
    r"bac|doct|phd|ph\.|ph d|these|mast|msc|mba|dess|dea|capes|agreg|m1|m2|engineer|ingenieu|archi|maitrise|licence|bsc"
    r"|diplom|degree|bts|dut|deu|hnd|dts|school|level|gce|bep|cap|brevet|cepe|certif"
)
# Words of everyday language when they stand in a CV.
_IN_RUNNING_TEXT = re.compile(r"\b(?:cap|brevet|bac|m1|m2|dea|licences?(?! (?:en|de|professionnelle)\b))\b")
_NO_SUBJECT = frozenset(
    {
        *("diplome", "diplomes", "licence", "licences", "master", "masters", "mastere", "doctorat", "bts", "dut"),
        *("bac", "bachelor", "bachelors", "degree", "ingenieur", "equivalent", "equivalente", "niveau", "minimum"),
        *("formation", "superieur", "superieure", "type", "option", "specialite", "domaine", "similaire", "connexe"),
        *("plus", "ecole", "universite", "titulaire", "etre", "vous", "etes", "ans", "etudes", "tout", "autre"),
        *("diploma", "field", "related", "relevant", "university", "level", "higher", "cap", "bep", "bepc"),
        *("baccalaureat", "certificat", "etat", "aptitude", "metiers", "metier", "s", "or", "mba", "msc", "bsc"),
        *("deug", "hnd", "moins", "au", "exige", "requis", "souhaite", "obligatoire", "professionnelle"),
        *("professionnel", "grande"),
    }
)  # fmt: skip


def levels_of_degree(degree: str) -> frozenset[int]:
    """Every level that a degree's name or description tells."""
    return _levels(fold(degree))


def levels_in_prose(text: str) -> frozenset[int]:
    """The same of text in which short words are no degrees."""
    return _levels(_IN_RUNNING_TEXT.sub(" ", fold(text)))


def _levels(folded: str) -> frozenset[int]:
    if not _HINT.search(folded):
        return frozenset()
    cleaned = _NO_DEGREE.sub(" ", folded)
    named = (level for pattern, level in _DEGREES if pattern.search(cleaned))
    counted = words(folded) if "bac" in folded else ()
    return frozenset((*named, *(min(HIGHEST, int(found[1])) for word in counted if (found := _LEVEL.match(word)))))


def asked_level(formation: str | None, requirements: str | None) -> int | None:
    """The lowest level that is enough; None where none is asked for."""
    found = levels_of_degree(formation or "") or levels_in_prose(requirements or "")
    return min(found, default=None)


def asked_subjects(formation: str | None, requirements: str | None) -> tuple[Term, ...]:
    """What is to have been studied, word by word."""
    sentences = list(lines(formation or "")) or [line for line in lines(requirements or "") if levels_in_prose(line)]
    return tuple(dict.fromkeys(term(word) for line in sentences for word in _subjects(line)))[:MOST_SUBJECTS]


def _subjects(line: str) -> Iterator[str]:
    return (word for word in plain_words(line) if word not in _NO_SUBJECT and word.isalpha() and len(word) > 1)
