import pytest

from worker.services.matching.plain_text import plain_text


@pytest.mark.parametrize(
    ("fragment", "seen"),
    [
        ("<p>Java</p><p>Python</p>", "Java Python"),
        ("Excel<br/>Word", "Excel Word"),
        ("<strong>C</strong>++ et <em>C</em>#", "C++ et C#"),
        ("d&eacute;veloppeur R&amp;D &#8217;", "développeur R&D ’"),
        ("&lt;b&gt; reste", "<b> reste"),
        ("salaire < 500 000 et > 300 000", "salaire < 500 000 et > 300 000"),
        ('<a href="https://example.org/java">lien</a>', "lien"),
        ("a <!-- java > php --> b", "a b"),
        ("a<style>p {color: red}</style><SCRIPT>java()</SCRIPT>b", "a b"),
        ("a <script>java()", "a"),
        ("a <scripted>b", "a b"),
        ("a <p java", "a <p java"),
        ("a --> b", "a b"),
        ("Chef<o:p></o:p> de <st1:place w:st='on'>projet</st1:place>", "Chef de projet"),
        ('<?xml:namespace prefix = o ns = "urn:office" /><p>a', "a"),
        ("<![if !supportLists]>a<![endif]>", "a"),
        ("<!--[if mso]><xml>x</xml><![endif]-->a", "a"),
        ("&#000000065;&#66;", "AB"),
        ("", ""),
    ],
)
def test_what_a_reader_sees(fragment: str, seen: str) -> None:
    assert " ".join(plain_text(fragment).split()) == seen


@pytest.mark.parametrize("opening", ["<!--", "<script>", "<p", "&", "<b><", "<?", "<!", "<o:", "&#"])
def test_a_megabyte_of_unclosed_marks_takes_no_quadratic_time(opening: str) -> None:
    fragment = opening * (1_000_000 // len(opening))
    assert len(plain_text(fragment)) <= len(fragment)
