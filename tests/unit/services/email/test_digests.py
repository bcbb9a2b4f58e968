"""Digests as they are read: numbers, languages, and values that must not become structure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from worker.kit.settings import Settings
from worker.services.email.rendering.contexts import DigestContext
from worker.services.email.rendering.digest_data import DigestData
from worker.services.email.rendering.digests import Digests
from worker.services.email.rendering.offers import Offers
from worker.services.email.rendering.rendered import Rendered

SETTINGS = Settings(database_url="postgresql://nowhere/none", frontend_url="https://www.intowork.example/")
OFFER: Mapping[str, Any] = {
    "title": "Comptable",
    "company": "Gabon Numérique",
    "location": "Libreville",
    "location_type": "hybrid",
    "job_type": "full_time",
    "salary_min": 650_000,
    "salary_max": 900_000,
    "currency": "XAF",
    "posted_at": datetime(2026, 11, 23, 23, 30, tzinfo=UTC),
}
LARGEST = 90_000


def digest(
    shown: int = 1,
    more: int = 0,
    *,
    locale: str = "fr",
    name: str = "Compta",
    first_name: str = "Awa",
    frequency: str = "weekly",
    **changes: Any,
) -> Rendered:
    offers = {number: {**OFFER, **changes, "id": number} for number in range(1, shown + 1)}
    context = {"alert_name": name, "frequency": frequency, "job_ids": list(offers), "more": more}
    row = {"id": 1, "template": "job_alert", "locale": locale, "user_id": 2, "recipient": "a@b.example"}
    row["created_at"] = OFFER["posted_at"]
    data = DigestData({1: DigestContext.read(context)}, Offers(offers, SETTINGS), {2: {"first_name": first_name}})
    rendered = Digests(data, SETTINGS).render(row)
    assert isinstance(rendered, Rendered)
    return rendered


class Structure(HTMLParser):
    """What a mail program sees: tags with the names of their attributes, and the links; text is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.words: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    @override
    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    @override
    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", ()))

    @override
    def handle_data(self, data: str) -> None:
        self.words.append(data)


def structure(html: str) -> Structure:
    parser = Structure()
    parser.feed(html)
    parser.close()
    return parser


def text_of(html: str) -> str:
    return " ".join(" ".join(structure(html).words).split())


@pytest.mark.parametrize(
    ("shown", "more", "subject", "sentence", "button"),
    [
        (1, 0, "1 nouvelle offre pour « Compta »", "Une nouvelle offre correspond à", "Voir toutes les offres"),
        (2, 0, "2 nouvelles offres pour « Compta »", "2 nouvelles offres correspondent à", "Voir toutes les offres"),
        (20, 1, "21 nouvelles offres pour « Compta »", "21 nouvelles offres correspondent à", "Voir l’autre offre"),
        (20, 14, "34 nouvelles offres pour « Compta »", "34 nouvelles offres correspondent à", "Voir les 14 autres"),
    ],
)
def test_french_numbers(shown: int, more: int, subject: str, sentence: str, button: str) -> None:
    mail = digest(shown, more)
    html = text_of(mail.html)
    assert mail.subject == subject
    assert f"{sentence} votre alerte hebdomadaire « Compta »." in html
    assert f"{sentence} votre alerte hebdomadaire « Compta »." in mail.text
    assert button in html
    assert (f"Et {more} autre" in mail.text) == bool(more)
    assert mail.text.count("https://www.intowork.example/offres/") == shown
    assert html.count("Gabon Numérique") == shown


@pytest.mark.parametrize(
    ("shown", "more", "subject", "sentence", "button"),
    [
        (1, 0, "1 new job for “Compta”", "1 new job matches your", "See all jobs"),
        (2, 0, "2 new jobs for “Compta”", "2 new jobs match your", "See all jobs"),
        (20, 1, "21 new jobs for “Compta”", "21 new jobs match your", "See the other job"),
        (20, 14, "34 new jobs for “Compta”", "34 new jobs match your", "See the 14 other jobs"),
    ],
)
def test_english_numbers(shown: int, more: int, subject: str, sentence: str, button: str) -> None:
    mail = digest(shown, more, locale="en")
    html = text_of(mail.html)
    assert mail.subject == subject
    assert f"{sentence} weekly alert “Compta”." in html
    assert f"{sentence} weekly alert “Compta”." in mail.text
    assert button in html
    assert (f"And {more} more" in mail.text) == bool(more)


