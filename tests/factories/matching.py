"""What one alert finds among many offers, by the index and with the reasons of the definition."""

from dataclasses import dataclass

import numpy as np

from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import MOST_SHOWN, Found, matches
from worker.services.matching.index import OfferIndex


@dataclass(frozen=True, slots=True)
class MatchResult:
    """`top` holds the newest matches, `more` counts the matches beyond them."""

    total: int
    top: tuple[Found, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.top)


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
    shown = (offers.offers[position] for position in matched.top(0))
    top = tuple(Found(prepared.offer, match) for prepared in shown if (match := matches(criteria, prepared)))
    return MatchResult(int(matched.totals[0]), top)
