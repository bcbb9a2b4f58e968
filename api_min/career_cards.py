"""What networks show of a career page: title, description, picture. The page and the picture's route make the same."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from api_min.actions import careers
from worker.kit.localisation import message, translate
from worker.services.publishing.careers import texts, wording
from worker.services.publishing.careers.pictures import Card
from worker.services.publishing.careers.rows import Company, Offer

HIRING = message("On recrute")
CAREERS = message("Carrières chez %(company)s")


@dataclass(frozen=True, slots=True)
class PageCard:
    """address: the page's canonical one. drawn: what stands on the picture."""

    title: str
    description: str
    address: str
    drawn: Card


def offer_card(company: Company, offer: Offer, locale: str) -> PageCard:
    """The picture is in the offer's own language, so that there is one."""
    own = wording.offer_locale(offer)
    words = (*wording.facts(offer, own)[:2], wording.salary(offer, own))
    drawn = Card(
        translate(own, HIRING),
        wording.offer_title(offer, own),
        wording.company_name(company, own),
        " · ".join(filter(None, words)),
        _host(),
    )
    title, summary = wording.offer_title(offer, locale), wording.summary(offer, locale)
    return PageCard(title, summary, careers.base() + wording.path_of(company, offer), drawn)


def company_card(company: Company, locale: str, counted: int) -> PageCard:
    name = wording.company_name(company, locale)
    title = translate(locale, CAREERS, company=name)
    description = texts.summary(company.description, wording.LONGEST_SUMMARY) or title
    facts = " · ".join(each for part in (company.industry, company.city) if (each := texts.one_line(part, 100)))
    own = wording.company_name(company, "fr")
    drawn = Card(translate("fr", HIRING) if counted else "", own, facts, "", _host())
    return PageCard(title, description, careers.base() + wording.path_of_company(company), drawn)


def picture_address(card: PageCard) -> str:
    """Networks keep a picture by its address for days: another picture has another one."""
    version = hashlib.sha256(repr(card.drawn).encode()).hexdigest()[:12]
    return f"{card.address}/image.png?v={version}"


def _host() -> str:
    return urlsplit(careers.base()).hostname or ""
