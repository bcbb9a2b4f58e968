"""Columns that travel as one parameter, read back by Postgres' rules as far as they are used."""

from hypothesis import given
from hypothesis import strategies as st

from worker.kit.columns import SEPARATOR, numbers, texts


def test_numbers_with_gaps() -> None:
    assert numbers([1, None, -3]) == "{1,NULL,-3}"
    assert numbers([]) == "{}"


@given(st.lists(st.text(st.characters(exclude_characters=SEPARATOR)), min_size=1))
def test_texts_come_back_whatever_they_hold(values: list[str]) -> None:
    assert texts(values).split(SEPARATOR) == values


def test_the_separator_inside_a_text_never_makes_two_of_it() -> None:
    assert texts([f"Python{SEPARATOR}Libreville", "b"]).split(SEPARATOR) == ["Python Libreville", "b"]
