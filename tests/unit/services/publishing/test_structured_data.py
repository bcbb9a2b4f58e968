"""An offer as search engines read it: by the table of JobPosting, and with nothing that ends its element."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from sandbox.seed.generate import generate
from sandbox.seed.rows import Job
from tests.factories.job_posting import faults
from worker.kit.timestamps import EARLIEST, LATEST
from worker.services.publishing.careers import structured_data, wording
from worker.services.publishing.careers.rows import Company, Offer
from worker.services.publishing.careers.structured_data import Wording, employment_type, web_address

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
POSTED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
COMPANY = Company(
    1, "Gabon Numérique", country="GA", website_url="https://gabon.example", logo_url="https://l.example/l"
)
OFFER = Offer(
    7,
    "Comptable (H/F)",
    location="Libreville",
    location_type="on_site",
    job_type="full_time",
    salary_min=250_000,
    salary_max=400_000,
    currency="XAF",
    country="GA",
    posted_at=POSTED,
    description="Tenue des comptes.",
)
ADDRESS = "https://platform.example/carrieres/1-gabon-numerique/7-comptable-h-f"


def made(offer: Offer = OFFER, company: Company = COMPANY, **changes: Any) -> dict[str, Any]:
    """The posting as a page would hold it."""
    offer = replace(offer, **changes)
    locale = wording.offer_locale(offer)
    description = wording.joined(wording.offer_texts(offer), locale, 9_000)
    words = Wording(wording.offer_title(offer, locale), wording.company_name(company, locale), description, ADDRESS)
    posting = structured_data.job_posting(offer, company, words)
    assert posting is not None
    assert faults(posting) == []
    return posting


def test_a_whole_offer() -> None:
    assert made(expires_at=datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Comptable (H/F)",
        "description": "<p><strong>Le poste</strong></p><p>Tenue des comptes.</p>",
        "url": ADDRESS,
        "datePosted": "2026-11-20T08:00:00+00:00",
        "validThrough": "2026-12-31T23:59:00+00:00",
        "employmentType": "FULL_TIME",
        "identifier": {"@type": "PropertyValue", "name": "Gabon Numérique", "value": "7"},
        "hiringOrganization": {
            "@type": "Organization",
            "name": "Gabon Numérique",
            "sameAs": "https://gabon.example",
            "logo": "https://l.example/l",
        },
        "jobLocation": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": "Libreville", "addressCountry": "GA"},
        },
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "XAF",
            "value": {"@type": "QuantitativeValue", "minValue": 250_000, "maxValue": 400_000, "unitText": "MONTH"},
        },
        "directApply": False,
    }


def countries(posting: dict[str, Any]) -> list[str]:
    found = posting["applicantLocationRequirements"]
    return [each["name"] for each in (found if isinstance(found, list) else [found])]


def test_a_remote_offer_names_the_countries_where_one_may_live_or_is_none() -> None:
    elsewhere = replace(COMPANY, country=None)
    of_country = made(company=elsewhere, location_type="remote", country="CM", location=None)
    assert (of_country["jobLocationType"], countries(of_country)) == ("TELECOMMUTE", ["CM"])
    assert "jobLocation" not in of_country

    of_zone = made(company=elsewhere, location_type="REMOTE", country=None, zone="CEMAC", location=None)
    assert (of_zone["jobLocationType"], countries(of_zone)) == ("TELECOMMUTE", ["CF", "CG", "CM", "GA", "GQ", "TD"])

    of_neither = made(company=elsewhere, location_type="remote", country=None, zone=None, location="Douala")
    assert not {"jobLocationType", "applicantLocationRequirements"} & of_neither.keys()
    address = {"@type": "PostalAddress", "addressLocality": "Douala", "addressCountry": "CM"}
    assert of_neither["jobLocation"] == {"@type": "Place", "address": address}

    assert countries(made(location_type="remote", country="Cameroun")) == ["CM"]
    assert countries(made(location_type="remote", country=None, location="Télétravail, Sénégal")) == ["SN"]
    assert len(countries(made(location_type="remote", country=None, zone="uemoa", location=None))) == 8
    assert "jobLocationType" not in made(location_type="hybrid", country="CM")


def test_nothing_stands_there_empty() -> None:
    bare = Company(1, "Gabon Numérique", website_url="", logo_url="  ", linkedin_url="javascript:alert(1)")
    posting = made(company=bare, salary_min=0, salary_max=None, posted_at=None, created_at=POSTED, job_type="")
    assert not {"baseSalary", "employmentType", "validThrough"} & posting.keys()
    assert posting["datePosted"] == "2026-11-20T08:00:00+00:00"
    assert posting["hiringOrganization"] == {"@type": "Organization", "name": "Gabon Numérique"}
    nameless = made(company=replace(bare, name=" "))
    assert nameless["hiringOrganization"]["name"] == "Entreprise confidentielle"


@pytest.mark.parametrize(
    ("changes", "salary"),
    [
        ({"salary_max": 250_000}, ("XAF", {"value": 250_000})),
        ({"salary_max": 0}, ("XAF", {"minValue": 250_000})),
        ({"salary_min": None, "currency": None}, ("XAF", {"maxValue": 400_000})),
        ({"currency": "FCFA", "country": "SN"}, ("XOF", {"minValue": 250_000, "maxValue": 400_000})),
        ({"currency": "€"}, ("EUR", {"minValue": 250_000, "maxValue": 400_000})),
        ({"currency": "<b>"}, None),
        ({"salary_min": -5, "salary_max": -1}, None),
    ],
)
def test_salaries_are_monthly_amounts(changes: dict[str, Any], salary: tuple[str, dict[str, int]] | None) -> None:
    found = made(**changes).get("baseSalary")
    if salary is None or found is None:
        assert found == salary
        return
    assert found["currency"] == salary[0]
    assert found["value"] == {"@type": "QuantitativeValue", **salary[1], "unitText": "MONTH"}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("full_time", "FULL_TIME"), ("CDI", "FULL_TIME"), ("Part-time", "PART_TIME"), ("cdd", "TEMPORARY"),
        ("temporary", "TEMPORARY"), ("contract", "CONTRACTOR"), ("Freelance", "CONTRACTOR"), ("stage", "INTERN"),
        ("internship", "INTERN"), ("Bénévolat", "VOLUNTEER"), ("per diem", "PER_DIEM"), ("gré à gré", "OTHER"),
        (None, None), (" ", None),
    ],
)  # fmt: skip
def test_kinds_of_employment(written: str | None, kind: str | None) -> None:
    assert employment_type(written) == kind


def test_instants_of_no_calendar_are_none() -> None:
    assert "validThrough" not in made(expires_at=LATEST)
    assert made(posted_at=LATEST, created_at=POSTED)["datePosted"] == "2026-11-20T08:00:00+00:00"
    words = Wording("Comptable", "Gabon Numérique", "<p>x</p>", ADDRESS)
    undated = replace(OFFER, posted_at=EARLIEST, created_at=None)
    assert structured_data.job_posting(undated, COMPANY, words) is None
    nowhere = replace(OFFER, country=None, location="Là-bas")
    assert structured_data.job_posting(nowhere, replace(COMPANY, country=None), words) is None


def test_the_description_is_never_the_title() -> None:
    words = Wording("Comptable", "R&D <x>", "<p>Comptable</p>", ADDRESS)
    posting = structured_data.job_posting(OFFER, COMPANY, words)
    assert posting is not None
    assert posting["description"] == "<p>Comptable – R&amp;D &lt;x&gt;</p>"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//x.example",
        "example.com",
        "https://",
        "https://[",
        "data:text/html,x",
        "https://a b",
        "",
    ],
)
def test_only_addresses_that_a_browser_opens_are_told(address: str) -> None:
    assert web_address(address) is None


def test_every_seeded_offer_is_valid() -> None:
    data = generate(now=NOW)
    companies = {each.id: _taken(Company, each) for each in data.companies}
    for job in data.jobs:
        posting = made(_offer(job), companies[job.company_id])
        assert "<" not in structured_data.script(posting)


def _offer(job: Job) -> Offer:
    offer: Offer = _taken(Offer, job)
    return offer


def _taken(kind: Any, row: Any) -> Any:
    """What the database would give for the row."""
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind) if hasattr(row, each.name)})


class Scripts(HTMLParser):
    """What a browser finds in the page's script elements, and whether anything stands behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.tags: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    @override
    def handle_data(self, data: str) -> None:
        self.inside.append(data)


HOSTILE = st.text() | st.sampled_from(
    [
        "</script>",
        "<!--<script>",
        "]]>",
        "</ScRiPt ><img src=x onerror=alert(1)>",
        "\u2028",
        "&lt;/script&gt;",
        '"}',
        "\\",
    ]
)


@given(title=HOSTILE, company=HOSTILE, description=st.lists(HOSTILE, max_size=4).map("".join))
def test_no_text_ends_the_element_that_it_stands_in(title: str, company: str, description: str) -> None:
    words = Wording(title, company, description, ADDRESS)
    posting = structured_data.job_posting(OFFER, COMPANY, words)
    if posting is None:
        assert not title or not company
        return
    text = structured_data.script(posting)
    assert "<" not in text
    parser = Scripts()
    parser.feed(f'<script type="application/ld+json">{text}</script>')
    assert parser.tags == ["script"]
    assert json.loads("".join(parser.inside)) == posting
