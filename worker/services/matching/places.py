"""Names of places: countries in French and English, economic zones, and the words that mean "from home"."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import babel

from worker.services.matching.normalise import LANGUAGES, words
from worker.services.matching.place_names import BEFORE_A_NAME, CITIES, COUNTRIES, HELD_BY, NOWHERE, REMOTE, ZONES

Name = tuple[str, ...]


# No country's name has more words.
LONGEST_COUNTRY = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that a criterion names.

    homes: of a country's name, the ISO codes beside which the words of an offer's location count; beside another code
    they do not (`Guinée` in `Guinée équatoriale`). Empty: they always count.
    """

    name: Name
    homes: frozenset[str]
    is_remote: bool


# Each reading of a criterion is met when all of its places are.
Reading = tuple[Place, ...]


@lru_cache(maxsize=50_000)
def readings(location: str) -> tuple[Reading, ...]:
    """What a criterion may mean: one place; or the parts between commas, semicolons and brackets; or those with a
    country parted from what stands before or behind it (`Libreville - Gabon`). None without a word.
    """
    whole = place_words(location)
    if not whole:
        return ()
    parts = tuple(part for text in _parts(location) if (part := place_words(text)))
    finer = tuple(name for part in parts for name in _parted(part))
    found = dict.fromkeys(((whole,), parts, finer))
    return tuple(tuple(map(_place, names)) for names in found)


@lru_cache(maxsize=50_000)
def offered_words(location: str, *, remote: bool) -> Name:
    """The words of an offer's location; parts that only say of a remote offer that it is remote name no place."""
    whole = place_words(location)
    if not remote:
        return whole
    if is_nowhere(whole):
        return ()
    parts = [place_words(text) for text in _parts(location)]
    if not any(map(is_nowhere, parts)):
        return whole
    return tuple(word for part in parts if not is_nowhere(part) for word in part)


def place_words(text: str) -> Name:
    """Words as names of places compare by: `St` before a name is `Saint`, an everyday name of a city the full one."""
    return tuple(_spelled_out(words(text)))


def _spelled_out(found: Name) -> Iterator[str]:
    for place, word in enumerate(found):
        if word in BEFORE_A_NAME and place + 1 < len(found):
            yield BEFORE_A_NAME[word]
        elif word in CITIES and found[place : place + len(CITIES[word])] != CITIES[word]:
            yield from CITIES[word]
        else:
            yield word


def is_remote(place: Name) -> bool:
    """Whether a criterion's words ask for remote work instead of naming a place."""
    return place in _remote()


def is_nowhere(place: Name) -> bool:
    """Whether words in the location of an offer say that it is remote, or anywhere, and name no place."""
    return place in _nowhere()


def contains_in_order(text: Name, wanted: Name) -> bool:
    """Whether the wanted words occur in the text in their order; others may stand between them."""
    remaining = iter(text)
    return all(word in remaining for word in wanted)


def area_names(country: str | None, zone: str | None, code: str | None = None) -> frozenset[Name]:
    """Every name an offer's country and zone go by: ISO code, French and English names, CEMAC or UEMOA.

    `country` is an ISO 3166 alpha-2 code or a name, `code` what it means; an offer without zone has its country's.
    """
    names = set(_territories()[code]) if code else set()
    names.add(place_words(country or ""))
    names.add(place_words(zone or _zone_of(code) or ""))
    names.discard(())
    return frozenset(names)


def offered_country(country: str | None, location: str | None) -> str | None:
    """The ISO code of an offer's country; where that is unknown, of the country that its location names last."""
    code = country_code(country)
    if code or not location:
        return code
    named = (_codes().get(place_words(text)) for text in reversed(_parts(location)))
    return next((found for found in named if found), None)


def country_code(country: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of a code or of a French or English name; None when it is unknown."""
    return _codes().get(place_words(country or ""))


def _parts(location: str) -> list[str]:
    for separator in ";()":
        location = location.replace(separator, ",")
    return location.split(",")


def _parted(part: Name) -> tuple[Name, ...]:
    """A country's name at the end or the beginning, and the rest; the longest name counts. A code is no name here."""
    if part in _codes() or part in _remote():
        return (part,)
    lengths = range(min(LONGEST_COUNTRY, len(part) - 1), 0, -1)
    cuts = [*(len(part) - length for length in lengths), *lengths]
    names = [*(part[-length:] for length in lengths), *(part[:length] for length in lengths)]
    for cut, name in zip(cuts, names, strict=True):
        if name in _codes() and name not in _short_codes():
            return (part[:cut], part[cut:])
    return (part,)


def _place(name: Name) -> Place:
    code = _codes().get(name)
    homes = frozenset({code, HELD_BY.get(code, code)}) if code else frozenset()
    return Place(name, homes, is_remote(name))


@cache
def _codes() -> dict[Name, str]:
    by_name = {name: code for code in _territories() for name in _territories()[code]}
    return by_name | {place_words(code): code for code in _territories()}


@cache
def _short_codes() -> frozenset[Name]:
    return frozenset(place_words(code) for code in _territories())


@cache
def _territories() -> dict[str, frozenset[Name]]:
    known: dict[str, set[Name]] = {}
    for language in LANGUAGES:
        for code, name in babel.Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                known.setdefault(code, set()).add(place_words(name))
    for code, names in COUNTRIES.items():
        known[code].update(place_words(name) for name in names)
    return {code: frozenset({place_words(code), *names}) for code, names in known.items()}


@cache
def _remote() -> frozenset[Name]:
    return frozenset(place_words(text) for text in REMOTE)


@cache
def _nowhere() -> frozenset[Name]:
    return _remote() | {place_words(text) for text in NOWHERE}


def _zone_of(code: str | None) -> str | None:
    return next((zone for zone, members in ZONES.items() if code in members), None)
