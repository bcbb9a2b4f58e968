"""Which offers answer an alert, written as the product says it: slow, and independent of the offer index.

Only the words of a text and the form they share come from the platform; a table of pairs tests those.
"""

import html
from collections.abc import Iterator
from itertools import combinations

from worker.services.matching.criteria import Criteria
from worker.services.matching.normalise import tokens, words
from worker.services.matching.offers import SEARCHED_FIELDS, Offer
from worker.services.matching.plain_text import plain_text
from worker.services.matching.small_words import small_words
from worker.services.matching.stemming import Language, stem

NAMES = {
    "CM": {"cm", "cameroun", "cameroon"},
    "GA": {"ga", "gabon"},
    "GN": {"gn", "guinee", "guinea"},
    "GQ": {"gq", "guinee equatoriale", "equatorial guinea"},
    "TD": {"td", "tchad", "chad"},
}
CEMAC = {"CM", "GA", "GQ", "TD"}
REMOTE = {"remote", "teletravail", "a distance"}

Words = tuple[str, ...]


def answers(criteria: Criteria, offer: Offer) -> bool:
    """Keywords are alternatives, everything else must hold."""
    return (
        (not criteria.keywords or any(field_of(keyword, offer) for keyword in criteria.keywords))
        and (not criteria.job_types or offer.job_type in criteria.job_types)
        and (not criteria.location_types or offer.location_type in criteria.location_types)
        and is_at(criteria.location, offer)
        and pays(criteria, offer)
    )


def newest(offers: list[Offer]) -> list[Offer]:
    """Highest number first, offers without number last, then the higher id."""
    return sorted(offers, key=lambda offer: (offer.number or 0, offer.id), reverse=True)


def is_within(offer: Offer, above: int | None, upper_bound: int | None) -> bool:
    if above is None and upper_bound is None:
        return True
    lowest, highest = -1 if above is None else above, 10**9 if upper_bound is None else upper_bound
    return offer.number is not None and lowest < offer.number <= highest


def field_of(keyword: str, offer: Offer) -> str | None:
    """The first field with the keyword's words in order and adjacent, in the language of the offer, else in either."""
    languages = ("fr", "en") if offer.language not in {"fr", "en"} else (offer.language,)
    for field in SEARCHED_FIELDS:
        text = getattr(offer, field) or ""
        text = html.unescape(text) if field == "title" else plain_text(text)
        for language in languages:
            if occurs(keyword, text, "fr" if language == "fr" else "en"):
                return field
    return None


def occurs(keyword: str, text: str, language: Language) -> bool:
    """As it is written, or with compounds joined or parted: two in a keyword of one or two words, one in a longer."""
    asked = words(keyword)
    found = tokens(text, language)
    most = 0 if len(asked) > 6 else 2 if len(asked) < 3 else 1
    for wanted, changes in written_ways(asked, language):
        as_tokens = tuple(stem(word, language) for word in wanted)
        if asked and changes <= most and as_tokens in {found[i : i + len(wanted)] for i in range(len(found))}:
            return True
    return False


def written_ways(asked: Words, language: Language) -> Iterator[tuple[Words, int]]:
    if not asked:
        yield (), 0
        return
    first = asked[0]
    ways: list[tuple[Words, int, int]] = [((first,), 1, 0)]
    ways += [
        ((first[:cut], first[cut:]), 1, 1) for cut in range(len(first)) if is_pair(first[:cut], first[cut:], language)
    ]
    if len(asked) > 1 and is_pair(first, asked[1], language):
        ways += [((first + asked[1],), 2, 1), ((first.removesuffix("s") + asked[1],), 2, 1)]
    for way, consumed, change in ways:
        for rest, changes in written_ways(asked[consumed:], language):
            yield (*way, *rest), change + changes


def is_pair(first: str, second: str, language: Language) -> bool:
    if not (first.isalpha() and second.isalpha()) or len(first + second) > 24:
        return False
    if first == "e":
        return len(second) > 3
    is_small = {stem(first, language), stem(second, language)} & small_words(language)
    return len(first) >= 3 and len(second) >= 3 and not is_small


def is_at(location: str | None, offer: Offer) -> bool:
    """The whole names the place, or each of its parts does, a country's name at the end or the beginning being one."""
    if not location:
        return True
    whole = place(location)
    parts = [name for part in parted(location) if (name := place(part))]
    finer = [name for part in parts for name in without_country(part)]
    return bool(whole) and any(all(names(name, offer) for name in reading) for reading in ([whole], parts, finer))


def place(text: str) -> Words:
    found = words(text)
    return tuple("saint" if word == "st" and found[number + 1 :] else word for number, word in enumerate(found))


def parted(location: str) -> list[str]:
    return location.replace("(", ",").replace(")", ",").replace(";", ",").split(",")


def without_country(part: Words) -> list[Words]:
    if code_of(part) or " ".join(part) in REMOTE:
        return [part]
    behind = [cut for cut in range(1, len(part)) if code_of(part[cut:]) and len(" ".join(part[cut:])) > 2]
    before = [cut for cut in range(len(part), 0, -1) if code_of(part[:cut]) and len(" ".join(part[:cut])) > 2]
    cut = (behind or before or [0])[0]
    return [part[:cut], part[cut:]] if cut else [part]


def code_of(name: Words) -> str | None:
    return next((code for code, known in NAMES.items() if " ".join(name) in known), None)


def names(wanted: Words, offer: Offer) -> bool:
    remote = offer.location_type == "remote"
    written = location_of(offer)
    if " ".join(wanted) in REMOTE or (remote and not written):
        return remote
    at_last = next((code for part in reversed(parted(offer.location or "")) if (code := code_of(place(part)))), None)
    code = code_of(place(offer.country or "")) or at_last
    known = NAMES.get(code or "", set()) | ({"cemac"} if offer.zone == "CEMAC" or code in CEMAC else set())
    elsewhere = code and code_of(wanted) not in {None, code}
    return " ".join(wanted) in known or (not elsewhere and wanted in combinations(written, len(wanted)))


def location_of(offer: Offer) -> Words:
    parts = [place(part) for part in parted(offer.location or "")]
    if offer.location_type == "remote":
        parts = [part for part in parts if " ".join(part) not in REMOTE]
    return tuple(word for part in parts for word in part)


def pays(criteria: Criteria, offer: Offer) -> bool:
    """The ranges overlap in one currency; a missing bound is open, zero is missing, no currency is XAF, and FCFA is
    either franc.
    """
    if criteria.salary_min is None and criteria.salary_max is None:
        return True
    if not offer.salary_min and not offer.salary_max:
        return criteria.include_unspecified_salary
    below = bool(offer.salary_max and criteria.salary_min and offer.salary_max < criteria.salary_min)
    beyond = bool(offer.salary_min and criteria.salary_max and offer.salary_min > criteria.salary_max)
    paid = "XOF" if offer.currency == "XOF" else "XAF"
    accepted = {"XAF", "XOF"} if criteria.currency == "FCFA" else {criteria.currency or "XAF"}
    return paid in accepted and not below and not beyond
