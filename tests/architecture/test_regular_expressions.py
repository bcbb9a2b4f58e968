"""Regular expressions mean the same on every Python that the platform runs on."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
ROOMS = ("api_min", "models", "sandbox", "tasks", "worker")
# Python before 3.11.5 (Debian 12 has 3.11.2) does not match what it should when a possessive or atomic group
# backtracks inside. A possessive quantifier of a single character or class does not.
POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{\{?\d[\d,]*\}?\})\+|\(\?>")


@pytest.mark.parametrize("room", ROOMS)
def test_no_group_is_possessive(room: str) -> None:
    found = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in sorted((CHECKOUT / room).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if POSSESSIVE_GROUP.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "expression", [r"(?:a|b)*+", r"(a+)++", r"(?:a)?+", r"(?:a){1,4}+", r"(?:a){{1,4}}+", r"(?>a)"]
)
def test_a_possessive_group_is_found(expression: str) -> None:
    assert POSSESSIVE_GROUP.search(expression)
