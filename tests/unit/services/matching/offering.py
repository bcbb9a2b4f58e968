"""Offers for the tests of matching."""

from typing import Any

from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import Match, matches
from worker.services.matching.offers import Offer, PreparedOffer, prepare


def offer(number: int = 1, **fields: Any) -> Offer:
    """An open offer in French whose id is 1000 + number."""
    usual: dict[str, Any] = {"title": "Poste", "language": "fr", "job_type": "full_time", "location_type": "on_site"}
    return Offer(**usual | {"id": 1000 + number, "number": number} | fields)


def prepared(number: int = 1, **fields: Any) -> PreparedOffer:
    return prepare(offer(number, **fields))


def has_keyword(keyword: str, text: str, language: str | None = "fr") -> bool:
    """Whether an alert for this keyword alone matches an offer with this description."""
    return matches(Criteria(keywords=(keyword,)), prepared(description=text, language=language)) is not None


def match(criteria: Criteria, **fields: Any) -> Match | None:
    return matches(criteria, prepared(**fields))
