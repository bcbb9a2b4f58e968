"""Career pages as readers, networks and search engines see them, and what is left of an offer that has ended."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from api_min.pages.shell import POLICY
from tests.factories.api import Answer
from tests.factories.job_posting import faults
from tests.factories.markup import Structure
from tests.integration.api.careers.conftest import BASE, COMPANY, OURS, THEIRS, Visitor
from worker.services.publishing.careers import rows

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
META = re.compile(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">')
LISTS = (COMPANY, f"{COMPANY}/rss.xml", f"{COMPANY}/atom.xml", f"{COMPANY}/sitemap.xml")


def path_of(visitor: Visitor, job: int) -> str:
    """Where the bare number leads."""
    answer = visitor.open(f"/carrieres/1/{job}")
    assert answer.status_code == 301
    path: str = answer.headers["Location"]
    return path


def posting(answer: Answer) -> dict[str, object]:
    [text] = SCRIPT.findall(answer.text)
    found: dict[str, object] = json.loads(text)
    return found


def test_an_offer_has_one_address_a_card_and_links_for_sharing(visitor: Visitor, job: int) -> None:
    path = path_of(visitor, job)
    assert path == f"{COMPANY}/{job}-comptable-h-f"
    answer = visitor.open(path)
    assert (answer.status_code, answer.headers["Content-Security-Policy"]) == (200, POLICY)
    assert f'<link rel="canonical" href="{BASE}{path}">' in answer.text
    meta = dict(META.findall(answer.text))
    assert (meta["og:title"], meta["og:description"]) == ("Comptable (H/F)", "Tenir les comptes.")
    assert (meta["og:url"], meta["og:locale"]) == (f"{BASE}{path}", "fr_FR")
    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "627")
    assert meta["og:image"].startswith(f"{BASE}{path}/image.png?v=")

    structure = Structure(answer.text)
    [whatsapp] = [each for each in structure.addresses if each.startswith("https://wa.me/?text=")]
    [said] = parse_qs(urlsplit(whatsapp).query)["text"]
    assert said == f"Comptable (H/F) – Gabon Numérique\n{BASE}{path}?ref=whatsapp"
    assert f'value="{BASE}{path}"' in answer.text
    assert "https://intowork.example/offres/" + str(job) in structure.addresses
    assert [tag for tag in structure.tags if tag[0] == "script"] == [("script", "type")]

    found = posting(answer)
    assert faults(found) == []
    assert (found["title"], found["url"]) == ("Comptable (H/F)", f"{BASE}{path}")

    assert "1 offre ouverte" in visitor.text(COMPANY)
    picture = visitor.open(meta["og:image"].removeprefix(BASE))
    assert (picture.status_code, picture.mimetype, picture.data[:4]) == (200, "image/png", b"\x89PNG")
    assert visitor.status(meta["og:image"].removeprefix(BASE), If_None_Match=picture.headers["ETag"]) == 304


def test_a_page_speaks_the_offer_s_language_or_the_one_that_is_asked_for(visitor: Visitor, job: int) -> None:
    english = visitor.offer("Accountant", language="en")
    for path, lang, button in (
        (path_of(visitor, job), "fr", "Postuler"),
        (path_of(visitor, english), "en", "Apply"),
        (f"{path_of(visitor, job)}?lang=en", "en", "Apply"),
        (f"{path_of(visitor, english)}?lang=fr", "fr", "Postuler"),
        (f"{path_of(visitor, english)}?lang=xx", "en", "Apply"),
    ):
        answer = visitor.open(path, Accept_Language="de", Cookie="language=en")
        assert f'<html lang="{lang}">' in answer.text
        assert f">{button}</a>" in answer.text
        assert not answer.vary
        assert "Set-Cookie" not in answer.headers
    assert '<h1 lang="fr">Comptable (H/F)</h1>' in visitor.text(f"{path_of(visitor, job)}?lang=en")
    assert "Carrières chez" in visitor.text(COMPANY)
    assert "Careers at" in visitor.text(f"{COMPANY}?lang=en")


@pytest.mark.parametrize(
    "ended",
    [
        "update jobs set status = 'closed' where id = %s",
        "update jobs set status = 'ARCHIVED' where id = %s",
        "update jobs set expires_at = now() - interval '1 second' where id = %s",
        "insert into job_postings (job_id, channel, state) values (%s, 'INTOWORK', 'withdrawn')",
        "insert into job_postings (job_id, channel, is_active) values (%s, 'INTOWORK', false)",
    ],
)
def test_an_offer_that_has_ended_is_gone_everywhere(visitor: Visitor, job: int, ended: str) -> None:
    other = visitor.offer("Juriste")
    path = path_of(visitor, job)
    before = {each: visitor.open(each).headers["ETag"] for each in (*LISTS, path)}
    assert all(visitor.status(each, If_None_Match=tag) == 304 for each, tag in before.items())
    visitor.change(ended, job)

    for query, sentence in (("", "Cette offre n’est plus disponible"), ("?lang=en", "This position is no longer")):
        answer = visitor.open(f"{path}{query}", If_None_Match=before[path])
        assert (answer.status_code, answer.mimetype) == (410, "text/html")
        assert sentence in answer.text
        assert "ld+json" not in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert f"{COMPANY}{query}" in Structure(answer.text).addresses
        assert f"{COMPANY}/{other}-juriste" in answer.text
    assert visitor.status(f"{path}/image.png") == 410
    for each in LISTS:
        answer = visitor.open(each, If_None_Match=before[each])
        assert answer.status_code == 200
        assert f"/{job}-comptable" not in answer.text
        assert f"/{other}-juriste" in answer.text


def test_a_withdrawal_counts_as_long_as_nothing_newer_was_published(visitor: Visitor, job: int) -> None:
    path = path_of(visitor, job)
    visitor.posting(job, state="withdrawn")
    visitor.posting(job, "LINKEDIN", state="withdrawn")
    assert visitor.status(path) == 410
    visitor.posting(job, state="published")
    assert visitor.status(path) == 200
    assert f"/{job}-comptable" in visitor.text(COMPANY)


def test_an_expired_offer_leaves_within_a_minute_without_any_write(visitor: Visitor, job: int) -> None:
    path = path_of(visitor, job)
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    visitor.change("update jobs set expires_at = %s where id = %s", soon, job)
    before = {each: visitor.open(each) for each in LISTS}
    assert all(f"/{job}-comptable" in each.text for each in before.values())
    state = visitor.rows("select xmin::text, ctid::text, * from jobs")
    time.sleep(max((soon - datetime.now(UTC)).total_seconds(), 0) + 0.1)

    for each, answer in before.items():
        kept = re.fullmatch(r"public, max-age=(\d+)", answer.headers["Cache-Control"])
        assert kept
        assert int(kept[1]) * 2 <= 60
        after = visitor.open(each, If_None_Match=answer.headers["ETag"])
        assert (after.status_code, after.headers.get("ETag") == answer.headers["ETag"]) in {(200, False), (404, False)}
        assert f"/{job}-comptable" not in after.text
    assert visitor.status(path) == 410
    assert visitor.rows("select xmin::text, ctid::text, * from jobs") == state
    assert not visitor.rows("select from task_runs")


def test_what_was_never_public_is_unknown(visitor: Visitor, job: int) -> None:
    draft = visitor.offer("Brouillon", status="draft", posted_at=None)
    unknown = (f"/carrieres/1/{draft}", "/carrieres/1/999", "/carrieres/999", "/carrieres/999/1", f"/carrieres/2/{job}")
    for path in (*unknown, "/carrieres/x", "/carrieres/1/x", f"/carrieres/{'9' * 400}", "/carrieres/0/1"):
        answer = visitor.open(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html"), path
        assert "Brouillon" not in answer.text
    for path in (
        "/carrieres/999/rss.xml",
        "/carrieres/x/atom.xml",
        "/carrieres/999/sitemap.xml",
        "/carrieres/x/image.png",
    ):
        assert visitor.status(path) == 404, path
    assert visitor.status(f"{COMPANY}/sitemap.xml?part=2") == visitor.status(f"{COMPANY}/sitemap.xml?part=x") == 404


def test_a_company_s_pages_hold_no_offer_of_another(visitor: Visitor, job: int) -> None:
    theirs = visitor.offer("Juriste", company_id=THEIRS)
    closed = visitor.offer("Serveur", status="closed")
    own = {OURS: f"/{job}-comptable-h-f", THEIRS: f"/{theirs}-juriste"}
    for company, other in ((OURS, THEIRS), (THEIRS, OURS)):
        page = visitor.open(f"/carrieres/{company}").headers["Location"]
        for end in ("", "/rss.xml", "/atom.xml", "/sitemap.xml", f"?after={job}", "?lang=en"):
            text = visitor.text(page + end)
            assert own[other] not in text
            assert (own[company] in text) is ("after" not in end or company == THEIRS)
    assert visitor.status(f"/carrieres/{THEIRS}/{job}") == 404
    assert visitor.status(f"/carrieres/{THEIRS}/{job}/image.png") == 404
    assert own[THEIRS] not in visitor.open(f"/carrieres/{OURS}/{closed}").text
    index = visitor.text("/carrieres/sitemap.xml")
    assert [f"{BASE}/carrieres/{n}" in index for n in (1, 2)] == [True, True]
    assert f"Sitemap: {BASE}/carrieres/sitemap.xml" in visitor.text("/robots.txt")


def test_another_slug_leads_to_the_right_one_with_mark_and_language(visitor: Visitor, job: int) -> None:
    right = path_of(visitor, job)
    for path in (f"/carrieres/1-ancien/{job}-autre", f"/carrieres/1/{job}", f"{right}/"):
        answer = visitor.open(f"{path}?ref=p-1&lang=en&utm_source=x")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"{right}?ref=p-1&lang=en")
    answer = visitor.open("/carrieres/1-ancien?after=7")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{COMPANY}?after=7")


def test_a_long_list_is_paged_and_every_offer_is_on_one_page(visitor: Visitor) -> None:
    moment = datetime.now(UTC)
    made = {visitor.offer(f"Offre {n}", posted_at=moment - timedelta(hours=n // 7)) for n in range(105)}
    visitor.change("update jobs set posted_at = 'infinity', expires_at = 'infinity' where id = %s", min(made))
    visitor.change("update jobs set posted_at = null, created_at = null where id = %s", max(made))
    seen: list[int] = []
    query = ""
    while True:
        text = visitor.text(f"{COMPANY}{query}")
        seen += [int(each) for each in re.findall(r'<a href="[^"]*/(\d+)-offre-\d+"', text)]
        following = re.search(r'<a href="(\?after=\d+)" rel="next">', text)
        if not following:
            break
        query = following[1]
        assert f'href="?lang=en&amp;after={query.removeprefix("?after=")}"' in visitor.text(f"{COMPANY}{query}")
    assert (sorted(seen), len(seen)) == (sorted(made), 105)
    assert (seen[0], seen[-1]) == (min(made), max(made))
    assert "Plus de 99 offres ouvertes" in visitor.text(COMPANY)
    assert visitor.text(f"{COMPANY}?after=nonsense") == visitor.text(COMPANY)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x01"


def test_hostile_texts_stay_texts_and_a_page_stays_small(visitor: Visitor) -> None:
    visitor.change(
        "update companies set name = %s, description = %s, website_url = 'javascript:alert(1)', logo_url = 'data:x' "
        "where id = 1",
        f"Gabon {HOSTILE}",
        HOSTILE * 2_000,
    )
    texts = dict.fromkeys(rows.TEXTS, f"<p>{HOSTILE}</p><a href='javascript:alert(1)'>x</a> é 中 " * 20000)
    values = {"location": HOSTILE * 50, "zone": HOSTILE, "country": HOSTILE, "currency": HOSTILE, "language": HOSTILE}
    job = visitor.offer(f"Chef {HOSTILE * 30}", job_type="x" * 50, **texts, **values)
    page = visitor.open(f"/carrieres/1/{job}").headers["Location"]
    for path in (page, f"{page}?lang=en&ref=p-2147483647", page.rpartition("/")[0]):
        answer = visitor.open(path)
        assert answer.status_code == 200
        assert len(answer.data) <= 30_000
        structure = Structure(answer.text)
        assert [tag for tag in structure.tags if tag[0] == "script"] in ([("script", "type")], [])
        assert not [tag for tag in structure.tags if tag[0] == "img" or any(name.startswith("on") for name in tag[1:])]
        assert not [each for each in structure.addresses if re.match(r"\s*(javascript|data):", each)]
        assert "\u202e" not in answer.text
        assert not [each for each in SCRIPT.findall(answer.text) if "<" in each or faults(json.loads(each))]
    company = page.rpartition("/")[0]
    for name in ("rss.xml", "atom.xml", "sitemap.xml", "image.png"):
        assert visitor.status(f"{company}/{name}") == 200
    assert visitor.status(f"{page}/image.png") == 200


def test_a_company_without_open_offers_says_so(visitor: Visitor) -> None:
    text = visitor.text(COMPANY)
    assert "Aucune offre ouverte en ce moment" in text
    assert '<meta name="robots" content="noindex, follow">' in text
    assert visitor.status(f"{COMPANY}/rss.xml") == 200
    assert COMPANY not in visitor.text("/carrieres/sitemap.xml")


def test_bad_rows_of_others_break_no_page(visitor: Visitor, job: int) -> None:
    visitor.change(
        "update jobs set posted_at = '-infinity', created_at = '20000-01-01', updated_at = 'infinity', "
        "expires_at = '99999-12-31', salary_min = -5, salary_max = 2147483647, currency = '', title = ' ', "
        "description = '', job_type = '', location_type = 'nowhere', location = '', country = '??', language = ''"
    )
    page = visitor.open(f"/carrieres/1/{job}").headers["Location"]
    assert page == f"{COMPANY}/{job}"
    assert "<h1>Offre d’emploi</h1>" in visitor.text(page)
    for path in (*LISTS, f"{page}/image.png", "/carrieres/sitemap.xml"):
        assert visitor.status(path) == 200, path


def test_who_came_by_a_mark_is_counted_and_handed_on(visitor: Visitor, job: int) -> None:
    own, foreign = visitor.posting(job, "LINKEDIN"), visitor.posting(visitor.offer("Juriste"), "LINKEDIN")
    path = path_of(visitor, job)
    for _ in range(3):
        answer = visitor.open(f"{path}?ref=whatsapp")
        assert answer.headers["Cache-Control"].startswith("private")
        assert f"https://intowork.example/offres/{job}?ref=whatsapp" in answer.text
    assert f'href="?lang=fr&amp;ref=p-{own}"' in visitor.text(f"{path}?ref=p-{own}&lang=en")
    expected = {(job, "whatsapp"): 3, (job, f"p-{own}"): 1}
    assert visitor.clicks() == expected

    marked = f"{path}?ref=whatsapp"
    visitor.open(marked, "HEAD")
    visitor.open(marked, If_None_Match='"another"')
    visitor.open(marked, Sec_Purpose="prefetch;prerender")
    for agent in ("WhatsApp/2.23.20.0", "facebookexternalhit/1.1", ""):
        visitor.open(marked, agent=agent)
    for unknown in ("twitter", f"p-{foreign}", "p-999", "p-x", "x" * 500, "%00"):
        assert visitor.status(f"{path}?ref={unknown}") == 200
    visitor.change("update jobs set status = 'closed' where id = %s", job)
    assert visitor.status(marked) == 410
    assert visitor.clicks() == expected


def test_a_page_is_shown_though_its_click_cannot_be_counted(visitor: Visitor, job: int) -> None:
    path = f"{path_of(visitor, job)}?ref=email"
    visitor.change("alter table posting_clicks rename to posting_clicks_gone")
    assert visitor.status(path) == 200
    visitor.change("alter table posting_clicks_gone rename to posting_clicks")
    for _ in range(40):
        assert visitor.status(path) == 200
    assert visitor.clicks() == {(job, "email"): 29}