def test_an_offer_says_place_kind_pay_and_day_in_its_readers_words() -> None:
    french, english = digest(), digest(locale="en")
    assert "Libreville · Hybride · Temps plein" in text_of(french.html)
    assert "650 000 – 900 000 FCFA par mois" in text_of(french.html).replace("\u202f", " ")
    assert "Libreville · Hybrid · Full-time · 650,000 – 900,000 FCFA per month" in english.text
    assert 'lang="en"' in english.html


def test_days_are_those_of_the_platforms_time_zone() -> None:
    assert "Publiée le 24 novembre 2026" in text_of(digest().html)
    assert "Posted on November 24, 2026" in text_of(digest(locale="en").html)


def test_what_is_not_known_is_not_said() -> None:
    bare = digest(
        first_name="",
        frequency="nonsense",
        company=None,
        location=None,
        location_type="ON_SITE",
        salary_min=None,
        salary_max=None,
        posted_at=None,
    )
    assert "Bonjour," in bare.text
    assert "votre alerte « Compta »" in bare.text
    assert "None" not in bare.html + bare.text
    assert "Comptable\nTemps plein\nhttps://www.intowork.example/offres/1\n" in bare.text
    assert not re.search(r"· ·|— ?\n|<div[^>]*></div>", bare.html + bare.text)


def test_an_unknown_language_is_french() -> None:
    assert digest(locale="sw").subject == digest().subject


def test_links() -> None:
    assert structure(digest(2, 3).html).links == [
        "https://www.intowork.example/offres/1",
        "https://www.intowork.example/offres/2",
        "https://www.intowork.example/dashboard/jobs",
        "https://www.intowork.example/dashboard/job-alerts",
    ]


def test_values_are_escaped_in_html_and_nowhere_else() -> None:
    mail = digest(title="C & <b>C++</b>", company="A \"B\" & 'C'", name="<script>alert(1)</script> & co")
    assert "<script" not in mail.html
    assert "<b>C++" not in mail.html
    assert "C &amp; &lt;b&gt;C++&lt;/b&gt;" in mail.html
    assert "C & <b>C++</b> — A \"B\" & 'C'" in mail.text
    assert mail.subject == "1 nouvelle offre pour « <script>alert(1)</script> & co »"


# An empty value leaves its line out; these have something to say.
NASTY = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(
        st.sampled_from(
            ["<", ">", '"', "'", "&", "&lt;", "</a>", "<!--", "-->", "{{", "}}", "{%", "]]>", "\r\n", "=", "`", "x"]
        ),
        min_size=1,
        max_size=8,
    ).map("".join),
).map("x{}".format)


@settings(max_examples=150, deadline=None)
@given(title=NASTY, company=NASTY, location=NASTY, name=NASTY, first_name=NASTY, job_type=NASTY, currency=NASTY)
def test_no_value_changes_the_structure(**values: str) -> None:
    name, first_name = values.pop("name"), values.pop("first_name")
    plain = structure(digest(2, 1).html)
    nasty = structure(digest(2, 1, name=name, first_name=first_name, **values).html)
    assert nasty.tags == plain.tags
    assert nasty.links == plain.links


@settings(max_examples=100, deadline=None)
@given(name=st.text(max_size=400))
def test_a_subject_is_one_line(name: str) -> None:
    subject = digest(name=name).subject
    assert len(subject) <= 200
    assert len(subject.splitlines()) == 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in subject)
    assert subject.endswith("»")


@pytest.mark.parametrize("filling", ["W", "'", "é", "<"])
def test_twenty_offers_stay_below_what_mail_programs_cut(filling: str) -> None:
    long = filling * 5000
    mail = digest(
        20, 5000, name=long, first_name=long, title=long, company=long, location=long, job_type=long, currency=long
    )
    assert len(mail.html.encode()) < LARGEST
    assert len(digest(20, 14).html.encode()) < 20_000


def test_two_renderings_are_alike() -> None:
    assert digest(5, 1) == digest(5, 1)
