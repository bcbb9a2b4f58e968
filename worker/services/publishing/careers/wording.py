"""Offers and companies in the words of a public page, in one language."""

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from worker.kit import localisation
from worker.kit.localisation import DEFAULT_LOCALE, known_locale, message, translate
from worker.kit.settings import Settings
from worker.services.email.wording import formats
from worker.services.matching.places import country_code
from worker.services.matching.plain_text import plain_text
from worker.services.publishing.careers import texts
from worker.services.publishing.careers.addresses import company_path, offer_path
from worker.services.publishing.careers.rows import Company, Offer, OfferLine
from worker.services.publishing.careers.structured_data import known, posted_at

LONGEST_TITLE = 160
LONGEST_LINE = 160
# Bytes of an offer's texts on its page, which is at most 30 KB with all that stands around them.
LONGEST_TEXTS = 9_000
FEWEST = 200
# How many bytes longer `<` becomes where a script may not end.
ESCAPED = 5
LONGEST_SUMMARY = 200

SECTIONS: Mapping[str, str] = {
    "description": message("Le poste"),
    "context": message("Contexte"),
    "mission_principale": message("Mission principale"),
    "responsibilities": message("Responsabilités"),
    "requirements": message("Profil recherché"),
    "profil_formation": message("Formation"),
    "profil_experience": message("Expérience"),
    "profil_competences": message("Compétences"),
    "profil_posture": message("Qualités attendues"),
    "profil_autre": message("Autres critères"),
    "benefits": message("Avantages"),
}
NAMELESS = message("Entreprise confidentielle")
UNTITLED = message("Offre d’emploi")
POSTED = message("Publiée le %(day)s")


@dataclass(frozen=True, slots=True)
class Section:
    """title: a French text of the catalogue. body: harmless HTML."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Texts:
    """is_whole: nothing had to be left out."""

    sections: tuple[Section, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Line:
    """An offer in a list."""

    title: str
    facts: tuple[str, ...]
    salary: str
    posted: str
    path: str
    language: localisation.Locale


def offer_locale(offer: OfferLine) -> localisation.Locale:
    """The language that the offer is written in; French when it does not say."""
    return known_locale((offer.language or DEFAULT_LOCALE).strip().lower()[:2])


def company_name(company: Company, locale: str) -> str:
    return texts.one_line(company.name, LONGEST_LINE) or translate(locale, NAMELESS)


def offer_title(offer: OfferLine, locale: str) -> str:
    return texts.one_line(offer.title, LONGEST_TITLE) or translate(locale, UNTITLED)


def path_of(company: Company, offer: OfferLine) -> str:
    return offer_path(company.id, company.name, offer.id, offer.title)


def path_of_company(company: Company) -> str:
    return company_path(company.id, company.name)


def town(company: Company, locale: str) -> str:
    """City and country, this one by its name."""
    code = country_code(company.country)
    country = Locale.parse(locale).territories.get(code, "") if code else company.country
    parts = (texts.one_line(part, LONGEST_LINE) for part in (company.city, country))
    return ", ".join(dict.fromkeys(filter(None, parts)))


def facts(offer: OfferLine, locale: str) -> tuple[str, ...]:
    """Where, how and for how long one works, as far as the offer says."""
    values = (
        offer.location,
        formats.kind(offer.location_type, locale),
        formats.kind(offer.job_type, locale),
    )
    return tuple(dict.fromkeys(fact for value in values if (fact := texts.one_line(value, LONGEST_LINE))))


def salary(offer: OfferLine, locale: str) -> str:
    """Negative amounts are mistakes."""
    low, high = (max(bound or 0, 0) for bound in (offer.salary_min, offer.salary_max))
    return _salary(low, high, offer.currency, locale)


def day(moment: datetime | None, settings: Settings, locale: str) -> str:
    """On the platform's clock; empty for an instant of no calendar."""
    told = known(moment)
    return _day(told.astimezone(ZoneInfo(settings.platform_timezone)).date(), locale) if told else ""


# Few amounts and days stand in many offers, and putting one into words takes longer than all else of a line.
_salary = lru_cache(maxsize=4096)(formats.salary)
_day = lru_cache(maxsize=4096)(formats.day)


def line(company: Company, offer: OfferLine, settings: Settings, locale: str) -> Line:
    posted = day(posted_at(offer), settings, locale)
    return Line(
        offer_title(offer, locale),
        facts(offer, locale),
        salary(offer, locale),
        translate(locale, POSTED, day=posted) if posted else "",
        path_of(company, offer),
        offer_locale(offer),
    )


def summary(offer: OfferLine, locale: str) -> str:
    """What a card or a feed says below the title."""
    description = texts.summary(offer.description, LONGEST_SUMMARY)
    return description or " · ".join((*facts(offer, locale), salary(offer, locale))).strip(" ·")


def offer_texts(offer: Offer, most: int = LONGEST_TEXTS) -> Texts:
    """The offer's texts, each once, in at most `most` bytes: what one field repeats of another is left out."""
    shown: list[Section] = []
    is_whole = True
    for name, source in _each_once(offer):
        if most < FEWEST:
            return Texts(tuple(shown), is_whole=False)
        body, fits = texts.fitted(source, most)
        most -= len(body.encode()) + len(SECTIONS[name])
        is_whole = is_whole and fits
        if body:
            shown.append(Section(SECTIONS[name], body))
    return Texts(tuple(shown), is_whole)


def _each_once(offer: Offer) -> Iterator[tuple[str, str]]:
    said = ""
    for name in SECTIONS:
        source = getattr(offer, name) or ""
        words = " ".join(plain_text(source).casefold().split())
        if words and words not in said:
            said += f"\n{words}"
            yield name, source


def joined(found: Texts, locale: str, most: int) -> str:
    """All sections as one text of HTML, in at most `most` bytes; those that do not fit whole are left out."""
    parts: list[str] = []
    for each in found.sections:
        part = f"<p><strong>{html.escape(translate(locale, each.title))}</strong></p>{each.body}"
        most -= len(part.encode()) + ESCAPED * part.count("<")
        if most < 0 and parts:
            break
        parts.append(part)
    return "".join(parts)
