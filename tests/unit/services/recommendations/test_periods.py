"""How long a position was held, and which town somebody lives in, from what people type."""

from datetime import date

import pytest

from worker.services.recommendations.periods import months_between
from worker.services.recommendations.towns import town

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2020-01", "2020-12", 12),
        ("2020-01", "2020-01", 1),
        ("2020-01-15", "2020-03-02", 3),
        ("01/2020", "12/2021", 24),
        ("15/01/2020", "31/03/2020", 3),
        ("2019", "2020", 24),
        ("2026-01", None, 11),
        ("2026-01", "  ", 11),
        ("2026-01", "2031-01", 11),
        ("2027-02", None, 0),
        ("2020-05", "2020-01", None),
        ("2020-13", "2020-12", None),
        ("janvier 2020", "2020-12", None),
        ("2020-01", "à ce jour", None),
        ("", "2020-12", None),
        ("20201", "2020-12", None),
    ],
)
def test_months_of_a_position(start: str, end: str | None, months: int | None) -> None:
    assert months_between(start, end, TODAY) == months


def test_a_current_position_lasts_until_today_whatever_its_end_says() -> None:
    assert months_between("2026-10", "2026-10", TODAY, is_current=True) == 2


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Libreville", "Libreville"),
        ("Libreville, Gabon", "Libreville, Gabon"),
        ("12 rue Ogouarouwé, Libreville, Gabon", "Libreville, Gabon"),
        ("Quartier Louis, Libreville", "Libreville"),
        ("BP 1234\nPort-Gentil", "Port-Gentil"),
        ("Immeuble Azur; Akwa; Douala; Cameroun", "Douala, Cameroun"),
        ("4 avenue Bouët", None),
        ("  ", None),
        (None, None),
    ],
)
def test_of_an_address_only_the_town_is_kept(written: str | None, kept: str | None) -> None:
    assert town(written) == kept
