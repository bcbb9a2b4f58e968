"""Text of others."""

import pytest

from worker.kit.words import decoded


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("R&amp;D &#8211; qualit&eacute;", "R&D – qualité"),
        ("&amp;amp;", "&amp;"),
        ("&#117;&#x75;&#X75;", "uuu"),
        (f"&#{'0' * 5000}117; &#x{'0' * 5000}75;", "u u"),
        (f"a&#{'1' * 5000};b", "a\ufffdb"),
        (f"a&#x{'f' * 5000};b", "a\ufffdb"),
        ("&#99999999;", "\ufffd"),
        ("&# &#x &; & 100 %", "&# &#x &; & 100 %"),
    ],
)
def test_character_references_are_read_once(written: str, read: str) -> None:
    assert decoded(written) == read
