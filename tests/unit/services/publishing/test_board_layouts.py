"""Offers in the two shapes that boards read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from worker.kit.timestamps import EARLIEST, LATEST
from worker.services.publishing.boards.layouts import CAREERJET, INDEED, LAYOUTS, Feed, Layout
from worker.services.publishing.boards.offers import BoardOffer
from worker.services.publishing.careers.rows import Company

MOMENT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
COMPANY = Company(
    3, "Okoumé Conseil", website_url="https://okoume.example/?a=1&b=2&c=3", city="Libreville", country="Gabon"
)
OFFER = BoardOffer(
    posting_id=41,
    id=7,
    title="Comptable (H/F) [CDI]",
    location="Douala, Littoral, Cameroun",
    description="Tenue des comptes.\n\n- Paie\n- Déclarations",
    job_type="full_time",
    location_type="hybrid",
    salary_min=250_000,
    salary_max=400_000,
    currency="XAF",
    language="fr",
    profil_formation="<p>Bac+3</p>",
    posted_at=MOMENT,
    expires_at=datetime(2026, 12, 31, tzinfo=UTC),
)
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))


def parse(layout: Layout, *offers: BoardOffer, company: Company = COMPANY) -> etree._Element:
    feed = Feed(company, "https://platform.example/", MOMENT)
    text = layout.head(feed) + "".join(layout.write(feed, each) for each in offers) + layout.tail
    return etree.fromstring(text.encode())


def members(layout: Layout, offer: BoardOffer = OFFER, company: Company = COMPANY) -> dict[str, str]:
    [job] = parse(layout, offer, company=company).iterfind("job")
    return {each.tag: each.text or "" for each in job.iter() if each.tag != "job" and not len(each)}


def test_indeed_s_members_are_all_there() -> None:
    root = parse(INDEED, OFFER)
    assert {name: root.findtext(name) for name in ("publisher", "publisherurl", "lastBuildDate")} == {
        "publisher": "IntoWork",
        "publisherurl": "https://platform.example/",
        "lastBuildDate": "2026-11-27T08:30:00+00:00",
    }
    told = members(INDEED)
    assert told.pop("description").startswith("<p>Tenue des comptes.</p><ul><li>Paie</li>")
    assert told == {
        "title": "Comptable (H/F) [CDI]",
        "date": "2026-11-27T08:30:00+00:00",
        "referencenumber": "7",
        "requisitionid": "7",
        "url": "https://platform.example/carrieres/3-okoume-conseil/7-comptable-h-f-cdi?ref=p-41",
        "company": "Okoumé Conseil",
        "city": "Douala",
        "state": "Littoral",
        "country": "CM",
        "sourcename": "Okoumé Conseil",
        "salary": "250\u202f000 – 400\u202f000 FCFA par mois",
        "education": "Bac+3",
        "jobtype": "fulltime",
        "remotetype": "Hybrid remote",
        "expirationdate": "2026-12-31T00:00:00+00:00",
    }


def test_careerjet_s_members_are_all_there() -> None:
    told = members(CAREERJET)
    assert told.pop("description")
    assert told == {
        "title": "Comptable (H/F) [CDI]",
        "url": "https://platform.example/carrieres/3-okoume-conseil/7-comptable-h-f-cdi?ref=p-41",
        "city": "Douala",
        "region": "Littoral",
        "country": "Cameroun",
        "company": "Okoumé Conseil",
        "company_url": "https://okoume.example/?a=1&b=2&c=3",
        "working_hours": "Full-time",
        "salary": "250\u202f000 – 400\u202f000 FCFA par mois",
        "job_reference": "7",
        "apply_url": "https://platform.example/carrieres/3-okoume-conseil/7-comptable-h-f-cdi?ref=p-41",
    }


@every_layout
def test_headings_speak_the_offer_s_language(layout: Layout) -> None:
    assert "<h3>Formation</h3><p>Bac+3</p>" in members(layout)["description"]
    assert "<h3>Education</h3><p>Bac+3</p>" in members(layout, replace(OFFER, language="en"))["description"]


@every_layout
def test_html_of_employers_is_harmless(layout: Layout) -> None:
    hostile = (
        '<p onclick="x()">Poste<script>alert(1)</script> <a href="javascript:x">ici</a> '
        '<a href="https://example.org">là</a><img src=x onerror=y></p><iframe src="//x"></iframe><ul><li>un'
    )
    told = members(layout, replace(OFFER, description=hostile, profil_formation=None))["description"]
    assert told == "<p>Poste ici là</p><ul><li>un</li></ul>"
    deep = members(layout, replace(OFFER, description="<div>" * 4000 + "Poste", profil_formation=None))
    assert deep["description"] == "<p>Poste</p>"


@every_layout
def test_what_nobody_knows_is_left_out_or_empty(layout: Layout) -> None:
    bare = BoardOffer(posting_id=1, id=2, title=None, description=None)
    told = members(layout, bare, Company(3, None))
    assert {name for name in told if name in ("salary", "company_url", "expirationdate", "remotetype")} == set()
    assert (told["title"], told["company"], told["description"]) == ("", "", "")


def test_a_place_is_the_offer_s_else_the_company_s() -> None:
    def place(location: str | None, **changes: str | None) -> tuple[str, str, str]:
        told = members(INDEED, replace(OFFER, location=location, **changes))  # type: ignore[arg-type]
        return told["city"], told["state"], told["country"]

    assert place("Libreville - Gabon") == ("Libreville", "", "GA")
    assert place("Douala (Cameroun)") == ("Douala", "", "CM")
    assert place("Abidjan", country="CI") == ("Abidjan", "", "CI")
    assert place(None) == ("Libreville", "", "GA")
    assert place("Télétravail", location_type="remote", country="SN") == ("", "", "SN")


def test_dates_that_no_board_can_read_are_none() -> None:
    told = members(INDEED, replace(OFFER, posted_at=LATEST, created_at=MOMENT, expires_at=LATEST, updated_at=EARLIEST))
    assert told["date"] == "2026-11-27T08:30:00+00:00"
    assert "expirationdate" not in told
    assert "lastactivitydate" not in told


@every_layout
def test_an_offer_that_cannot_be_written_takes_no_other_along(layout: Layout) -> None:
    broken = replace(OFFER, id=8, salary_min="beaucoup")  # type: ignore[arg-type]
    root = parse(layout, OFFER, broken, replace(OFFER, id=9))
    number = "referencenumber" if layout is INDEED else "job_reference"
    assert [each.text for each in root.iter(number)] == ["7", "9"]
