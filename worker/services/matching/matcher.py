"""What one alert finds among many offers, by the index and with the reasons of the definition."""

import numpy as np

from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import MOST_SHOWN, Found, MatchResult, matches
from worker.services.matching.index import OfferIndex


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
    marks = None if above is None else np.array([above], dtype=np.int64)
    matched = offers.match((criteria,), above=marks, horizon=horizon, limit=limit)
    shown = (offers.offers[position] for position in matched.top(0))
    top = tuple(Found(prepared.offer, match) for prepared in shown if (match := matches(criteria, prepared)))
    return MatchResult(int(matched.totals[0]), top)
