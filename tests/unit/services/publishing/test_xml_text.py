"""What is written as XML is read again as it was, whatever it is."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from worker.services.publishing.xml_text import HEAD, element, legal

# XML 1.0, production 2.
CHARACTERS = frozenset(
    {0x9, 0xA, 0xD, *range(0x20, 0xD800), *range(0xE000, 0xFFFE), *range(0x10000, 0x110000)},
)
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"


def read(written: str) -> str:
    return etree.fromstring((HEAD + written).encode()).text or ""


def reference(text: str) -> str:
    return "".join(character for character in text if ord(character) in CHARACTERS)


@given(st.text(st.characters(), max_size=60))
@example("Chef\x03 de projet")
@example("R&D <Lead>")
@example(f"Famille {FAMILY}")
@example("]]>")
@example("]]\x00>")
@example("]]\r>")
@example("]]]]>>\r\n&amp;<![CDATA[x]]>")
@example("https://example.org/?a=1&b=2&c=3")
@example("\ufffe\uffff\ud800\x0b\x0c\x85\u2028")
def test_every_text_is_read_as_it_was_but_for_illegal_characters(text: str) -> None:
    assert read(element("title", text)) == reference(text)


@pytest.mark.parametrize("plane", range(17))
def test_no_character_is_taken_for_another(plane: int) -> None:
    every = "".join(map(chr, range(plane * 0x10000, (plane + 1) * 0x10000)))
    assert legal(every) == reference(every)


def test_marks_of_names_stay() -> None:
    for name in ("Éloïse N’Guéssan", unicodedata.normalize("NFD", "Éloïse"), "مهندس", "工程师"):
        assert read(element("company", name)) == name
