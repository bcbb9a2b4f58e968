r"""What readers see of a commentary.

The sheet of facts: these fifteen are escaped by a backslash everywhere in user text: \ | { } @ [ ] ( ) < > # * _ ~
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.emulators.linkedin.little_text import escaped, parse

RESERVED = ("\\", "|", "{", "}", "@", "[", "]", "(", ")", "<", ">", "#", "*", "_", "~")
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(RESERVED), st.characters(exclude_categories=["Cs"])))
WORDS = st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=20)


def escape(text: str) -> str:
    return "".join(f"\\{character}" if character in RESERVED else character for character in text)


@given(TEXTS)
def test_what_is_escaped_is_seen_as_it_was(text: str) -> None:
    seen = parse(escape(text))
    assert (seen.visible, seen.cut, seen.hashtags, seen.mentions) == (text, False, (), ())
    assert escaped(text) == escape(text)


@given(TEXTS, WORDS, TEXTS)
def test_elements_stand_between_texts(before: str, word: str, after: str) -> None:
    for sign in ("#", "\\#"):
        seen = parse(f"{escape(before)}{{hashtag|{sign}|{word}}}{escape(after)}")
        assert (seen.visible, seen.hashtags, seen.cut) == (f"{before}#{word}{after}", (word,), False)
    seen = parse(f"{escape(before)} #{word} {escape(after)}")
    assert (seen.visible, seen.hashtags, seen.cut) == (f"{before} #{word} {after}", (word,), False)
    seen = parse(f"{escape(before)}@[{escape(word + ' (x)')}](urn:li:organization:7){escape(after)}")
    assert (seen.visible, seen.cut) == (f"{before}{word} (x){after}", False)
    assert seen.mentions == ("urn:li:organization:7",)


@given(TEXTS, st.sampled_from([sign for sign in RESERVED if sign not in "\\#"]), TEXTS)
def test_an_unescaped_character_ends_the_text(before: str, sign: str, after: str) -> None:
    seen = parse(f"{escape(before)}{sign} {escape(after)}")
    assert (seen.visible, seen.cut) == (before, True)
    assert (seen.raw.startswith(seen.kept), parse(seen.kept).visible) == (True, before)


@pytest.mark.parametrize(
    ("raw", "visible", "hashtags"),
    [
        ("Développeur (H/F) à Douala", "Développeur ", ()),
        (r"Développeur \(H/F\) à Douala", "Développeur (H/F) à Douala", ()),
        (r"a \b", "a ", ()),
        ("a \\", "a ", ()),
        ("a # b", "a ", ()),
        ("a #", "a ", ()),
        ("#Emploi #Énergie2", "#Emploi #Énergie2", ("Emploi", "Énergie2")),
        ("#Emploi_Douala", "#Emploi", ("Emploi",)),
        ("#Emploi, #CDI.", "#Emploi, #CDI.", ("Emploi", "CDI")),
        ("＃Emploi", "＃Emploi", ()),
        ("{hashtag|＃|Emploi}", "＃Emploi", ("Emploi",)),
        (r"{hashtag|\#|C\#}", "#C#", ("C#",)),
        ("a {hashtag|Emploi} b", "a ", ()),
        ("a {other|#|Emploi} b", "a ", ()),
        ("a {hashtag|#|Emploi", "a ", ()),
        ("Chez @[Exemple SA](urn:li:organization:7) !", "Chez Exemple SA !", ()),
        ("Chez @[Exemple SA] (urn:li:organization:7) !", "Chez ", ()),
        ("Chez @[Exemple SA](urn:li:share:7) !", "Chez ", ()),
        ("awa@exemple.cm", "awa", ()),
        ("https://x.cm/a?utm_source=b", "https://x.cm/a?utm", ()),
        ("🚀 👩🏽‍💻 → ✅", "🚀 👩🏽‍💻 → ✅", ()),
        ("", "", ()),
    ],
)
def test_texts(raw: str, visible: str, hashtags: tuple[str, ...]) -> None:
    seen = parse(raw)
    assert (seen.visible, seen.hashtags) == (visible, hashtags)


def test_the_vector_of_the_documentation() -> None:
    raw = r"Développeur \(H/F\) C\# \[CDI\] a\_b\*c\~d \@x \<y\> \{z\} \| \\ 100%"
    assert parse(raw).visible == r"Développeur (H/F) C# [CDI] a_b*c~d @x <y> {z} | \ 100%"
    assert escaped(parse(raw).visible) == raw
