"""Feeds, sitemaps and pictures of career pages."""

import io
import time
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from worker.services.publishing.careers import clicks, feeds, pictures, sitemaps
from worker.services.publishing.careers.feeds import ATOM, Entry, Feed
from worker.services.publishing.careers.pictures import Card
from worker.services.publishing.careers.sitemaps import NAMESPACE, Address

MOMENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TITLES = ["R&D <Lead>", "a]]>b", "👨‍👩‍👧 famille", "avant\u0003après\ufffe"]
READABLE = ["R&D <Lead>", "a]]>b", "👨‍👩‍👧 famille", "avantaprès"]
ADDRESS = "https://p.example/carrieres/1-a"


def feed() -> Feed:
    entries = [Entry(title, f"{ADDRESS}/{n}?a=1&b=2", title, MOMENT, None) for n, title in enumerate(TITLES)]
    return Feed(
        "Carrières chez A&B", "A&B", "fr", ADDRESS, f"{ADDRESS}/feed.xml", [*entries, Entry("x", "y", "", None, None)]
    )


def test_rss_holds_each_text_but_what_xml_cannot_hold() -> None:
    channel = ET.fromstring(feeds.rss(feed())).find("channel")
    assert channel is not None
    items = channel.findall("item")
    assert [each.findtext("title") for each in items][:4] == READABLE
    assert [each.findtext("description") for each in items][:4] == READABLE
    assert items[1].findtext("link") == items[1].findtext("guid") == f"{ADDRESS}/1?a=1&b=2"
    assert items[0].findtext("pubDate") == "Fri, 20 Nov 2026 08:00:00 GMT"
    assert items[4].find("pubDate") is None
    assert channel.find(f"{{{ATOM}}}link[@rel='self']") is not None


def test_atom_says_when_each_entry_changed() -> None:
    root = ET.fromstring(feeds.atom(feed()))
    entries = root.findall(f"{{{ATOM}}}entry")
    assert [each.findtext(f"{{{ATOM}}}title") for each in entries][:4] == READABLE
    assert {each.findtext(f"{{{ATOM}}}updated") for each in entries} == {"2026-11-20T08:00:00+00:00"}
    assert root.findtext(f"{{{ATOM}}}updated") == "2026-11-20T08:00:00+00:00"
    assert entries[4].find(f"{{{ATOM}}}published") is None


def test_an_empty_feed_is_a_feed() -> None:
    empty = Feed("Carrières", "A", "fr", ADDRESS, ADDRESS, [])
    assert ET.fromstring(feeds.rss(empty)).tag == "rss"
    assert ET.fromstring(feeds.atom(empty)).findtext(f"{{{ATOM}}}updated") == "1970-01-01T00:00:00+00:00"


def test_a_sitemap_has_addresses_and_instants() -> None:
    found = [Address("/carrieres/1-a", MOMENT), Address("/carrieres/1-a/sitemap.xml?part=2&x", None)]
    root = ET.fromstring(sitemaps.written("urlset", "url", "https://p.example", found))
    assert [each.findtext(f"{{{NAMESPACE}}}loc") for each in root] == [
        "https://p.example/carrieres/1-a",
        "https://p.example/carrieres/1-a/sitemap.xml?part=2&x",
    ]
    assert [each.findtext(f"{{{NAMESPACE}}}lastmod") for each in root] == ["2026-11-20T08:00:00+00:00", None]


CARDS = [
    Card("On recrute", "Comptable", "Gabon Numérique", "Libreville", "intowork.co"),
    Card("", "", "", "", ""),
    Card("x" * 500, "W" * 5_000, "mot " * 500, "é" * 900, "y" * 900),
    Card("On recrute", "محاسب 会计 👨‍👩‍👧 \u202e", "\n\n", "ŋɛɔ", "intowork.co"),
]


@pytest.mark.parametrize("card", CARDS)
def test_a_picture_is_as_large_as_networks_ask_whatever_it_says(card: Card) -> None:
    began = time.process_time()
    content = pictures.draw(card)
    assert time.process_time() - began < 2
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("PNG", (1200, 627))
    assert len(content) < 100_000
    assert pictures.draw(card) == content


def test_a_title_is_wrapped_between_words() -> None:
    font = pictures._font("Bold", 50)
    lines, fits = pictures.wrapped("un deux trois", font, font.getlength("un deux "), 2)
    assert (list(lines), fits) == (["un deux", "trois"], True)
    lines, fits = pictures.wrapped("un deux trois quatre cinq", font, font.getlength("un deux "), 2)
    assert (lines[0], lines[1][-1], fits) == ("un deux", "…", False)


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
            False,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari",
            False,
        ),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/8.0) Presto/2.12", False),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", True),
        ("WhatsApp/2.23.20.0", True),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("TelegramBot (like TwitterBot)", True),
        ("python-requests/2.32", True),
        ("", True),
    ],
)
def test_what_previews_and_indexes_is_no_reader(agent: str, program: bool) -> None:
    assert clicks.is_program(agent) is program
