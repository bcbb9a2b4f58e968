"""Which offers answer an alert, and why: the one definition behind previews, statistics and runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from worker.services.matching.criteria import Criteria
from worker.services.matching.normalise import LANGUAGES, phrase
from worker.services.matching.offers import DEFAULT_CURRENCY, Offer, PreparedOffer, is_open, newest_first, prepare
from worker.services.matching.places import Name, contains_in_order, is_remote, named_places

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


@dataclass(frozen=True, slots=True)
class MatchResult:
    """`top` holds the newest matches, `more` counts the matches beyond them."""

    total: int
    top: tuple[Found, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.top)


def matches(criteria: Criteria, prepared: PreparedOffer) -> Match | None:
    """The match of one offer, or None. Whether the offer is open (`offers.is_open`) is not asked here."""
    if not _meets(criteria, prepared):
        return None
    if not criteria.keywords:
        return Match()
    reasons = tuple(_reasons(criteria.keywords, prepared))
    return Match(reasons) if reasons else None


class OfferIndex:
    """Offers newest first, with a bitmap of offers (newest = bit 0) per token, job type and kind of place.

    The bitmaps only leave out offers that cannot match; `matches` decides about the others.
    """

    def __init__(self, offers: Iterable[PreparedOffer]) -> None:
        self.offers = tuple(sorted(offers, key=newest_first))
        self._all = (1 << len(self.offers)) - 1
        self._bits: dict[tuple[str, str], int] = {}
        for position, prepared in enumerate(self.offers):
            for key in _keys(prepared):
                self._bits[key] = self._bits.get(key, 0) | 1 << position

    @classmethod
    def of_open(cls, offers: Iterable[Offer], *, now: datetime) -> "OfferIndex":
        """The index of the published offers that have not expired at `now`."""
        return cls(prepare(offer) for offer in offers if is_open(offer, now))

    def candidates(self, criteria: Criteria) -> Iterator[PreparedOffer]:
        """Every offer that matches, newest first, and some that may not."""
        remaining = self._all
        for kind, wanted in (("job_type", criteria.job_types), ("location_type", criteria.location_types)):
            remaining &= self._any_of(kind, wanted) if wanted else self._all
        if criteria.keywords:
            remaining &= self._with_words(criteria.keywords)
        while remaining:
            lowest = remaining & -remaining
            yield self.offers[lowest.bit_length() - 1]
            remaining ^= lowest

    def _any_of(self, kind: str, wanted: Iterable[str]) -> int:
        found = 0
        for value in wanted:
            found |= self._bits.get((kind, value), 0)
        return found

    def _with_words(self, keywords: Iterable[str]) -> int:
        """The offers that hold all words of one of the keywords, in any order and field."""
        found = 0
        for keyword in keywords:
            for language in LANGUAGES:
                wanted = phrase(keyword, language).split()
                holding = self._all if wanted else 0
                for token in wanted:
                    holding &= self._bits.get((language, token), 0)
                found |= holding
        return found


def match_many(
    criteria: Criteria,
    offers: OfferIndex,
    *,
    limit: int = MOST_SHOWN,
    above: int | None = None,
    horizon: int | None = None,
) -> MatchResult:
    """All matches counted and the newest `limit` of them shown.

    `above` and `horizon` bound the offers' numbers (above < number <= horizon) as a run does; an offer without
    number lies outside any bound.
    """
    total = 0
    top: list[Found] = []
    for prepared in offers.candidates(criteria):
        if not _is_between(prepared.offer.number, above, horizon):
            continue
        if len(top) == limit:
            total += _answers(criteria, prepared)
        elif match := matches(criteria, prepared):
            total += 1
            top.append(Found(prepared.offer, match))
    return MatchResult(total, tuple(top))


def _is_between(number: int | None, above: int | None, horizon: int | None) -> bool:
    if above is None and horizon is None:
        return True
    return number is not None and (above is None or number > above) and (horizon is None or number <= horizon)


def _answers(criteria: Criteria, prepared: PreparedOffer) -> bool:
    """Whether `matches` finds a match, without looking for every reason."""
    return _meets(criteria, prepared) and (
        not criteria.keywords or any(True for _ in _reasons(criteria.keywords, prepared))
    )


def _meets(criteria: Criteria, prepared: PreparedOffer) -> bool:
    """Whether everything but the keywords holds."""
    if criteria.job_types and prepared.job_type not in criteria.job_types:
        return False
    if criteria.location_types and prepared.location_type not in criteria.location_types:
        return False
    return _pays(criteria, prepared) and _is_at(criteria.location, prepared)


def _reasons(keywords: Iterable[str], prepared: PreparedOffer) -> Iterator[Reason]:
    for keyword in keywords:
        for text in prepared.texts:
            wanted = phrase(keyword, text.language)
            if wanted and wanted in text.sequence:
                yield Reason(keyword, text.field)
                break


def _pays(criteria: Criteria, prepared: PreparedOffer) -> bool:
    """Whether the monthly ranges overlap in one currency; a missing bound is open, a missing currency is XAF."""
    low, high = criteria.salary_min, criteria.salary_max
    if low is None and high is None:
        return True
    if prepared.salary_min is None and prepared.salary_max is None:
        return criteria.include_unspecified_salary
    if prepared.currency != (criteria.currency or DEFAULT_CURRENCY):
        return False
    too_little = low is not None and prepared.salary_max is not None and prepared.salary_max < low
    too_much = high is not None and prepared.salary_min is not None and prepared.salary_min > high
    return not too_little and not too_much


def _is_at(location: str | None, prepared: PreparedOffer) -> bool:
    """Whether the whole criterion names the offer's place, or each of its comma-separated parts does."""
    whole, parts = named_places(location or "")
    if not whole:
        return not location
    return _names(whole, prepared) or (len(parts) > 1 and all(_names(part, prepared) for part in parts))


def _names(place: Name, prepared: PreparedOffer) -> bool:
    remote = prepared.location_type == "remote"
    if is_remote(place) or (remote and not prepared.location):
        return remote
    return contains_in_order(prepared.location, place) or place in prepared.area


def _keys(prepared: PreparedOffer) -> set[tuple[str, str]]:
    keys = {("job_type", prepared.job_type), ("location_type", prepared.location_type)}
    for text in prepared.texts:
        keys.update((text.language, token) for token in text.sequence.split())
    return keys
