"""What is said to LinkedIn about posts, and what its answers say. Source: LinkedIn, "Posts API"."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from worker.contracts.channels import Figures, Post
from worker.kit.errors import Refused, Retryable
from worker.providers.linkedin.little_text import escape, hashtags, unescape
from worker.providers.linkedin.rest import Members

LONGEST_TEXT = 3000
POST = re.compile(r"urn:li:(share|ugcPost):[0-9]{1,30}")
_PAGE = re.compile(r"urn:li:organization(?:Brand)?:[0-9]{1,30}")
_PERSON = re.compile(r"urn:li:person:[\w-]{1,100}", re.ASCII)
_VISIBLE = frozenset({"PUBLISHED", "PUBLISH_REQUESTED", None})
# What may follow a link in a text without being a part of it.
_NO_MORE_OF_LINK = r"(?![\w%&=/~-])"
_POSTING_ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN"})
"""Sponsored content posters may only advertise. LinkedIn's pages name the second role in both ways."""
_COUNTS: Mapping[str, str] = {
    "impressions": "impressionCount",
    "unique_impressions": "uniqueImpressionsCount",
    "clicks": "clickCount",
    "likes": "likeCount",
    "comments": "commentCount",
    "shares": "shareCount",
}
_NOTHING_YET = Figures(0, 0, 0, 0, 0, 0)
# Milliseconds, in the year 2096; and more than any post is looked at.
_TOO_LATE = 4 * 10**12
_TOO_MANY = 10**15


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that LinkedIn shows. created_at: None where it does not say."""

    id: str
    author: str
    text: str
    source: str
    created_at: datetime | None
    visible: bool

    def is_ours(self, target: str, link: str) -> bool:
        return self.visible and self.author == target and self._holds(link)

    def _holds(self, link: str) -> bool:
        return self.source == link or bool(re.search(re.escape(link) + _NO_MORE_OF_LINK, unescape(self.text)))


def is_page(target: str) -> bool:
    return bool(_PAGE.fullmatch(target))


def body(post: Post, target: str) -> bytes:
    """Raises Refused where the target is nobody, or the text is longer than LinkedIn takes."""
    if not is_page(target) and not _PERSON.fullmatch(target):
        raise Refused("LinkedIn has neither pages nor members of this name: choose the page again.")
    if len(post.visible) > LONGEST_TEXT:
        raise Refused(
            f"The post has {len(post.visible)} characters, LinkedIn takes {LONGEST_TEXT}: shorten the text.",
            code="publishing.too_long",
        )
    said = {
        "author": target,
        "commentary": "\n\n".join(filter(None, (escape(post.text), hashtags(post.hashtags)))),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": {"article": _article(post)},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def _article(post: Post) -> Mapping[str, str]:
    """LinkedIn does not read the page: what is not said here is not shown."""
    card = {"source": post.link, "title": post.title, "description": post.description, "thumbnail": post.picture}
    return {name: value for name, value in card.items() if value}


def seen(element: Any) -> Seen | None:
    """None of what is no post."""
    if not isinstance(element, dict) or not isinstance(element.get("id"), str) or not POST.fullmatch(element["id"]):
        return None
    content = element.get("content")
    article = content.get("article") if isinstance(content, dict) else None
    return Seen(
        id=element["id"],
        author=_text(element, "author"),
        text=_text(element, "commentary"),
        source=_text(article, "source"),
        created_at=_instant(element.get("createdAt")),
        visible=element.get("lifecycleState") in _VISIBLE,
    )


def by_kind(post_ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Ids of posts by the parameter that asks for their statistics; what is no post's is left out."""
    found: dict[str, list[str]] = {"shares": [], "ugcPosts": []}
    for post_id in post_ids:
        if named := POST.fullmatch(post_id):
            found[f"{named[1]}s"].append(post_id)
    return found


def elements(members: Members) -> list[Any]:
    found = members.get("elements")
    if isinstance(found, list):
        return found
    raise Retryable("LinkedIn answered with something that is no list.", code="provider.unusable_answer")


def is_last(members: Members, count: int) -> bool:
    """Whether nothing follows a page for which `count` elements were asked."""
    if len(elements(members)) >= count:
        return False
    paging = members.get("paging")
    links = paging.get("links") if isinstance(paging, dict) else None
    known = links if isinstance(links, list) else []
    return not any(isinstance(link, dict) and link.get("rel") == "next" for link in known)


def pages(members: Members) -> Iterator[str]:
    """URNs of the pages at which the member may post."""
    for element in elements(members):
        if not isinstance(element, dict) or element.get("role") not in _POSTING_ROLES:
            continue
        named = _text(element, "organization") or _text(element, "organizationTarget")
        if element.get("state", "APPROVED") == "APPROVED" and is_page(named):
            yield named


def figures(members: Members, post_ids: Sequence[str]) -> Mapping[str, Figures]:
    """Of each post; LinkedIn leaves out those with which nobody has done anything."""
    told = {
        _text(element, "share") or _text(element, "ugcPost"): _counted(element.get("totalShareStatistics"))
        for element in elements(members)
        if isinstance(element, dict)
    }
    return {post_id: told.get(post_id, _NOTHING_YET) for post_id in post_ids}


def _counted(told: Any) -> Figures:
    members = told if isinstance(told, dict) else {}
    return Figures(**{ours: _count(members.get(theirs)) for ours, theirs in _COUNTS.items()})


def _count(value: Any) -> int | None:
    """Likes that were taken back make some of LinkedIn's counts negative."""
    known = isinstance(value, int) and not isinstance(value, bool) and value < _TOO_MANY
    return max(value, 0) if known else None


def _instant(milliseconds: Any) -> datetime | None:
    known = isinstance(milliseconds, int) and 0 < milliseconds < _TOO_LATE
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if known else None


def _text(members: Any, name: str) -> str:
    value = members.get(name) if isinstance(members, dict) else None
    return value if isinstance(value, str) else ""
