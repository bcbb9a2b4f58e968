"""An offer as search engines read it: schema.org `JobPosting` as JSON-LD, by the table of Google's documentation.

A member without a value is left out, never empty. What makes a posting invalid (no country, no date) makes none at all:
such markup is held against the whole site.
"""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from worker.kit.timestamps import EARLIEST, LATEST
from worker.services.email.wording import formats
from worker.services.matching.currencies import offered_currency
from worker.services.matching.place_names import ZONES
from worker.services.matching.places import offered_country
from worker.services.publishing.careers.cities import country_of, locality
from worker.services.publishing.careers.rows import Company, Offer, OfferLine

LONGEST_NAME = 160
Json = dict[str, Any]

EMPLOYMENT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("full_time", "fulltime", "temps_plein", "cdi", "permanent"), "FULL_TIME"),
    **dict.fromkeys(("part_time", "parttime", "temps_partiel", "mi_temps"), "PART_TIME"),
    **dict.fromkeys(("contract", "contractor", "freelance", "independant", "consultant", "prestation"), "CONTRACTOR"),
    **dict.fromkeys(("temporary", "cdd", "interim", "temporaire", "saisonnier", "seasonal"), "TEMPORARY"),
    **dict.fromkeys(("internship", "intern", "stage", "alternance", "apprentissage", "apprenticeship"), "INTERN"),
    **dict.fromkeys(("volunteer", "volontariat", "benevolat", "benevole"), "VOLUNTEER"),
    **dict.fromkeys(("per_diem", "journalier"), "PER_DIEM"),
}
OTHER = "OTHER"

_SEPARATORS = re.compile(r"[\s_-]+")
_ACCENTS = str.maketrans("éèêà", "eeea")
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of an offer in its own language: title and company as the page shows them, `description` as HTML.
    address: the page's canonical one.
    """

    title: str
    company: str
    description: str
    address: str


def job_posting(offer: Offer, company: Company, wording: Wording) -> Json | None:
    """The JSON-LD object; None where a member that it must have is not known."""
    place = _place(offer, company)
    posted = posted_at(offer)
    if place is None or posted is None or not wording.title or not wording.company:
        return None
    members = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": wording.title,
        "description": _description(wording),
        "url": wording.address,
        "datePosted": _iso(posted),
        "validThrough": _iso(known(offer.expires_at)),
        "employmentType": employment_type(offer.job_type),
        "identifier": {"@type": "PropertyValue", "name": wording.company, "value": str(offer.id)},
        "hiringOrganization": _organization(company, wording.company),
        **place,
        "baseSalary": _salary(offer),
        # The application itself is made in the main web app.
        "directApply": False,
    }
    told: Json = _told(members)
    return told


def script(posting: Json) -> str:
    """The object's JSON for an element of HTML: no text of an employer's ends the element that it stands in."""
    return json.dumps(posting, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def employment_type(job_type: str | None) -> str | None:
    """As schema.org calls it: None for nothing, OTHER for what is not in its list."""
    name = _SEPARATORS.sub("_", (job_type or "").strip().casefold().translate(_ACCENTS))
    return EMPLOYMENT_TYPES.get(name, OTHER) if name else None


def known(moment: datetime | None) -> datetime | None:
    """None also for what Postgres calls infinite, and for what lies beyond any calendar."""
    return moment if moment is not None and EARLIEST < moment < LATEST else None


def posted_at(offer: OfferLine) -> datetime | None:
    return known(offer.posted_at) or known(offer.created_at)


def web_address(address: str | None) -> str | None:
    """The address when a browser can open it, else None: the main web app stores whatever is typed."""
    text = (address or "").strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    fits = parts.scheme.lower() in ("http", "https") and host and not re.search(r"[\s\x00-\x1f<>\"\\]", text)
    return text if fits else None


def _description(wording: Wording) -> str:
    """It must not be equal to the title."""
    words = re.sub(r"<[^<>]*>", "", wording.description).strip()
    if words and words != wording.title:
        return wording.description
    return f"<p>{html.escape(wording.title)} – {html.escape(wording.company)}</p>"


def _organization(company: Company, name: str) -> Json:
    return {
        "@type": "Organization",
        "name": name,
        "sameAs": web_address(company.website_url) or web_address(company.linkedin_url),
        "logo": web_address(company.logo_url),
    }


def _place(offer: Offer, company: Company) -> Json | None:
    """TELECOMMUTE and the countries where one may live always come together; without either, where one works."""
    homes = _homes(offer) if (offer.location_type or "").strip().lower() == "remote" else ()
    if homes:
        countries = [{"@type": "Country", "name": code} for code in homes]
        return {
            "jobLocationType": "TELECOMMUTE",
            "applicantLocationRequirements": countries[0] if len(countries) == 1 else countries,
        }
    code = country_of(offer.country, offer.location) or country_of(company.country, company.city)
    if code is None:
        return None
    town = locality(offer.location, LONGEST_NAME)
    address = {"@type": "PostalAddress", "addressLocality": formats.stored(town, LONGEST_NAME), "addressCountry": code}
    return {"jobLocation": {"@type": "Place", "address": address}}


def _homes(offer: Offer) -> Sequence[str]:
    """The countries that a remote offer names: its own, else those of its zone. A city says where the company sits."""
    code = offered_country(offer.country, offer.location)
    return (code,) if code else sorted(ZONES.get((offer.zone or "").strip().upper(), ()))


def _salary(offer: Offer) -> Json | None:
    """Monthly; 0 counts as missing, as everywhere on the platform."""
    low, high = (bound if bound and bound > 0 else None for bound in (offer.salary_min, offer.salary_max))
    currency = offered_currency(offer.currency, country_of(offer.country, offer.location))
    if not (low or high) or not _CURRENCY.fullmatch(currency):
        return None
    bounds = {"value": low} if low == high else {"minValue": low, "maxValue": high}
    value = {"@type": "QuantitativeValue", **bounds, "unitText": "MONTH"}
    return {"@type": "MonetaryAmount", "currency": currency, "value": value}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _told(value: Any) -> Any:
    """Without members and items that say nothing, however deep they stand."""
    if isinstance(value, dict):
        return {name: kept for name, each in value.items() if (kept := _told(each)) not in (None, "", {}, [])}
    return [_told(each) for each in value] if isinstance(value, list) else value
