"""The search document of an offer: what matching compares, in the shape that is stored and searched by SQL.

Tokens carry what they are: `fr:` and `en:` a word of a text in that language, `l:` a word of the place and `l:*` a
remote offer without place, `a:` a name of its country or zone, `t:` its job type, `k:` its kind of place.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from worker.services.matching.criteria import Criteria
from worker.services.matching.normalise import LANGUAGES
from worker.services.matching.offers import REMOTE, FieldText, Offer, PreparedOffer
from worker.services.matching.places import Name, Place, readings
from worker.services.matching.spellings import spellings

# An index entry of Postgres holds at most 2,704 bytes.
LONGEST_TOKEN = 200
MOST_PARTS = 4
ANYWHERE = "l:*"
IS_REMOTE = f"k:{REMOTE}"

# Raised whenever the same offer gives another document: those that were stored before are made anew.
VERSION = 2

Conjunction = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """The parts of a `PreparedOffer` as columns: texts of (field, language, sequence), names with single spaces."""

    tokens: tuple[str, ...]
    texts: tuple[tuple[str, str, str], ...]
    place: str
    area: tuple[str, ...]
    country: str | None
    job_type: str
    location_type: str
    salary_min: int | None
    salary_max: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an offer's tokens must hold, for criteria: all of one conjunction of `keywords` and all of one of `places`.

    None does not constrain, an empty tuple is met by no offer. When `exact` is false an offer that holds them may
    still fail `definition.matches`. Types and salaries are not asked here.
    """

    keywords: tuple[Conjunction, ...] | None
    places: tuple[Conjunction, ...] | None
    exact: bool


def document(prepared: PreparedOffer) -> SearchDocument:
    return SearchDocument(
        tokens=tuple(sorted(_tokens(prepared))),
        texts=tuple((text.field, text.language, text.sequence) for text in prepared.texts),
        place=" ".join(prepared.location),
        area=tuple(sorted(" ".join(name) for name in prepared.area)),
        country=prepared.country,
        job_type=prepared.job_type,
        location_type=prepared.location_type,
        salary_min=prepared.salary_min,
        salary_max=prepared.salary_max,
        currency=prepared.currency,
    )


def prepared_from(parts: Mapping[str, Any], offer: Offer) -> PreparedOffer:
    """The prepared offer of a stored document: `parts` names its columns, `texts` decoded from JSON; others ignored."""
    return PreparedOffer(
        offer=offer,
        texts=tuple(_field_text(text) for text in parts["texts"]),
        location=tuple(parts["place"].split()),
        area=_names(tuple(parts["area"])),
        country=parts["country"],
        job_type=sys.intern(parts["job_type"]),
        location_type=sys.intern(parts["location_type"]),
        salary_min=parts["salary_min"],
        salary_max=parts["salary_max"],
        currency=sys.intern(parts["currency"]),
    )


def wanted(criteria: Criteria) -> Wanted:
    """The conditions on tokens that every offer meets which matches the criteria."""
    keywords = _keywords(criteria.keywords) if criteria.keywords else None
    places, places_are_exact = _places(criteria.location) if criteria.location else (None, True)
    single_words = all(len(words) == 1 and len(words[0]) < LONGEST_TOKEN for words in keywords or ())
    return Wanted(keywords, places, exact=single_words and places_are_exact)


def _tokens(prepared: PreparedOffer) -> set[str]:
    tokens = {token("t", prepared.job_type), token("k", prepared.location_type)}
    tokens.update(token("l", word) for word in prepared.location)
    tokens.update(token("a", " ".join(name)) for name in prepared.area)
    for text in prepared.texts:
        tokens.update(token(text.language, word) for word in text.sequence.split())
    if prepared.location_type == REMOTE and not prepared.location:
        tokens.add(ANYWHERE)
    return tokens


def token(kind: str, value: str) -> str:
    """What the index of tokens holds for a value of this kind."""
    return f"{kind}:{value}"[:LONGEST_TOKEN]


def _field_text(stored: Sequence[Any]) -> FieldText:
    field, language, sequence = stored
    return FieldText(sys.intern(field), "fr" if language == "fr" else "en", sequence)


@lru_cache(maxsize=5_000)
def _names(area: tuple[str, ...]) -> frozenset[Name]:
    return frozenset(tuple(name.split()) for name in area)


def _keywords(keywords: Iterable[str]) -> tuple[Conjunction, ...]:
    forms = (
        tuple(token(language, word) for word in spelling.tokens)
        for keyword in keywords
        for language in LANGUAGES
        for spelling in spellings(keyword, language)
    )
    return tuple(dict.fromkeys(forms))


def _places(location: str) -> tuple[tuple[Conjunction, ...], bool]:
    """One conjunction for each way to be at a place, and whether holding one is enough."""
    asked = readings(location)
    ways = [sum(way, ()) for reading in asked for way in product(*map(_ways, reading[:MOST_PARTS]))]
    exact = not asked or (len(asked) == 1 and _is_exact(*asked[0]))
    return tuple(dict.fromkeys(ways)), exact


def _is_exact(place: Place) -> bool:
    if place.is_remote:
        return True
    return len(place.name) == 1 and not place.homes and len(place.name[0]) < LONGEST_TOKEN - 2


def _ways(place: Place) -> tuple[Conjunction, ...]:
    if place.is_remote:
        return ((IS_REMOTE,),)
    words = tuple(token("l", word) for word in place.name)
    return (words, (token("a", " ".join(place.name)),), (ANYWHERE,))
