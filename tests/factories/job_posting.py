"""The table of schema.org `JobPosting` by which search engines accept an offer, and what is wrong with one by it."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

EMPLOYMENT_TYPES = {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}
UNITS = {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}
REQUIRED = ("@context", "@type", "title", "description", "datePosted", "hiringOrganization")
KNOWN = {
    *REQUIRED, "url", "validThrough", "employmentType", "identifier", "baseSalary", "directApply", "jobLocation",
    "jobLocationType", "applicantLocationRequirements",
}  # fmt: skip
TAGS = {"p", "ul", "ol", "li", "br", "strong", "b", "em", "i", "u", "h3", "a"}


def faults(posting: Mapping[str, Any]) -> list[str]:
    """Nothing for a valid one."""
    return [*_members(posting), *_texts(posting), *_dates(posting), *_place(posting), *_salary(posting)]


def _members(posting: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in REQUIRED if name not in posting)
    yield from (f"{name} is not in the table" for name in posting if name not in KNOWN)
    yield from (f"{path} is empty" for path in _empty(posting, "posting"))
    if posting.get("@context") != "https://schema.org" or posting.get("@type") != "JobPosting":
        yield "it is no JobPosting"
    if posting.get("employmentType", "OTHER") not in EMPLOYMENT_TYPES:
        yield f"employmentType {posting['employmentType']!r} is unknown"
    if not isinstance(posting.get("directApply", False), bool):
        yield "directApply is no boolean"


def _empty(value: Any, path: str) -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield path
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _empty(each, f"{path}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _empty(each, f"{path}.{number}")


def _texts(posting: Mapping[str, Any]) -> Iterator[str]:
    title, description = posting.get("title", ""), posting.get("description", "")
    if re.sub("<[^<>]*>", "", description).strip() == title.strip() or description == title:
        yield "the description is the title"
    if re.search(r"</?[a-z][^<>]*>|\n", title):
        yield "the title is no line of plain text"
    strange = set(re.findall(r"</?([a-z0-9]+)", description)) - TAGS
    if strange:
        yield f"the description holds {sorted(strange)}"
    organisation = posting.get("hiringOrganization", {})
    if organisation.get("@type") != "Organization" or not organisation.get("name", "").strip():
        yield "the organisation has no name"
    for name in ("sameAs", "logo"):
        if not organisation.get(name, "https://").startswith(("https://", "http://")):
            yield f"{name} is no address"


def _dates(posting: Mapping[str, Any]) -> Iterator[str]:
    for name in ("datePosted", "validThrough"):
        if name in posting:
            moment = datetime.fromisoformat(posting[name])
            if moment.utcoffset() is None or not 2000 < moment.year < 3000:
                yield f"{name} {posting[name]} is no instant of a calendar with an offset"


def _place(posting: Mapping[str, Any]) -> Iterator[str]:
    remote, homes = "jobLocationType" in posting, "applicantLocationRequirements" in posting
    if remote is not homes:
        yield "jobLocationType and applicantLocationRequirements come together"
    if remote and posting["jobLocationType"] != "TELECOMMUTE":
        yield "jobLocationType is not TELECOMMUTE"
    if not remote and "jobLocation" not in posting:
        yield "jobLocation is missing"
    found = posting.get("applicantLocationRequirements", [])
    for each in found if isinstance(found, list) else [found]:
        if each.get("@type") not in {"Country", "State"} or not each.get("name"):
            yield "a requirement names no country"
    if "jobLocation" in posting:
        address = posting["jobLocation"].get("address", {})
        if not re.fullmatch("[A-Z]{2}", address.get("addressCountry", "")):
            yield "addressCountry is no ISO code"
        if posting["jobLocation"].get("@type") != "Place" or address.get("@type") != "PostalAddress":
            yield "jobLocation is no Place with a PostalAddress"


def _salary(posting: Mapping[str, Any]) -> Iterator[str]:
    salary = posting.get("baseSalary")
    if salary is None:
        return
    value = salary.get("value", {})
    if salary.get("@type") != "MonetaryAmount" or not re.fullmatch("[A-Z]{3}", salary.get("currency", "")):
        yield "the salary has no currency"
    if value.get("@type") != "QuantitativeValue" or value.get("unitText") not in UNITS:
        yield "the salary has no unit"
    amounts = [value[name] for name in ("value", "minValue", "maxValue") if name in value]
    if not amounts or not all(isinstance(each, int | float) and each > 0 for each in amounts):
        yield "the salary has no amount"
    if value.get("minValue", 0) > value.get("maxValue", float("inf")):
        yield "the lowest salary is above the highest"
