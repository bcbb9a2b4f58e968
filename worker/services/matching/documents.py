"""The search document of an offer: what the matcher compares, in the shape that is stored and searched by SQL.

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
from worker.services.matching.normalise import LANGUAGES, phrase
from worker.services.matching.offers import FieldText, Offer, PreparedOffer
from worker.services.matching.places import Name, is_remote, named_places

# An index entry of Postgres holds at most 2,704 bytes.
LONGEST_TOKEN = 200
MOST_PARTS = 4
ANYWHERE = "l:*"
REMOTE = "k:remote"

Conjunction = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """The parts of a `PreparedOffer` as columns: texts of (field, language, sequence), names with single spaces."""

    tokens: tuple[str, ...]
    texts: tuple[tuple[str, str, str], ...]
    place: str
    area: tuple[str, ...]
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
    tokens = {_token("t", prepared.job_type), _token("k", prepared.location_type)}
    tokens.update(_token("l", word) for word in prepared.location)
    tokens.update(_token("a", " ".join(name)) for name in prepared.area)
    for text in prepared.texts:
        tokens.update(_token(text.language, word) for word in text.sequence.split())
    if prepared.location_type == "remote" and not prepared.location:
        tokens.add(ANYWHERE)
    return tokens


def _token(kind: str, value: str) -> str:
    return f"{kind}:{value}"[:LONGEST_TOKEN]


def _field_text(stored: Sequence[Any]) -> FieldText:
    field, language, sequence = stored
    return FieldText(sys.intern(field), "fr" if language == "fr" else "en", sequence)


@lru_cache(maxsize=5_000)
def _names(area: tuple[str, ...]) -> frozenset[Name]:
    return frozenset(tuple(name.split()) for name in area)


def _keywords(keywords: Iterable[str]) -> tuple[Conjunction, ...]:
    forms = (
        tuple(_token(language, word) for word in phrase(keyword, language).split())
        for keyword in keywords
        for language in LANGUAGES
    )
    return tuple(dict.fromkeys(form for form in forms if form))


def _places(location: str) -> tuple[tuple[Conjunction, ...], bool]:
    """One conjunction for each way to be at a place, and whether holding one is enough."""
    whole, parts = named_places(location)
    if not whole:
        return (), True
    ways = [*_ways(whole)]
    if len(parts) > 1:
        ways += [sum(way, ()) for way in product(*(_ways(part) for part in parts[:MOST_PARTS]))]
    exact = len(parts) <= 1 and (len(whole) == 1 or is_remote(whole)) and len(" ".join(whole)) < LONGEST_TOKEN - 2
    return tuple(dict.fromkeys(ways)), exact


def _ways(place: Name) -> tuple[Conjunction, ...]:
    if is_remote(place):
        return ((REMOTE,),)
    words = tuple(_token("l", word) for word in place)
    return (words, (_token("a", " ".join(place)),), (ANYWHERE,))
