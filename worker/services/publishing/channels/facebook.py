"""Facebook: posts of a company's page."""

import re
from urllib.parse import unquote

from models.enums import PostingChannel
from worker.contracts.channels import Post
from worker.contracts.providers import CHANNEL_ACCOUNTS
from worker.services.publishing.channels import wording
from worker.services.publishing.channels.channel import Channel, Composition, NetworkRules

_ID = re.compile(r"[0-9]{1,25}_[0-9]{1,25}", re.ASCII)


def compose(parts: Composition) -> Post:
    """Facebook reads the page behind the link for its card."""
    offer = parts.offer
    return Post(
        text=wording.post_text(parts),
        hashtags=wording.hashtags(offer, parts.language),
        link=parts.link,
        title=offer.title,
        description="",
        language=parts.language,
    )


def address(post_id: str) -> str:
    return f"https://www.facebook.com/{post_id}"


def id_of(text: str) -> str | None:
    found = _ID.search(unquote(text))
    return found[0] if found else None


CHANNEL = Channel(
    PostingChannel.FACEBOOK,
    "Facebook",
    "network",
    NetworkRules(
        provider="facebook",
        accounts=CHANNEL_ACCOUNTS,
        application=10.0,
        account=1.0,
        longest=63_206,
        fold=480,
        pictures=False,
        address=address,
        id_of=id_of,
        compose=compose,
    ),
)
