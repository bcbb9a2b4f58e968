"""What one alert finds among many offers, by the index and with the reasons of the definition."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import MOST_SHOWN, Found, matches
from worker.services.matching.index import Matched, OfferIndex
from worker.services.matching.offers import PUBLISHED, Offer, prepare


@dataclass(frozen=True, slots=True)
class MatchResult:
    """`top` holds the newest matches, `more` counts the matches beyond them."""

    total: int
    top: tuple[Found, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.top)


def is_open(offer: Offer, now: datetime) -> bool:
    """Published and not expired at `now`: the offers that previews, statistics and runs look at."""
    unexpired = offer.expires_at is None or offer.expires_at > now
    return unexpired and (offer.status or "").strip().lower() == PUBLISHED


def index_of_open(offers: Iterable[Offer], *, now: datetime) -> OfferIndex:
    """The index of the offers that are open at `now`."""
    return OfferIndex(prepare(offer) for offer in offers if is_open(offer, now))


def newest_of(matched: Matched, alert: int) -> NDArray[np.int32]:
    """The newest matches of one alert, newest first."""
    return matched.places[matched.starts[alert] : matched.starts[alert + 1]]


def match_many(
    criteria: Criteria,
    offers: OfferIndex,
    *,
    limit: int = MOST_SHOWN,
    above: int | None = None,
    upper_bound: int | None = None,
) -> MatchResult:
    """All matches counted and the newest `limit` of them shown.

    `above` and `upper_bound` bound the offers' numbers (above < number <= upper_bound) as a run does; an offer without
    number lies outside any bound.
    """
    watermarks = None if above is None else np.array([above], dtype=np.int64)
    matched = offers.match((criteria,), above=watermarks, upper_bound=upper_bound, limit=limit)
    shown = (offers.offers[position] for position in newest_of(matched, 0))
    top = tuple(Found(prepared.offer, match) for prepared in shown if (match := matches(criteria, prepared)))
    return MatchResult(int(matched.totals[0]), top)
