"""Employers' texts on public pages: harmless, bounded, readable."""

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.hostile_markup import KINDS
from tests.factories.markup import Structure
from worker.services.publishing.careers import texts, wording
from worker.services.publishing.careers.rows import Offer

MOST = 9_000
SHOWN = {"a", "b", "br", "em", "h3", "i", "li", "ol", "p", "strong", "u", "ul"}
# A crowded machine makes a try dearer, never cheaper.
TRIES, SECONDS = 3, 0.5


def shown(source: str, most: int = MOST) -> str:
    return texts.fitted(source, most)[0]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Une ligne", "<p>Une ligne</p>"),
        ("Un\r\nDeux\n\n\nTrois", "<p>Un<br>Deux</p><p>Trois</p>"),
        ("Missions :\n• Un\n- Deux\n– Trois", "<p>Missions :</p><ul><li>Un</li><li>Deux</li><li>Trois</li></ul>"),
        ("R&amp;D <500 000 & plus>", "<p>R&amp;D &lt;500 000 &amp; plus&gt;</p>"),
        ("<p>Un <b>mot</b></p><p> </p>", "<p>Un <b>mot</b></p>"),
        ("<h1>Titre</h1><div>Texte</div>", "<h3>Titre</h3><p>Texte</p>"),
        ("<ul><li>un<li>deux", "<ul><li>un</li><li>deux</li></ul>"),
        ("Une<br>deux", "Une<br>deux"),
        ("Une\r\n<b>deux</b>\ntrois", "Une<br><b>deux</b><br>trois"),
        ("<p>x<script>alert(1)</script><style>p{}</style></p>", "<p>x</p>"),
        ("<p>x</p><img src=x onerror=alert(1)>", "<p>x</p>"),
        ("<p onclick=x style='color:red' class=y>x</p>", "<p>x</p>"),
        ("<p>\u202egauche\u0007 &#8238;x</p>", "<p>gauche x</p>"),
        ("\u202egauche", "<p>gauche</p>"),
        (None, ""),
        ("   \n ", ""),
    ],
)
def test_what_becomes_of_a_text(source: str | None, html: str) -> None:
    assert texts.fitted(source, MOST) == (html, True)


def test_links_lead_to_the_web_or_to_a_mailbox() -> None:
    made = shown(
        "<p><a href='https://a.example/?x=1&y=2' target=_top>a</a> <a href='javascript:alert(1)'>b</a> "
        "<a href='java&#10;script:alert(1)'>c</a> <a href='/relative'>d</a> <a href='data:text/html,x'>e</a> "
        "<a href='mailto:rh@a.example'>f</a></p>"
    )
    assert Structure(made).addresses == ["https://a.example/?x=1&y=2", "mailto:rh@a.example"]
    assert 'rel="nofollow noopener noreferrer ugc"' in made


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_markup_costs_little_and_leaves_nothing_harmful(kind: str) -> None:
    source = KINDS[kind](texts.LONGEST_SOURCE)[: texts.LONGEST_SOURCE]
    for _ in range(TRIES):
        began = time.process_time()
        made = shown(source)
        if (spent := time.process_time() - began) < SECONDS:
            break
    assert spent < SECONDS
    assert len(made.encode()) <= MOST
    refuse_harm(made)


def refuse_harm(html: str) -> None:
    structure = Structure(html)
    assert {tag.removeprefix("/") for tag, *_ in structure.tags} <= SHOWN
    assert {name for tag in structure.tags for name in tag[1:]} <= {"href", "rel"}
    assert all(re.match("https?:|mailto:", address) for address in structure.addresses)


PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<ul><li>", "<script>", "<a href=javascript:x>", "<!--", "&lt;", "<"]
    )
    | st.text(max_size=20)
).map("".join)


def test_blanks_of_every_kind_are_passed_over_quickly() -> None:
    for blank in ("\xa0", " ", "&nbsp;", "<br>", "\u2003"):
        began = time.process_time()
        shown(f"<p>{blank * 1_000}x</p>")
        assert time.process_time() - began < 1


@given(PIECES, st.integers(0, 300))
def test_any_text_fits_and_is_harmless(source: str, most: int) -> None:
    made, _ = texts.fitted(source, most)
    assert len(made.encode()) <= most
    refuse_harm(made)


@pytest.mark.parametrize("text", ["mot " * 20_000, "<p>mot " * 10_000, "é" * 50_000, "<br>" * 20_000])
def test_a_long_text_is_cut_and_says_so(text: str) -> None:
    made, is_whole = texts.fitted(text, MOST)
    assert not is_whole
    assert len(made.encode()) <= MOST


def test_a_summary_is_one_line_cut_on_a_word() -> None:
    assert texts.summary("<p>Tenue&nbsp;des\n<b>comptes</b></p>", 100) == "Tenue\xa0des comptes"
    assert texts.summary("un deux, trois quatre", 14) == "un deux…"
    assert texts.summary(None, 10) == ""


def titles(offer: Offer) -> Sequence[str]:
    return [each.title for each in wording.offer_texts(offer).sections]


def test_what_one_field_repeats_of_another_is_shown_once() -> None:
    offer = Offer(
        1,
        "Comptable",
        description="Nous recrutons.\n\nTenir les comptes.",
        mission_principale="tenir  les <b>comptes</b>.",
        requirements="• Bac+3\n• Rigueur",
        profil_formation="Bac+3",
        profil_autre="Permis B",
    )
    assert titles(offer) == ["Le poste", "Profil recherché", "Autres critères"]


def test_sections_share_one_bound() -> None:
    offer = Offer(1, "Comptable", description="mot " * 5_000, requirements="autre " * 5_000, benefits="Prime")
    found = wording.offer_texts(offer)
    assert not found.is_whole
    assert sum(len(each.body.encode()) for each in found.sections) <= wording.LONGEST_TEXTS
    joined = wording.joined(found, "fr", 1_000)
    assert joined.startswith("<p><strong>Le poste</strong></p>")
