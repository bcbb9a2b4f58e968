"""X: one short post; what does not fit is left out, the link never."""

import re
from urllib.parse import unquote

from models.enums import PostingChannel
from worker.contracts.channels import Post
from worker.contracts.providers import CHANNEL_ACCOUNTS
from worker.services.publishing.channels import wording
from worker.services.publishing.channels.channel import Channel, Composition, NetworkRules

# 280 less the link (23), hashtags and what stands between; a character may count for two.
LONGEST_LINE, LONGEST_MESSAGE = 60, 100

_ID = re.compile(r"(?<![0-9])[0-9]{5,25}(?![0-9])", re.ASCII)


def compose(parts: Composition) -> Post:
    offer, locale = parts.offer, parts.language
    place = wording.cut(wording.clean(wording.place_of(offer, locale)), LONGEST_LINE)
    headline = wording.cut(wording.clean(offer.title), LONGEST_LINE)
    facts = " · ".join(filter(None, (wording.cut(wording.clean(offer.company_name), LONGEST_LINE // 2), place)))
    message = wording.cut(wording.clean(parts.message or ""), LONGEST_MESSAGE)
    lines = (message, f"📢 {headline}", facts, parts.link)
    return Post(
        text="\n".join(filter(None, lines)),
        hashtags=wording.COMMON_HASHTAGS[locale][:1],
        link=parts.link,
        title=offer.title,
        description="",
        language=locale,
    )


def address(post_id: str) -> str:
    return f"https://x.com/i/web/status/{post_id}"


def id_of(text: str) -> str | None:
    found = _ID.search(unquote(text))
    return found[0] if found else None


CHANNEL = Channel(
    PostingChannel.TWITTER,
    "X",
    "network",
    NetworkRules(
        provider="x",
        accounts=CHANNEL_ACCOUNTS,
        application=1.0,
        account=0.1,
        longest=280,
        fold=280,
        pictures=False,
        address=address,
        id_of=id_of,
        compose=compose,
        billed=True,
    ),
)
