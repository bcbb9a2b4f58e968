"""An offer in a board's terms: place, kind, description and dates, each harmless and in the offer's language."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import babel

from worker.kit.localisation import Locale, known_locale, translate
from worker.kit.words import decoded
from worker.services.email.wording import formats
from worker.services.matching.places import country_code, is_nowhere, place_words
from worker.services.matching.plain_text import plain_text
from worker.services.publishing.boards.offers import BoardOffer
from worker.services.publishing.careers import texts, wording
from worker.services.publishing.careers.cities import SEPARATORS, country_of
from worker.services.publishing.careers.rows import LONGEST_TEXT, Company
from worker.services.publishing.careers.structured_data import known

_PARTED = re.compile(r"\s-\s")
_LINK = re.compile(r"</?a\b[^<>]*>")


def locale_of(offer: BoardOffer) -> Locale:
    return known_locale((offer.language or "").strip().lower()[:2])


def line(text: str | None) -> str:
    """A text that the main web app may have stored with entities of HTML (`R&amp;D`)."""
    return decoded(text or "")


def description(offer: BoardOffer) -> str:
    """HTML of a few elements without links, which boards refuse."""
    return "".join(_sections(offer))


def _sections(offer: BoardOffer) -> Iterator[str]:
    told: set[str] = set()
    for name, heading in wording.SECTIONS.items():
        made, _ = texts.fitted(getattr(offer, name), LONGEST_TEXT)
        if made and made not in told:
            title = f"<h3>{translate(locale_of(offer), heading)}</h3>" if told else ""
            told.add(made)
            yield title + _LINK.sub("", made)


def words(text: str | None) -> str:
    """One text of an offer on one line."""
    return formats.line(plain_text(text or ""), LONGEST_TEXT)


def place(offer: BoardOffer, company: Company) -> tuple[str, str]:
    """City and region as the offer's location names them, else the company's city; empty where nobody says."""
    parts = [each.strip() for each in _PARTED.sub(",", line(offer.location)).translate(SEPARATORS).split(",")]
    named = [each for each in parts if each and not _is_no_town(each)]
    if not named:
        return ("" if offer.location_type == "remote" else line(company.city)), ""
    return named[0], named[1] if len(named) > 1 else ""


def _is_no_town(part: str) -> bool:
    name = place_words(part)
    return is_nowhere(name) or (country_code(part) is not None and len(part) > len("CM"))


def country(offer: BoardOffer, company: Company) -> str:
    """The ISO 3166 alpha-2 code; empty where neither offer nor company tells."""
    return country_of(offer.country, offer.location) or country_of(company.country, company.city) or ""


def country_name(code: str, locale: Locale) -> str:
    return str(babel.Locale(locale).territories.get(code, code)) if code else ""


def salary(offer: BoardOffer) -> str:
    return formats.salary(offer.salary_min, offer.salary_max, offer.currency, locale_of(offer))


def instant(moment: datetime | None) -> str:
    """ISO 8601 in UTC; empty for none, and for what Postgres calls infinite."""
    told = known(moment)
    return told.astimezone(UTC).isoformat(timespec="seconds") if told else ""


def posted(offer: BoardOffer) -> str:
    return instant(offer.posted_at) or instant(offer.created_at)
