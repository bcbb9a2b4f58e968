"""LinkedIn's markup: what is escaped is shown as it was written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.providers.linkedin.little_text import RESERVED, escape, hashtags, unescape


def test_fifteen_characters_are_reserved() -> None:
    assert sorted(RESERVED) == sorted("\\|{}@[]()<>#*_~")
    assert len(RESERVED) == 15


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            "Développeur (H/F) C# [CDI] a_b*c~d @x <y> {z} | \\ 100%",
            r"Développeur \(H/F\) C\# \[CDI\] a\_b\*c\~d \@x \<y\> \{z\} \| \\ 100%",
        ),
        ("Comptable\n👩‍💻 Douala — 250 000 XAF/mois", "Comptable\n👩‍💻 Douala — 250 000 XAF/mois"),
        ("", ""),
    ],
)
def test_only_reserved_characters_are_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@given(st.text())
def test_nothing_reserved_stands_alone_and_nothing_is_lost(text: str) -> None:
    escaped = escape(text)
    assert unescape(escaped) == text
    assert not set(re.sub(r"\\.", "", escaped, flags=re.DOTALL)) & set(RESERVED)


def test_hashtags_are_real_ones() -> None:
    assert hashtags(("Emploi", "Développement", "237")) == "#Emploi #Développement #237"
    assert hashtags(()) == ""
    assert hashtags(("C#",)) == "#C\\#"
