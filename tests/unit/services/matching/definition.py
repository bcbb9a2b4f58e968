"""Which offers answer an alert, written as the product says it and nothing more: slow, and independent of the matcher.

Only the words of a text and the form they share come from the platform; a table of pairs tests those.
"""

import html
from itertools import combinations

from worker.services.matching.criteria import Criteria
from worker.services.matching.normalise import tokens, words
from worker.services.matching.offers import SEARCHED_FIELDS, Offer
from worker.services.matching.plain_text import plain_text

NAMES = {"CM": {"cm", "cameroun", "cameroon"}, "GA": {"ga", "gabon"}, "TD": {"td", "tchad", "chad"}}
REMOTE = {"remote", "teletravail", "a distance"}


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


def is_within(offer: Offer, above: int | None, horizon: int | None) -> bool:
    if above is None and horizon is None:
        return True
    lowest, highest = -1 if above is None else above, 10**9 if horizon is None else horizon
    return offer.number is not None and lowest < offer.number <= highest


def field_of(keyword: str, offer: Offer) -> str | None:
    """The first field with the keyword's words in order and adjacent, in the language of the offer, else in either."""
    languages = ("fr", "en") if offer.language not in {"fr", "en"} else (offer.language,)
    for field in SEARCHED_FIELDS:
        text = getattr(offer, field) or ""
        text = html.unescape(text) if field == "title" else plain_text(text)
        for language in languages:
            wanted = tokens(keyword, "fr" if language == "fr" else "en")
            found = tokens(text, "fr" if language == "fr" else "en")
            if wanted and wanted in {found[i : i + len(wanted)] for i in range(len(found))}:
                return field
    return None


def is_at(location: str | None, offer: Offer) -> bool:
    if not location:
        return True
    if not words(location):
        return False
    parts = [part for part in location.replace("(", ",").replace(")", ",").replace(";", ",").split(",") if words(part)]
    return names(location, offer) or (len(parts) > 1 and all(names(part, offer) for part in parts))


def names(place: str, offer: Offer) -> bool:
    wanted, written = words(place), words(offer.location or "")
    remote = offer.location_type == "remote"
    if " ".join(wanted) in REMOTE or (remote and not written):
        return remote
    code = {"CM": "CM", "GA": "GA", "td": "TD", "Cameroun": "CM"}.get(offer.country or "", "")
    known = NAMES.get(code, set()) | ({"cemac"} if offer.zone == "CEMAC" or code else set())
    return wanted in combinations(written, len(wanted)) or " ".join(wanted) in known


def pays(criteria: Criteria, offer: Offer) -> bool:
    """The ranges overlap in one currency; a missing bound is open, zero is missing, no currency is XAF."""
    if criteria.salary_min is None and criteria.salary_max is None:
        return True
    if not offer.salary_min and not offer.salary_max:
        return criteria.include_unspecified_salary
    below = bool(offer.salary_max and criteria.salary_min and offer.salary_max < criteria.salary_min)
    beyond = bool(offer.salary_min and criteria.salary_max and offer.salary_min > criteria.salary_max)
    return (criteria.currency or "XAF") == (offer.currency or "XAF") and not below and not beyond
