"""LinkedIn: posts of an organisation's page or of the member who connected the account."""

import re
from urllib.parse import unquote

from models.enums import PostingChannel
from worker.contracts.channels import Post
from worker.contracts.providers import CREDENTIALS
from worker.services.publishing.channels import wording
from worker.services.publishing.channels.channel import Channel, Composition, NetworkRules

# Of the card below a post.
LONGEST_TITLE, LONGEST_DESCRIPTION = 200, 256

_ID = re.compile(r"urn:li:(?:share|ugcPost|activity):[0-9]{1,25}", re.ASCII)


def compose(parts: Composition) -> Post:
    offer = parts.offer
    return Post(
        text=wording.post_text(parts),
        hashtags=wording.hashtags(offer, parts.language),
        link=parts.link,
        title=wording.cut(wording.clean(offer.title), LONGEST_TITLE),
        description=wording.cut(wording.clean(offer.summary) or offer.company_name, LONGEST_DESCRIPTION),
        language=parts.language,
        picture=parts.picture,
    )


def address(post_id: str) -> str:
    """The same for both kinds of URN, `urn:li:share:…` and `urn:li:ugcPost:…`."""
    return f"https://www.linkedin.com/feed/update/{post_id}/"


def target_of(text: str) -> str:
    """An organisation's number is its URN."""
    known = text.strip()
    return f"urn:li:organization:{known}" if known.isascii() and known.isdecimal() else known


def id_of(text: str) -> str | None:
    found = _ID.search(unquote(text))
    return found[0] if found else None


CHANNEL = Channel(
    PostingChannel.LINKEDIN,
    "LinkedIn",
    "network",
    NetworkRules(
        provider="linkedin",
        accounts=CREDENTIALS,
        application=10.0,
        account=2.0,
        longest=3000,
        fold=210,
        pictures=True,
        address=address,
        id_of=id_of,
        compose=compose,
        target_of=target_of,
    ),
)
