"""The link of a posting: the offer's public page with a mark that no other posting has."""

from worker.kit.settings import Settings
from worker.services.publishing.careers.addresses import offer_path
from worker.services.publishing.offers import PublishableOffer


def posting_link(settings: Settings, offer: PublishableOffer, posting_id: int) -> str:
    return f"{public_link(settings, offer)}?ref={mark(posting_id)}"


def public_link(settings: Settings, offer: PublishableOffer) -> str:
    path = offer_path(offer.company_id, offer.company_name, offer.id, offer.title)
    return f"{settings.platform_url.rstrip('/')}{path}"


def mark(posting_id: int) -> str:
    """Of clicks in posting_clicks, and of the addresses that lead to them."""
    return f"p-{posting_id}"
