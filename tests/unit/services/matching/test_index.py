import numpy as np
import pytest

from tests.factories.matching import match_many, newest_of
from tests.unit.services.matching.offering import prepared
from worker.services.matching.bits import row_of
from worker.services.matching.compiled import EVERYTHING, NOTHING, RowStore
from worker.services.matching.criteria import Criteria
from worker.services.matching.definition import matches
from worker.services.matching.index import OfferIndex

OFFERS = 1_000


@pytest.fixture(scope="module")
def index() -> OfferIndex:
    """Offer n has the words `pair` or `impair`, `w<n>`, and from 901 on the phrase `chef de projet`."""
    return OfferIndex(
        prepared(
            number,
            title=f"w{number} {'impair' if number % 2 else 'pair'}",
            description="Chef de projet" if number > 900 else "Projet du chef",
        )
        for number in range(1, OFFERS + 1)
    )


def numbers(index: OfferIndex, places: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> list[int | None]:
    return [index.offers[place].offer.number for place in places]


def test_the_newest_twenty_are_named_newest_first_and_all_are_counted(index: OfferIndex) -> None:
    matched = index.match([Criteria(keywords=("pair",)), Criteria(keywords=("w3", "w777", "w500")), Criteria()])
    assert matched.totals.tolist() == [500, 3, 1000]
    assert numbers(index, newest_of(matched, 0)) == [*range(1000, 960, -2)]
    assert numbers(index, newest_of(matched, 1)) == [777, 500, 3]
    assert numbers(index, newest_of(matched, 2)) == [*range(1000, 980, -1)]
    assert matched.starts.tolist() == [0, 20, 23, 43]


def test_each_alert_looks_above_its_own_mark_up_to_the_horizon(index: OfferIndex) -> None:
    watermarks = np.array([0, 990, 995, 64, 1000], dtype=np.int64)
    matched = index.match([Criteria(keywords=("pair",))] * 5, above=watermarks, upper_bound=995)
    assert matched.totals.tolist() == [497, 2, 0, 465, 0]
    assert numbers(index, newest_of(matched, 1)) == [994, 992]
    assert numbers(index, newest_of(matched, 0))[0] == 994
    assert matched.places.dtype == np.int32


def test_alerts_that_find_nothing_stand_between_those_that_do(index: OfferIndex) -> None:
    pair_below, nowhere = Criteria(keywords=("w2", "w4")), Criteria(keywords=("w6", "w7", "w8"), location="Dakar")
    newest, unknown = Criteria(keywords=("pair",)), Criteria(keywords=("inconnu",))
    watermarks = np.array([3, 0, 4, 994, 0, 998], dtype=np.int64)
    matched = index.match([pair_below, nowhere, pair_below, newest, unknown, newest], above=watermarks)
    assert matched.totals.tolist() == [1, 0, 0, 3, 0, 1]
    assert [numbers(index, newest_of(matched, alert)) for alert in range(6)] == [
        [4],
        [],
        [],
        [1000, 998, 996],
        [],
        [1000],
    ]


def test_a_phrase_is_exact(index: OfferIndex) -> None:
    assert match_many(Criteria(keywords=("chef de projet",)), index).total == 100
    assert match_many(Criteria(keywords=("projet du chef",)), index).total == 900
    assert match_many(Criteria(keywords=("de chef projet",)), index).total == 0
    assert match_many(Criteria(keywords=("pair projet",)), index).total == 0


def test_more_keywords_than_a_line_of_the_table_holds(index: OfferIndex) -> None:
    many = tuple(f"w{number}" for number in range(1, 61))
    matched = index.match([Criteria(keywords=many), Criteria(keywords=(*many, "inconnu"))], limit=100)
    assert matched.totals.tolist() == [60, 60]
    assert numbers(index, newest_of(matched, 0)) == [*range(60, 0, -1)]


def test_more_alerts_than_a_block_holds(index: OfferIndex) -> None:
    wanted = [Criteria(keywords=(f"w{number}", "inconnu")) for number in range(1, OFFERS + 1)] * 5
    matched = index.match(wanted)
    assert (matched.totals == 1).all()
    assert numbers(index, matched.places) == [*range(1, OFFERS + 1)] * 5


def test_alerts_of_one_call_may_need_more_rows_than_are_remembered() -> None:
    offers = [prepared(number, title=f"w{number}") for number in range(1, 301)]
    forgetful = OfferIndex(offers, most_row_bytes=400)
    wanted = [Criteria(keywords=(f"w{number}",)) for number in range(1, 301)] * 10
    for _ in range(2):
        assert numbers(forgetful, forgetful.match(wanted).places) == [*range(1, 301)] * 10


def test_known_criteria_are_compiled_once_and_equal_ones_share_their_rows(index: OfferIndex) -> None:
    asked = Criteria(keywords=("w1", "w2"), location="Douala")
    index.match([asked])
    used, compiled = index._compiler._store.bytes_used, len(index._compiler._numbers)
    index.match([asked] * 50)
    assert len(index._compiler._numbers) == compiled
    index.match([Criteria(keywords=("w1", "w2"), location="Douala") for _ in range(50)])
    assert index._compiler._store.bytes_used == used


def test_salaries_that_differ_in_one_member_are_told_apart() -> None:
    offers = [prepared(1, salary_min=3, salary_max=4), prepared(2, salary_max=9, currency="XOF"), prepared(3)]
    wanted = [
        Criteria(salary_min=low, salary_max=high, currency=currency, include_unspecified_salary=unspecified)
        for low in (None, 2, 5)
        for high in (None, 2, 9)
        for currency in (None, "XOF")
        for unspecified in (False, True)
    ]
    expected = [sum(matches(asked, offer) is not None for offer in offers) for asked in wanted]
    assert OfferIndex(offers).match(wanted).totals.tolist() == expected


def test_no_offers_and_no_alerts() -> None:
    nothing = OfferIndex([])
    assert nothing.match([]).totals.tolist() == []
    asked = [Criteria(), Criteria(keywords=("a",), location="Douala", salary_min=1)]
    assert nothing.match(asked, above=np.zeros(2, dtype=np.int64), upper_bound=5).totals.tolist() == [0, 0]
    assert OfferIndex([prepared(1)]).match([]).starts.tolist() == [0]


def test_the_largest_numbers_and_amounts_are_compared() -> None:
    largest = 2**63 - 1
    index = OfferIndex([prepared(2**62, salary_min=2**31 - 1)])
    asked = [Criteria(salary_min=largest), Criteria(salary_max=largest), Criteria(salary_max=1)]
    watermarks = np.array([0, 0, 0], dtype=np.int64)
    assert index.match(asked, above=watermarks, upper_bound=largest).totals.tolist() == [1, 1, 0]


def test_empty_rows_are_not_stored() -> None:
    store = RowStore(100)
    used = store.bytes_used
    assert store.add(None) == store.add(row_of([], 100)) == NOTHING
    assert store.bytes_used == used
    assert np.bitwise_count(store.rows[EVERYTHING]).sum() == 100
    assert store.add(row_of([99], 100)) == 2
