"""The link of a posting: the offer's public page with a mark that no other posting has."""

from worker.kit.settings import Settings
from worker.services.publishing.careers.addresses import offer_path
from worker.services.publishing.careers.sharing import mark_of, marked
from worker.services.publishing.offers import PublishableOffer


def posting_link(settings: Settings, offer: PublishableOffer, posting_id: int) -> str:
    return marked(public_link(settings, offer), mark_of(posting_id))


def public_link(settings: Settings, offer: PublishableOffer) -> str:
    path = offer_path(offer.company_id, offer.company_name, offer.id, offer.title)
    return f"{settings.platform_url.rstrip('/')}{path}"
