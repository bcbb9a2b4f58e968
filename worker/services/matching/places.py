"""Names of places: countries in French and English, economic zones, and the words that mean "from home"."""

from functools import cache, lru_cache

import babel

from worker.services.matching.normalise import LANGUAGES, words

Name = tuple[str, ...]

_ZONES = {
    "CEMAC": frozenset({"CF", "CG", "CM", "GA", "GQ", "TD"}),
    "UEMOA": frozenset({"BF", "BJ", "CI", "GW", "ML", "NE", "SN", "TG"}),
}

# What people write and the locale data do not list.
_OTHER_COUNTRY_NAMES = {
    "CD": (
        "RDC",
        "DRC",
        "RD Congo",
        "DR Congo",
        "République démocratique du Congo",
        "Democratic Republic of the Congo",
    ),
    "CF": ("RCA", "CAR", "Centrafrique"),
    "CG": ("Congo", "République du Congo", "Republic of the Congo", "Congo Brazza"),
    "CI": ("Ivory Coast",),
    "GB": ("UK", "Grande-Bretagne", "Great Britain"),
    "GW": ("Guinée Bissao",),
    "US": ("USA", "États-Unis d'Amérique", "United States of America"),
}

_REMOTE = frozenset(
    words(text)
    for text in (
        "remote",
        "full remote",
        "100 % remote",
        "remote work",
        "work from home",
        "home office",
        "télétravail",
        "100 % télétravail",
        "à distance",
        "travail à distance",
        "distanciel",
    )
)


def is_remote(place: Name) -> bool:
    """Whether a criterion's words ask for remote work instead of naming a place."""
    return place in _REMOTE


@lru_cache(maxsize=50_000)
def named_places(location: str) -> tuple[Name, tuple[Name, ...]]:
    """The words of a whole criterion, and those of each part between commas, semicolons and brackets."""
    whole = words(location)
    for separator in ";()":
        location = location.replace(separator, ",")
    return whole, tuple(part for text in location.split(",") if (part := words(text)))


def contains_in_order(text: Name, wanted: Name) -> bool:
    """Whether the wanted words occur in the text in their order; others may stand between them."""
    remaining = iter(text)
    return all(word in remaining for word in wanted)


def area_names(country: str | None, zone: str | None) -> frozenset[Name]:
    """Every name an offer's country and zone go by: ISO code, French and English names, CEMAC or UEMOA.

    `country` is an ISO 3166 alpha-2 code or a name; an offer without zone has its country's.
    """
    code = country_code(country)
    names = set(_names_of(code)) if code else set()
    names.add(words(country or ""))
    names.add(words(zone or _zone_of(code) or ""))
    names.discard(())
    return frozenset(names)


def country_code(country: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of a code or of a French or English name; None when it is unknown."""
    return _codes().get(words(country or ""))


@cache
def _codes() -> dict[Name, str]:
    by_name = {name: code for code in _territories() for name in _territories()[code]}
    return by_name | {words(code): code for code in _territories()}


@cache
def _territories() -> dict[str, frozenset[Name]]:
    known: dict[str, set[Name]] = {}
    for language in LANGUAGES:
        for code, name in babel.Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                known.setdefault(code, set()).add(words(name))
    for code, names in _OTHER_COUNTRY_NAMES.items():
        known[code].update(words(name) for name in names)
    return {code: frozenset({words(code), *names}) for code, names in known.items()}


def _names_of(code: str) -> frozenset[Name]:
    return _territories()[code]


def _zone_of(code: str | None) -> str | None:
    return next((zone for zone, members in _ZONES.items() if code in members), None)
