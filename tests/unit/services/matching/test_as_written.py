"""Offers as employers of the region write them are found by what candidates of the region write."""

from typing import Any

import pytest

from tests.factories.matching import match_many
from tests.factories.searches_as_written import EVERYTHING
from tests.unit.services.matching.offering import match, prepared
from worker.services.matching.criteria import parse_criteria
from worker.services.matching.index import OfferIndex


@pytest.mark.parametrize(("fields", "asked", "expected"), EVERYTHING)
def test_an_offer_answers_or_does_not(fields: dict[str, Any], asked: dict[str, Any], *, expected: bool) -> None:
    criteria = parse_criteria(asked)
    assert criteria.ignored == ()
    assert (match(criteria, **fields) is not None) is expected
    assert match_many(criteria, OfferIndex([prepared(**fields)])).total == expected
