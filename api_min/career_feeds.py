"""A company's feed, from its newest offers."""

from api_min.actions import careers
from api_min.actions.careers import FeedPage
from api_min.career_cards import CAREERS
from worker.kit.localisation import translate
from worker.services.publishing.careers import wording
from worker.services.publishing.careers.feeds import Entry, Feed
from worker.services.publishing.careers.rows import Company, OfferLine
from worker.services.publishing.careers.structured_data import known, posted_at


def feed_of(found: FeedPage, name: str, locale: str) -> Feed:
    """name: of its file."""
    company = found.state.company
    page = careers.base() + wording.path_of_company(company)
    called = wording.company_name(company, locale)
    return Feed(
        translate(locale, CAREERS, company=called),
        called,
        locale,
        page,
        f"{page}/{name}",
        [_entry(company, each, locale) for each in found.offers],
    )


def _entry(company: Company, offer: OfferLine, locale: str) -> Entry:
    return Entry(
        wording.offer_title(offer, locale),
        careers.base() + wording.path_of(company, offer),
        wording.summary(offer, locale),
        posted_at(offer),
        known(offer.updated_at),
    )
