"""What a post would look like, from the same words that are sent."""

from dataclasses import dataclass

from worker.contracts.channels import Post
from worker.kit.settings import Settings
from worker.services.publishing import links
from worker.services.publishing.channels.channel import Composition, NetworkRules
from worker.services.publishing.offers import PublishableOffer


@dataclass(frozen=True, slots=True)
class Preview:
    """length: of the whole text, in characters; longest: what the network takes; fold: how many are shown before "see
    more".
    """

    post: Post
    text: str
    length: int
    longest: int
    fold: int
    picture: str


def preview(settings: Settings, offer: PublishableOffer, rules: NetworkRules, message: str | None) -> Preview:
    link = links.public_link(settings, offer)
    post = rules.compose(Composition(offer, link, offer.language, message or None))
    picture = offer.image_url if rules.pictures else ""
    return Preview(post, post.visible, len(post.visible), rules.longest, rules.fold, picture)
