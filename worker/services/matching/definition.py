"""Which offers answer an alert, and why: the one definition behind previews, statistics and runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.services.matching.criteria import Criteria
from worker.services.matching.currencies import accepted
from worker.services.matching.offers import REMOTE, Offer, PreparedOffer
from worker.services.matching.places import Place, contains_in_order, readings
from worker.services.matching.spellings import spellings

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """A keyword as the alert writes it, and the first field of the offer it occurs in."""

    keyword: str
    field: str


@dataclass(frozen=True, slots=True)
class Match:
    """Why an offer answers an alert; without keywords the other criteria alone decided and `reasons` is empty."""

    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    offer: Offer
    match: Match


def matches(criteria: Criteria, prepared: PreparedOffer) -> Match | None:
    """The match of one offer, or None. Whether the offer is open (published and unexpired) is not asked here."""
    if not _meets(criteria, prepared):
        return None
    if not criteria.keywords:
        return Match()
    reasons = tuple(_reasons(criteria.keywords, prepared))
    return Match(reasons) if reasons else None


def _meets(criteria: Criteria, prepared: PreparedOffer) -> bool:
    """Whether everything but the keywords holds."""
    if criteria.job_types and prepared.job_type not in criteria.job_types:
        return False
    if criteria.location_types and prepared.location_type not in criteria.location_types:
        return False
    return _pays(criteria, prepared) and _is_at(criteria.location, prepared)


def _reasons(keywords: Iterable[str], prepared: PreparedOffer) -> Iterator[Reason]:
    known = {word for text in prepared.texts for word in text.sequence.split()}
    for keyword in keywords:
        for text in prepared.texts:
            if any(each.sequence in text.sequence for each in spellings(keyword, text.language, known)):
                yield Reason(keyword, text.field)
                break


def _pays(criteria: Criteria, prepared: PreparedOffer) -> bool:
    """Whether the monthly ranges overlap in one currency; a missing bound is open, a missing currency is XAF."""
    low, high = criteria.salary_min, criteria.salary_max
    if low is None and high is None:
        return True
    if prepared.salary_min is None and prepared.salary_max is None:
        return criteria.include_unspecified_salary
    if prepared.currency not in accepted(criteria.currency):
        return False
    too_little = low is not None and prepared.salary_max is not None and prepared.salary_max < low
    too_much = high is not None and prepared.salary_min is not None and prepared.salary_min > high
    return not too_little and not too_much


def _is_at(location: str | None, prepared: PreparedOffer) -> bool:
    """Whether all places of one of the criterion's readings are the offer's."""
    return not location or any(all(_names(place, prepared) for place in each) for each in readings(location))


def _names(place: Place, prepared: PreparedOffer) -> bool:
    remote = prepared.location_type == REMOTE
    if place.is_remote or (remote and not prepared.location):
        return remote
    words_count = not place.homes or prepared.country is None or prepared.country in place.homes
    return place.name in prepared.area or (words_count and contains_in_order(prepared.location, place.name))
